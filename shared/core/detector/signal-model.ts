/**
 * What a segment's own past expects of one signal: a level with a daily shape, its dependence on
 * volume, and how noise shrinks with the number of bids. Answers with deviations at three speeds,
 * each calibrated on its own extremes. All learning is clipped, so that no slice teaches much.
 *
 * A model lives in `SIGNAL_MODEL_SIZE` consecutive numbers of a baseline's state, from `at` on.
 */
import { learnTail, resetTail, TAIL_SIZE, tailNats } from "./peak-tail.ts";
import type { Reading, Signal } from "./signals.ts";
import { addToProfile, profileAt } from "./time-profile.ts";

const LEVEL = 1;
/** Fading moments of the log bid count x and of the value's deviation y. */
const X_MEAN = 2;
const XX = 3;
const XY = 4;
/** Fading sums for the fit r² = a·w + b of squared residuals on w = 1 / weight. */
const W_MEAN = 5;
const WW = 6;
const R2 = 7;
const R2W = 8;
const MEDIUM = 9;
const LONG = 10;
const TAILS = 11;
const SPEEDS = 3;
const HOURS = TAILS + SPEEDS * TAIL_SIZE;
const HOUR_BINS = 24;
export const SIGNAL_MODEL_SIZE = HOURS + HOUR_BINS;

const LEVEL_GAIN = 1 / 720;
const HOUR_GAIN = 1 / 300;
const MOMENT_GAIN = 1 / 2880;
const MEDIUM_GAIN = 1 / 5;
const LONG_GAIN = 1 / 25;
/** Brings the slower speeds to about unit noise, where the thresholds start. */
const MEDIUM_SCALE = 3;
const LONG_SCALE = 3;
/** Keeps the slope at 0 until the bid count has varied enough to show one. */
const SLOPE_PRIOR = 0.05;
const CLIP_LEARNED = 3;
const CLIP_FELT = 12;

export function resetSignalModel(state: Float32Array, at: number): void {
  for (let speed = 0; speed < SPEEDS; speed += 1) resetTail(state, at + TAILS + speed * TAIL_SIZE);
}

/** Where a slice stands: filled by the step once a slice and shared by all of its signals. */
export type SlicePosition = {
  logBids: number;
  dayShare: number;
  /** Whether the reference has settled enough for the tails to learn from deviations. */
  settled: boolean;
};

/**
 * Scores one reading and learns it. Returns the surprise in nats of the most surprising of the
 * three speeds, before this slice is learned.
 */
export function stepSignal(
  state: Float32Array,
  at: number,
  signal: Signal,
  { reading, position }: { reading: Reading; position: SlicePosition },
): number {
  const seen = state[at] ?? 0;
  if (seen === 0) {
    state[at + LEVEL] = reading.value;
    state[at + X_MEAN] = position.logBids;
    state[at + R2] = 0.04;
    state[at + W_MEAN] = 1 / reading.weight;
    state[at + WW] = 1 / reading.weight ** 2;
    state[at + R2W] = 0.04 / reading.weight;
  }
  state[at] = seen + 1;
  const early = 1 / (seen + 2);
  const x = position.logBids - (state[at + X_MEAN] ?? 0);
  const slope = signal.followsVolume ? slopeOf(state, at) : 0;
  const reference =
    (state[at + LEVEL] ?? 0) + profileAt(state, at + HOURS, HOUR_BINS, position.dayShare);
  const residual = reading.value - reference - slope * x;
  const spread = spreadAt(state, at, reading.weight);
  const z = residual / spread;

  const felt = clip(z, CLIP_FELT);
  const long = state[at + LONG] ?? 0;
  const nextLong = long + LONG_GAIN * (felt - long);
  const medium = state[at + MEDIUM] ?? 0;
  const nextMedium = medium + MEDIUM_GAIN * (felt - medium);
  state[at + MEDIUM] = nextMedium;
  state[at + LONG] = nextLong;

  const clipped = clip(z, CLIP_LEARNED) * spread;
  state[at + LEVEL] = (state[at + LEVEL] ?? 0) + Math.max(LEVEL_GAIN, early) * clipped;
  addToProfile(state, at + HOURS, HOUR_BINS, {
    share: position.dayShare,
    amount: HOUR_GAIN * clipped,
  });
  const gain = Math.max(MOMENT_GAIN, early);
  learnSpread(state, at, 1 / reading.weight, { square: clipped * clipped, gain });
  if (signal.followsVolume) {
    learnSlope(state, at, x, { y: clipped + slope * x, gain: gain / (1 + z * z * 0.1) });
  }
  let nats = speedNats(state, at + TAILS, sided(signal, z - long), position.settled);
  const mediumRise = sided(signal, (nextMedium - nextLong) * MEDIUM_SCALE);
  nats = Math.max(nats, speedNats(state, at + TAILS + TAIL_SIZE, mediumRise, position.settled));
  const longRise = sided(signal, nextLong * LONG_SCALE);
  return Math.max(nats, speedNats(state, at + TAILS + 2 * TAIL_SIZE, longRise, position.settled));
}

function speedNats(state: Float32Array, at: number, value: number, settled: boolean): number {
  if (!settled) return 0;
  const nats = tailNats(state, at, value);
  learnTail(state, at, value);
  return nats;
}

function sided({ side }: Signal, z: number): number {
  if (side === "both") return Math.abs(z);
  return side === "high" ? z : -z;
}

function slopeOf(state: Float32Array, at: number): number {
  return (state[at + XY] ?? 0) / ((state[at + XX] ?? 0) + SLOPE_PRIOR);
}

function learnSlope(
  state: Float32Array,
  at: number,
  x: number,
  { y, gain }: { y: number; gain: number },
): void {
  state[at + X_MEAN] = (state[at + X_MEAN] ?? 0) + gain * x;
  state[at + XX] = (state[at + XX] ?? 0) + gain * (x * x - (state[at + XX] ?? 0));
  state[at + XY] = (state[at + XY] ?? 0) + gain * (x * y - (state[at + XY] ?? 0));
}

/** Root of the fitted variance a / weight + b; both parts at least a little of what was seen. */
function spreadAt(state: Float32Array, at: number, weight: number): number {
  const w = state[at + W_MEAN] ?? 0;
  const r2 = state[at + R2] ?? 0;
  const varianceOfW = (state[at + WW] ?? 0) - w * w;
  const covariance = (state[at + R2W] ?? 0) - r2 * w;
  const steepest = w > 0 ? r2 / w : 0;
  const fitted = varianceOfW > 0 ? covariance / (varianceOfW + 0.01 * w * w) : 0;
  const a = Math.min(steepest, Math.max(0, fitted));
  const b = r2 - a * w;
  return Math.sqrt(Math.max(a / weight + b, 0.05 * r2, 1e-8));
}

function learnSpread(
  state: Float32Array,
  at: number,
  w: number,
  { square, gain }: { square: number; gain: number },
): void {
  state[at + W_MEAN] = (state[at + W_MEAN] ?? 0) + gain * (w - (state[at + W_MEAN] ?? 0));
  state[at + WW] = (state[at + WW] ?? 0) + gain * (w * w - (state[at + WW] ?? 0));
  state[at + R2] = (state[at + R2] ?? 0) + gain * (square - (state[at + R2] ?? 0));
  state[at + R2W] = (state[at + R2W] ?? 0) + gain * (square * w - (state[at + R2W] ?? 0));
}

function clip(value: number, limit: number): number {
  return Math.min(limit, Math.max(-limit, value));
}
