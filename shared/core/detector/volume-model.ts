/**
 * What a segment's own past expects of its bid count: a level, a daily and a weekly shape on the
 * log scale, and a fast level that follows campaigns. Counts are compared on the scale that makes
 * an over-dispersed count's noise even, with variance a·mean + b·mean², so that 3 bids and
 * 30,000 are judged alike.
 *
 * A model lives in `VOLUME_MODEL_SIZE` consecutive numbers of a baseline's state, from `at` on.
 */
import {
  learnNoise,
  NOISE_SIZE,
  resetNoise,
  sampledNoise,
  standingNoise,
} from "./noise-by-weight.ts";
import { feelSpeeds, resetSpeeds, SPEEDS_SIZE } from "./speeds.ts";
import { addToProfile, profileAt } from "./time-profile.ts";
import { fade } from "./volume-curve.ts";

const SEEN = 0;
const LEVEL = 1;
const FAST = 2;
const SEASON_SQUARE = 3;
const NOISE = 4;
const FELT = NOISE + NOISE_SIZE;
const DAY = FELT + SPEEDS_SIZE;
const DAY_BINS = 48;
const WEEK = DAY + DAY_BINS;
const WEEK_BINS = 168;
const SILENT_SLICES = WEEK + WEEK_BINS;
export const VOLUME_MODEL_SIZE = SILENT_SLICES + 1;

const LEVEL_MEMORY_DAYS = 1;
/** Of a day's slices, how many a knot of the daily or weekly shape remembers. */
const KNOT_MEMORY_DAYS = 1 / 6;
const FAST_MEMORY_SLICES = 12;
const CLIP_LEARNED = 3;
const START_SEASON_SQUARE = 0.09;
/** Below this log ratio to what the season expects, the segment is dark. */
const DARK = -2;
/** Below this one it is silent: no campaign's end looks so, nor chance, since it takes 27 expected bids. */
const SILENT = -4;

export type VolumeContext = {
  readonly dayShare: number;
  readonly weekShare: number;
  /** Slices that make a day; what is learned in the first week is learned faster. */
  readonly slicesPerDay: number;
};

/** What the count was measured by, before this slice was learned. */
export type VolumeScore = {
  /** Bids expected from the season and the fast level. */
  expected: number;
  /** Standard deviation over the mean of the count. */
  spread: number;
  /** True where the segment is all but silent against its season: other signals tell nothing. */
  isDark: boolean;
  /** Slices in a row, this one included, with next to no bid where many were expected. */
  silentSlices: number;
};

/** Scores one count into `scores` from `into` on, one a speed, and learns it. */
export function stepVolume(
  state: Float32Array,
  at: number,
  bidCount: number,
  {
    context,
    score,
    scores,
    into,
  }: { context: VolumeContext; score: VolumeScore; scores: Float64Array; into: number },
): void {
  const seen = state[at + SEEN] ?? 0;
  if (seen === 0) startModel(state, at, bidCount);
  state[at + SEEN] = seen + 1;
  const season =
    (state[at + LEVEL] ?? 0) +
    profileAt(state, at + DAY, DAY_BINS, context.dayShare) +
    profileAt(state, at + WEEK, WEEK_BINS, context.weekShare);
  const fast = state[at + FAST] ?? 0;
  const mean = Math.exp(season + fast);
  const relative = Math.log(bidCount + 0.5) - season;
  const a = sampledNoise(state, at + NOISE, 1);
  const b = Math.max(1e-4, standingNoise(state, at + NOISE, a));
  score.expected = mean;
  score.spread = Math.sqrt(a / mean + b);
  score.isDark = relative <= DARK;
  score.silentSlices = relative <= SILENT ? (state[at + SILENT_SLICES] ?? 0) + 1 : 0;
  state[at + SILENT_SLICES] = score.silentSlices;

  const gain = Math.max(1 / context.slicesPerDay, 1 / (seen + 2));
  learnSeason(state, at, relative, { context, gain });
  const z = relative / Math.sqrt(state[at + SEASON_SQUARE] ?? 1);
  feelSpeeds(state, at + FELT, z, { gain, scores, into });
  scores[into] = nearer(evened(bidCount, a, b) - evened(mean, a, b), 4 * (scores[into] ?? 0));
  if (score.isDark) return;
  state[at + FAST] = fast + (relative - fast) / FAST_MEMORY_SLICES;
  const error = clip((bidCount - mean) / mean, CLIP_LEARNED * score.spread);
  learnNoise(state, at + NOISE, 1 / mean, { square: error * error, gain });
}

function startModel(state: Float32Array, at: number, bidCount: number): void {
  state[at + LEVEL] = Math.log(bidCount + 0.5);
  state[at + SEASON_SQUARE] = START_SEASON_SQUARE;
  const w = 1 / (bidCount + 0.5);
  resetNoise(state, at + NOISE, w, w + 0.01);
  resetSpeeds(state, at + FELT);
}

function learnSeason(
  state: Float32Array,
  at: number,
  relative: number,
  { context, gain }: { context: VolumeContext; gain: number },
): void {
  const square = state[at + SEASON_SQUARE] ?? 1;
  const clipped = clip(relative, CLIP_LEARNED * Math.sqrt(square));
  const { dayShare, weekShare, slicesPerDay } = context;
  const seen = state[at + SEEN] ?? 0;
  const levelGain = Math.max(1 / (LEVEL_MEMORY_DAYS * slicesPerDay), 1 / (seen + 1));
  state[at + LEVEL] = (state[at + LEVEL] ?? 0) + levelGain * clipped;
  const weeks = seen / (7 * slicesPerDay);
  const eager = weeks < 1 ? 4 - 3 * weeks : 1;
  const amount = clipped / (KNOT_MEMORY_DAYS * slicesPerDay);
  addToProfile(state, at + DAY, DAY_BINS, { share: dayShare, amount: amount * eager });
  addToProfile(state, at + WEEK, WEEK_BINS, { share: weekShare, amount });
  fade(state, at + SEASON_SQUARE, gain, Math.max(1e-4, clipped * clipped * 1.02));
}

/** The scale on which a count of variance a·mean + b·mean² has noise of 1 at every mean. */
function evened(count: number, a: number, b: number): number {
  return (2 / Math.sqrt(b)) * Math.asinh(Math.sqrt((b * (count + 0.375)) / a));
}

function nearer(one: number, other: number): number {
  return Math.abs(one) < Math.abs(other) ? one : other;
}

function clip(value: number, limit: number): number {
  return Math.min(limit, Math.max(-limit, value));
}
