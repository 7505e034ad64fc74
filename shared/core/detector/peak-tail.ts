/**
 * How rare a signal's value is, learned from the extremes of the signal's own past (peaks over
 * threshold). The threshold settles where episodes above it begin at a fixed rate; each episode
 * teaches its highest excess, once, to a generalized Pareto tail. Nothing is ever frozen: an alarm
 * is an episode like any other, and bounded like any other.
 *
 * A tail lives in `TAIL_SIZE` consecutive numbers of a baseline's state, from `at` on.
 */

const THRESHOLD = 0;
/** Episodes learned, fading; the weight of the two sums after it. */
const WEIGHT = 1;
const EXCESS_SUM = 2;
const EXCESS_SQUARE_SUM = 3;
/** One more than the highest excess of the open episode; 0 where none is open. */
const OPEN_PEAK = 4;
const QUIET_SLICES = 5;
const OPEN_SLICES = 6;
export const TAIL_SIZE = 7;

/** Episodes begin once in so many slices; the body of the distribution lies below. */
export const SLICES_PER_EPISODE = 72;
/** ln of the above: the surprise, in nats, of a value at the threshold. */
export const THRESHOLD_NATS = Math.log(SLICES_PER_EPISODE);

const START_THRESHOLD = 2;
const START_MEAN_EXCESS = 0.5;
const START_WEIGHT = 2;
/** An episode ends after so many slices below the threshold, or when it has lasted too long. */
const QUIET_SLICES_TO_CLOSE = 10;
const LONGEST_EPISODE_SLICES = 360;
const WEIGHT_MAX = 1000;
const GAIN_MIN = 0.05;
/** The tail's shape before any evidence, and how many episodes that opinion is worth. */
const PRIOR_SHAPE = 0.1;
const PRIOR_SHAPE_WEIGHT = 40;
const SHAPE_MIN = -0.2;
const SHAPE_MAX = 0.5;
/** An episode teaches no more than the peak expected once in e^CAP_NATS episodes. */
const CAP_NATS = 7;

export function resetTail(state: Float32Array, at: number): void {
  state[at + THRESHOLD] = START_THRESHOLD;
}

/** Episodes learned so far, at most {@link WEIGHT_MAX}. */
export function tailWeight(state: Float32Array, at: number): number {
  return state[at + WEIGHT] ?? 0;
}

/**
 * The surprise of `value` in nats: minus the log of how many episodes a slice are as extreme.
 * Rises without bound in `value`; 0 for a value of 0 or less.
 */
export function tailNats(state: Float32Array, at: number, value: number): number {
  if (!(value > 0)) return 0;
  const threshold = state[at] ?? 0;
  if (value <= threshold) {
    const part = value / threshold;
    return THRESHOLD_NATS * part * part;
  }
  const mean = meanExcess(state, at);
  const shape = tailShape(state, at);
  return THRESHOLD_NATS + excessNats(value - threshold, mean * (1 - shape), shape);
}

/** Teaches one slice's value. */
export function learnTail(state: Float32Array, at: number, value: number): void {
  const threshold = state[at] ?? 0;
  const openPeak = state[at + OPEN_PEAK] ?? 0;
  if (openPeak === 0) {
    if (value > threshold) openEpisode(state, at, value - threshold);
    else moveThreshold(state, at, -1 / SLICES_PER_EPISODE);
    return;
  }
  const openSlices = (state[at + OPEN_SLICES] ?? 0) + 1;
  const quiet = value > threshold ? 0 : (state[at + QUIET_SLICES] ?? 0) + 1;
  state[at + OPEN_SLICES] = openSlices;
  state[at + QUIET_SLICES] = quiet;
  state[at + OPEN_PEAK] = Math.max(openPeak, 1 + value - threshold);
  if (quiet >= QUIET_SLICES_TO_CLOSE || openSlices >= LONGEST_EPISODE_SLICES)
    closeEpisode(state, at);
}

function openEpisode(state: Float32Array, at: number, excess: number): void {
  state[at + OPEN_PEAK] = 1 + excess;
  state[at + QUIET_SLICES] = 0;
  state[at + OPEN_SLICES] = 1;
  moveThreshold(state, at, 1);
}

function closeEpisode(state: Float32Array, at: number): void {
  const weight = tailWeight(state, at);
  const shape = tailShape(state, at);
  const scale = meanExcess(state, at) * (1 - shape);
  const cap = (scale * (Math.exp(shape * CAP_NATS) - 1)) / shape;
  const excess = Math.min((state[at + OPEN_PEAK] ?? 0) - 1, cap);
  const keep = weight >= WEIGHT_MAX ? 1 - 1 / WEIGHT_MAX : 1;
  state[at + WEIGHT] = weight * keep + 1;
  state[at + EXCESS_SUM] = (state[at + EXCESS_SUM] ?? 0) * keep + excess;
  state[at + EXCESS_SQUARE_SUM] = (state[at + EXCESS_SQUARE_SUM] ?? 0) * keep + excess * excess;
  state[at + OPEN_PEAK] = 0;
}

/** Robbins-Monro: where onsets come at the asked rate, its ups and downs cancel. */
function moveThreshold(state: Float32Array, at: number, direction: number): void {
  const gain = Math.max(GAIN_MIN, 1 / (1 + 0.2 * tailWeight(state, at)));
  const moved = (state[at] ?? 0) + direction * gain * meanExcess(state, at);
  state[at] = Math.max(0.05, moved);
}

function meanExcess(state: Float32Array, at: number): number {
  const sum = (state[at + EXCESS_SUM] ?? 0) + START_WEIGHT * START_MEAN_EXCESS;
  return sum / (tailWeight(state, at) + START_WEIGHT);
}

/** By moments, drawn towards the prior while episodes are few. Never exactly 0. */
function tailShape(state: Float32Array, at: number): number {
  const weight = tailWeight(state, at);
  if (weight < 3) return PRIOR_SHAPE;
  const mean = (state[at + EXCESS_SUM] ?? 0) / weight;
  const variance = (state[at + EXCESS_SQUARE_SUM] ?? 0) / weight - mean * mean;
  const raw = variance > 0 ? 0.5 * (1 - (mean * mean) / variance) : SHAPE_MIN;
  const drawn = (weight * raw + PRIOR_SHAPE_WEIGHT * PRIOR_SHAPE) / (weight + PRIOR_SHAPE_WEIGHT);
  const shape = Math.min(SHAPE_MAX, Math.max(SHAPE_MIN, drawn));
  return Math.abs(shape) < 1e-4 ? 1e-4 : shape;
}

/** Minus the log of the Pareto tail's survival at `excess`; beyond the end of a bounded tail, large. */
function excessNats(excess: number, scale: number, shape: number): number {
  const inside = 1 + (shape * excess) / scale;
  return inside > 1e-6 ? Math.log(inside) / shape : 60;
}
