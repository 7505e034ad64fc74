/**
 * How the noise of a reading shrinks with the weight behind it: squared residuals fitted as
 * a / weight + b, by fading sums.
 *
 * A fit lives in `NOISE_SIZE` consecutive numbers of a baseline's state, from `at` on.
 */
import { fade } from "./volume-curve.ts";

const W = 0;
const WW = 1;
const R2 = 2;
const R2W = 3;
export const NOISE_SIZE = 4;

/** Starts the fit from one reading: `w` is 1 / weight, `square` a guess of its squared residual. */
export function resetNoise(state: Float32Array, at: number, w: number, square: number): void {
  state[at + W] = w;
  state[at + WW] = w * w;
  state[at + R2] = square;
  state[at + R2W] = square * w;
}

/** Learns a squared residual of a reading with w = 1 / weight. */
export function learnNoise(
  state: Float32Array,
  at: number,
  w: number,
  { square, gain }: { square: number; gain: number },
): void {
  fade(state, at + W, gain, w);
  fade(state, at + WW, gain, w * w);
  fade(state, at + R2, gain, square);
  fade(state, at + R2W, gain, square * w);
}

/** The part of the variance that goes with 1 / weight: at least `least`, at most all of it. */
export function sampledNoise(state: Float32Array, at: number, least: number): number {
  const w = state[at + W] ?? 0;
  const r2 = state[at + R2] ?? 0;
  const varianceOfW = (state[at + WW] ?? 0) - w * w;
  const covariance = (state[at + R2W] ?? 0) - r2 * w;
  const most = w > 0 ? r2 / w : least;
  const fitted = varianceOfW > 0 ? covariance / (varianceOfW + 0.01 * w * w) : least;
  return Math.max(least, Math.min(fitted, most));
}

/** The part that no weight takes away, beside `sampled` from {@link sampledNoise}. */
export function standingNoise(state: Float32Array, at: number, sampled: number): number {
  return (state[at + R2] ?? 0) - sampled * (state[at + W] ?? 0);
}

/** Mean squared residual over all weights. */
export function meanNoise(state: Float32Array, at: number): number {
  return state[at + R2] ?? 0;
}
