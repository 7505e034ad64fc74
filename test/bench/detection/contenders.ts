/**
 * What the detector is compared with: three ways to watch the bid count of one segment that a team
 * would try first. Each gives a score a slice, and flags where it reaches a threshold.
 */
import {
  learnTail,
  resetTail,
  TAIL_SIZE,
  tailNats,
} from "../../../shared/core/detector/peak-tail.ts";
import { HOUR_MS } from "../../../shared/core/time.ts";

/** Scores one segment's counts, slice by slice. */
export type Watcher = (bidCount: number, sliceStartMs: number) => number;

export type Contender = {
  readonly name: string;
  readonly createWatcher: () => Watcher;
  /** The score at which it flags as it comes. */
  readonly threshold: number;
};

const EWMA_GAIN = 1 / 60;

/** Five standard deviations above a fading mean of an hour. */
function createEwma(): Watcher {
  let mean = -1;
  let variance = 0;
  return (bidCount) => {
    if (mean < 0) mean = bidCount;
    const off = bidCount - mean;
    const score = off / Math.sqrt(variance + 1);
    mean += EWMA_GAIN * off;
    variance += EWMA_GAIN * (off * off - variance);
    return score;
  };
}

/** Four standard deviations above the mean of the same hour of the day, on the log scale. */
function createHourBand(): Watcher {
  const count = new Float64Array(24);
  const sum = new Float64Array(24);
  const squares = new Float64Array(24);
  return (bidCount, sliceStartMs) => {
    const hour = Math.floor(sliceStartMs / HOUR_MS) % 24;
    const value = Math.log(bidCount + 1);
    const seen = count[hour] ?? 0;
    const mean = seen > 0 ? (sum[hour] ?? 0) / seen : value;
    const variance = seen > 0 ? (squares[hour] ?? 0) / seen - mean * mean : 1;
    count[hour] = seen + 1;
    sum[hour] = (sum[hour] ?? 0) + value;
    squares[hour] = (squares[hour] ?? 0) + value * value;
    return (value - mean) / Math.sqrt(Math.max(variance, 1e-4));
  };
}

/** Peaks over threshold on the log count against its fading mean. */
function createPeaks(): Watcher {
  const state = new Float32Array(TAIL_SIZE);
  resetTail(state, 0, 0.5);
  let mean = -1;
  return (bidCount) => {
    const value = Math.log(bidCount + 1);
    if (mean < 0) mean = value;
    const off = value - mean;
    mean += EWMA_GAIN * off;
    const nats = tailNats(state, 0, off, 0.1);
    learnTail(state, 0, off);
    return nats;
  };
}

/** `peakNats` is the surprise asked for, which the peaks-over-threshold contender shares. */
export function contendersOf(peakNats: number): readonly Contender[] {
  return [
    { name: "EWMA, 5 sigma", createWatcher: createEwma, threshold: 5 },
    { name: "hour-of-day band, 4 sigma", createWatcher: createHourBand, threshold: 4 },
    { name: "peaks over threshold", createWatcher: createPeaks, threshold: peakNats },
  ];
}
