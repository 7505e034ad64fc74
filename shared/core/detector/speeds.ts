/**
 * One stream of standard scores felt at several speeds: its fading means, each in units of how far
 * that mean has strayed in the past. The quicker ones are measured from the slowest, so that drift is
 * no jump, and never beyond where they stand themselves, so that the end of a rise is no fall.
 *
 * A stream lives in `SPEEDS_SIZE` consecutive numbers of a baseline's state.
 */
import { fade } from "./volume-curve.ts";

/** Memory of each fading mean in slices, quickest first. */
export const SPEED_SLICES = [1, 3, 12, 40] as const;
export const SPEEDS = SPEED_SLICES.length;
const SLOWEST = SPEEDS - 1;
const VARIANCES = SPEEDS;
export const SPEEDS_SIZE = 2 * SPEEDS;

const CLIP_FELT = 12;
const CLIP_LEARNED = 3;

export function resetSpeeds(state: Float32Array, at: number): void {
  for (const [speed, slices] of SPEED_SLICES.entries()) state[at + VARIANCES + speed] = 1 / slices;
}

/** Feels one score and writes `SPEEDS` scores into `scores` from `into` on; `gain` is of variances. */
export function feelSpeeds(
  state: Float32Array,
  at: number,
  z: number,
  { gain, scores, into }: { gain: number; scores: Float64Array; into: number },
): void {
  const felt = Math.min(CLIP_FELT, Math.max(-CLIP_FELT, z));
  const slow = state[at + SLOWEST] ?? 0;
  for (let speed = 0; speed < SPEEDS; speed += 1) {
    fade(state, at + speed, 1 / (SPEED_SLICES[speed] ?? 1), felt);
    const mean = state[at + speed] ?? 0;
    const strayed = speed < SLOWEST ? lesser(mean, mean - slow) : mean;
    const variance = state[at + VARIANCES + speed] ?? 1;
    const score = strayed / Math.sqrt(variance);
    scores[into + speed] = score;
    const kept = bounded(score);
    fade(state, at + VARIANCES + speed, gain, variance * kept * kept * 1.03);
  }
}

/** How far the mean at one speed strays: what a score there is measured in. */
export function strayAt(state: Float32Array, at: number, speed: number): number {
  return Math.sqrt(state[at + VARIANCES + speed] ?? 1);
}

/** What is learned of a standard score: all of it up to a bound, less of it the further beyond. */
export function bounded(z: number): number {
  const size = Math.abs(z);
  return size <= CLIP_LEARNED ? z : Math.sign(z) * CLIP_LEARNED * Math.sqrt(CLIP_LEARNED / size);
}

/** The nearer to 0 of two numbers of one sign; 0 where their signs differ. */
function lesser(one: number, other: number): number {
  if (one * other <= 0) return 0;
  return Math.abs(one) < Math.abs(other) ? one : other;
}
