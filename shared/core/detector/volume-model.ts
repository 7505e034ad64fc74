/**
 * What a segment's own past expects of its bid count: a level, a daily and a weekly shape on the
 * log scale, and a fast level that follows campaigns. Counts are compared on the scale that makes
 * an over-dispersed count's noise even, with variance a·mean + b·mean², so that 3 bids and
 * 30,000 are judged alike.
 *
 * A model lives in `VOLUME_MODEL_SIZE` consecutive numbers of a baseline's state, from `at` on.
 */
import { learnTail, resetTail, TAIL_SIZE, tailNats } from "./peak-tail.ts";
import { addToProfile, profileAt } from "./time-profile.ts";

const LEVEL = 1;
const FAST = 2;
const SEASON_SPREAD = 3;
/** Fading sums for the fit (count - mean)² / mean² = a / mean + b. */
const W_MEAN = 4;
const WW = 5;
const R2 = 6;
const R2W = 7;
const MEDIUM = 8;
const LONG = 9;
const TAILS = 10;
const SPEEDS = 3;
const DAY = TAILS + SPEEDS * TAIL_SIZE;
const DAY_BINS = 48;
const WEEK = DAY + DAY_BINS;
const WEEK_BINS = 168;
export const VOLUME_MODEL_SIZE = WEEK + WEEK_BINS;

const LEVEL_GAIN = 1 / 1440;
const DAY_GAIN = 1 / 240;
const WEEK_GAIN = 1 / 240;
const FAST_GAIN = 1 / 12;
const MEDIUM_GAIN = 1 / 5;
const LONG_GAIN = 1 / 25;
const MOMENT_GAIN = 1 / 1440;
const CLIP_LEARNED = 3;
const CLIP_FELT = 12;
/** Below this log ratio the segment is dark: the fast level waits for it to come back. */
const DARK = -2;

export function resetVolumeModel(state: Float32Array, at: number): void {
  for (let speed = 0; speed < SPEEDS; speed += 1) resetTail(state, at + TAILS + speed * TAIL_SIZE);
}

export type VolumeContext = {
  readonly dayShare: number;
  readonly weekShare: number;
  /** Slices that make a day; what is learned in the first week is learned faster. */
  readonly slicesPerDay: number;
  readonly settled: boolean;
};

/** Surprises in nats, before this slice is learned, and what was expected of the count. */
export type VolumeScore = { jump: number; ramp: number; expected: number; spread: number };

/** Scores one count into `score` and learns it. */
export function stepVolume(
  state: Float32Array,
  at: number,
  bidCount: number,
  { context, score }: { context: VolumeContext; score: VolumeScore },
): void {
  const seen = state[at] ?? 0;
  if (seen === 0) {
    state[at + LEVEL] = Math.log(bidCount + 0.5);
    state[at + SEASON_SPREAD] = 0.09;
    const w = 1 / (bidCount + 0.5);
    state[at + W_MEAN] = w;
    state[at + WW] = w * w;
    state[at + R2] = w + 0.01;
    state[at + R2W] = (w + 0.01) * w;
  }
  state[at] = seen + 1;
  const season =
    (state[at + LEVEL] ?? 0) +
    profileAt(state, at + DAY, DAY_BINS, context.dayShare) +
    profileAt(state, at + WEEK, WEEK_BINS, context.weekShare);
  const fast = state[at + FAST] ?? 0;
  const mean = Math.exp(season + fast);
  const relative = Math.log(bidCount + 0.5) - season;
  const w = 1 / mean;
  const { a, b } = dispersion(state, at);
  const z = evened(bidCount, a, b) - evened(mean, a, b);
  score.expected = mean;
  score.spread = Math.sqrt(a / mean + b);

  learnSeason(state, at, relative, { context, seen });
  const felt = clip(z, CLIP_FELT);
  const medium = (state[at + MEDIUM] ?? 0) * (1 - MEDIUM_GAIN) + MEDIUM_GAIN * felt;
  const spread = Math.sqrt(state[at + SEASON_SPREAD] ?? 1);
  const long = (state[at + LONG] ?? 0) * (1 - LONG_GAIN) + LONG_GAIN * clip(relative, 4 * spread);
  state[at + MEDIUM] = medium;
  state[at + LONG] = long;
  if (relative > DARK) {
    state[at + FAST] = fast + FAST_GAIN * (relative - fast);
    const gain = Math.max(MOMENT_GAIN, 1 / (seen + 2));
    const spreadNow = Math.sqrt(a * w + b);
    const error = clip((bidCount - mean) / mean, CLIP_LEARNED * spreadNow);
    learnDispersion(state, at, w, { square: error * error, gain });
  }
  const jump = nats(state, at + TAILS, z, context.settled);
  const rise = nats(state, at + TAILS + TAIL_SIZE, medium * 3, context.settled);
  score.jump = Math.max(jump, rise);
  score.ramp = nats(state, at + TAILS + 2 * TAIL_SIZE, (2 * long) / spread, context.settled);
}

function nats(state: Float32Array, at: number, value: number, settled: boolean): number {
  if (!settled) return 0;
  const surprise = tailNats(state, at, value);
  learnTail(state, at, value);
  return surprise;
}

function learnSeason(
  state: Float32Array,
  at: number,
  relative: number,
  { context, seen }: { context: VolumeContext; seen: number },
): void {
  const square = state[at + SEASON_SPREAD] ?? 1;
  const clipped = clip(relative, CLIP_LEARNED * Math.sqrt(square));
  const early = 1 / (seen + 2);
  state[at + LEVEL] = (state[at + LEVEL] ?? 0) + Math.max(LEVEL_GAIN, early) * clipped;
  const weeks = seen / (7 * context.slicesPerDay);
  const eager = weeks < 1 ? 4 - 3 * weeks : 1;
  const { dayShare, weekShare } = context;
  addToProfile(state, at + DAY, DAY_BINS, { share: dayShare, amount: DAY_GAIN * eager * clipped });
  addToProfile(state, at + WEEK, WEEK_BINS, { share: weekShare, amount: WEEK_GAIN * clipped });
  const gain = Math.max(MOMENT_GAIN, early);
  state[at + SEASON_SPREAD] = Math.max(1e-4, square + gain * (clipped * clipped * 1.02 - square));
}

/** The two parts of the count's relative variance a / mean + b; a is never below Poisson's share. */
function dispersion(state: Float32Array, at: number): { a: number; b: number } {
  const w = state[at + W_MEAN] ?? 0;
  const r2 = state[at + R2] ?? 0;
  const varianceOfW = (state[at + WW] ?? 0) - w * w;
  const covariance = (state[at + R2W] ?? 0) - r2 * w;
  const fitted = varianceOfW > 0 ? covariance / (varianceOfW + 0.01 * w * w) : 1;
  const a = Math.max(1, Math.min(fitted, w > 0 ? r2 / w : 1));
  return { a, b: Math.max(1e-4, r2 - a * w) };
}

function learnDispersion(
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

/** The scale on which a count of variance a·mean + b·mean² has noise of 1 at every mean. */
function evened(count: number, a: number, b: number): number {
  return (2 / Math.sqrt(b)) * Math.asinh(Math.sqrt((b * (count + 0.375)) / a));
}

function clip(value: number, limit: number): number {
  return Math.min(limit, Math.max(-limit, value));
}
