/**
 * What a segment's own past expects of one signal: a curve over volume with a daily shape, and how
 * noise shrinks with the number of bids. Answers with standard scores at several speeds. All learning
 * is bounded, so that no slice teaches much.
 *
 * A model lives in `SIGNAL_MODEL_SIZE` consecutive numbers of a baseline's state, from `at` on.
 */
import type { SignalScores } from "./leaning.ts";
import {
  learnNoise,
  meanNoise,
  NOISE_SIZE,
  resetNoise,
  sampledNoise,
  standingNoise,
} from "./noise-by-weight.ts";
import type { Reading } from "./signals.ts";
import { bounded, feelSpeeds, resetSpeeds, SPEEDS, SPEEDS_SIZE, strayAt } from "./speeds.ts";
import { addToProfile, profileAt } from "./time-profile.ts";
import { type CurvePoint, fade } from "./volume-curve.ts";

const SEEN = 0;
/** Fading means of the value y, and of its products with x and x². */
const Y = 1;
const XY = 2;
const QY = 3;
const NOISE = 4;
const FELT = NOISE + NOISE_SIZE;
const HOURS = FELT + SPEEDS_SIZE;
const HOUR_BINS = 24;
export const SIGNAL_MODEL_SIZE = HOURS + HOUR_BINS;

/** Of a day's slices, how many an hour's knot remembers. */
const HOUR_MEMORY_DAYS = 0.2;
const START_SQUARE = 0.04;
/** Least share of the mean squared residual that any slice's variance is taken to have. */
const LEAST_NOISE = 0.05;

/** Where a slice stands: filled once a slice and shared by all of its signals. */
export type SlicePosition = {
  readonly point: CurvePoint;
  /** Part of the day that has passed, 0 to 1. */
  dayShare: number;
  slicesPerDay: number;
  memorySlices: number;
};

/** Scores one reading into `slice` from `into` on, one a speed, and learns it. */
export function stepSignal(
  state: Float32Array,
  at: number,
  { value, weight, followsVolume, dilution }: Reading,
  { position, slice, into }: { position: SlicePosition; slice: SignalScores; into: number },
): void {
  const { point, dayShare } = position;
  const seen = state[at + SEEN] ?? 0;
  if (seen === 0) {
    state[at + Y] = value;
    resetNoise(state, at + NOISE, 1 / weight, START_SQUARE);
    resetSpeeds(state, at + FELT);
  }
  state[at + SEEN] = seen + 1;
  const mean = state[at + Y] ?? 0;
  const curve = followsVolume ? curveAt(state, at, mean, point) : 0;
  const hour = profileAt(state, at + HOURS, HOUR_BINS, dayShare);
  const expected = mean + curve + hour;
  const spread = spreadAt(state, at + NOISE, weight);
  const noise = followsVolume ? spread * Math.sqrt(1 + point.leverage) : spread;
  const z = (value - expected) / noise;
  const gain = Math.max(1 / position.memorySlices, 1 / (seen + 2));
  feelSpeeds(state, at + FELT, z, { gain, scores: slice.scores, into });
  const fall = dilution(expected) / noise;
  for (let speed = 0; fall > 0 && speed < SPEEDS; speed += 1) {
    slice.sensitivity[into + speed] = fall / strayAt(state, at + FELT, speed);
  }

  const learned = bounded(z) * spread;
  const y = mean + curve + learned;
  fade(state, at + Y, gain, y);
  fade(state, at + XY, gain, y * point.x);
  fade(state, at + QY, gain, y * point.q);
  const amount = learned / (HOUR_MEMORY_DAYS * position.slicesPerDay);
  addToProfile(state, at + HOURS, HOUR_BINS, { share: dayShare, amount });
  learnNoise(state, at + NOISE, 1 / weight, { square: learned * learned, gain });
}

function curveAt(state: Float32Array, at: number, mean: number, point: CurvePoint): number {
  const withX = (state[at + XY] ?? 0) - point.meanX * mean;
  const withQ = (state[at + QY] ?? 0) - point.meanQ * mean;
  return point.onX * withX + point.onQ * withQ;
}

function spreadAt(state: Float32Array, at: number, weight: number): number {
  const sampled = sampledNoise(state, at, 0);
  const variance = sampled / weight + standingNoise(state, at, sampled);
  return Math.sqrt(Math.max(variance, LEAST_NOISE * meanNoise(state, at), 1e-8));
}
