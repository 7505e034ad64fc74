/**
 * How rare a score is, learned from the extremes of its own past (peaks over threshold). The threshold
 * settles where episodes above it begin at a fixed rate; each episode teaches its highest excess, once
 * and bounded, to a Pareto tail of given shape. Nothing is ever frozen: an alarm is an episode
 * like any other, and one attack in a hundred episodes moves the tail by next to nothing.
 *
 * A tail lives in `TAIL_SIZE` consecutive numbers of a baseline's state, from `at` on.
 */

const THRESHOLD = 0;
/** Episodes learned, fading; the weight of the sum after it. */
const WEIGHT = 1;
const EXCESS_SUM = 2;
/** One more than the highest excess of the open episode; 0 where none is open. */
const OPEN_PEAK = 3;
const QUIET_SLICES = 4;
const OPEN_SLICES = 5;
export const TAIL_SIZE = 6;

/** Episodes begin once in so many slices; the body of the distribution lies below. */
const SLICES_PER_EPISODE = 72;
/** ln of the above: the surprise, in nats, of a value at the threshold. */
export const THRESHOLD_NATS = Math.log(SLICES_PER_EPISODE);

const START_MEAN_EXCESS = 0.5;
const START_WEIGHT = 2;
/** An episode ends after so many slices below the threshold, or when it has lasted too long. */
const QUIET_SLICES_TO_CLOSE = 10;
const LONGEST_EPISODE_SLICES = 360;
const WEIGHT_MAX = 1000;
const GAIN_MIN = 0.05;
/** An episode teaches no more than so many times the mean excess. */
const CAP_MEANS = 3;
const THRESHOLD_MIN = 0.05;

export function resetTail(state: Float32Array, at: number, threshold: number): void {
  state[at + THRESHOLD] = threshold;
}

/** Episodes learned so far, at most {@link WEIGHT_MAX}. */
export function tailWeight(state: Float32Array, at: number): number {
  return state[at + WEIGHT] ?? 0;
}

/**
 * The surprise of `value` in nats: minus the log of how many episodes a slice are as extreme.
 * Rises without bound in `value`; 0 for a value of 0 or less. `shape` 0 is an exponential tail,
 * above it a heavier one.
 */
export function tailNats(state: Float32Array, at: number, value: number, shape: number): number {
  if (!(value > 0)) return 0;
  const threshold = state[at + THRESHOLD] ?? 0;
  if (value <= threshold) {
    const part = value / threshold;
    return THRESHOLD_NATS * part * part;
  }
  const means = (value - threshold) / meanExcess(state, at);
  return THRESHOLD_NATS + (shape > 0 ? Math.log1p((shape * means) / (1 - shape)) / shape : means);
}

/** The value whose surprise is `nats`, in an exponential tail. The inverse of {@link tailNats} at shape 0. */
export function tailValueAt(state: Float32Array, at: number, nats: number): number {
  const threshold = state[at + THRESHOLD] ?? 0;
  if (nats <= THRESHOLD_NATS) return threshold * Math.sqrt(nats / THRESHOLD_NATS);
  return threshold + (nats - THRESHOLD_NATS) * meanExcess(state, at);
}

/** Teaches one slice's value. */
export function learnTail(state: Float32Array, at: number, value: number): void {
  const threshold = state[at + THRESHOLD] ?? 0;
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
  if (quiet >= QUIET_SLICES_TO_CLOSE || openSlices >= LONGEST_EPISODE_SLICES) {
    const peak = (state[at + OPEN_PEAK] ?? 0) - 1;
    learnExcess(state, at, Math.min(peak, CAP_MEANS * meanExcess(state, at)));
    state[at + OPEN_PEAK] = 0;
  }
}

/** The surprise of one slice's value, see {@link tailNats}, which is then learned. */
export function stepTail(state: Float32Array, at: number, value: number, shape: number): number {
  const nats = tailNats(state, at, value, shape);
  learnTail(state, at, value);
  return nats;
}

/** Teaches a peak that a person judged harmless: in full, however high it was. */
export function teachPeak(state: Float32Array, at: number, value: number): void {
  learnExcess(state, at, Math.max(0, value - (state[at + THRESHOLD] ?? 0)));
}

function openEpisode(state: Float32Array, at: number, excess: number): void {
  state[at + OPEN_PEAK] = 1 + excess;
  state[at + QUIET_SLICES] = 0;
  state[at + OPEN_SLICES] = 1;
  moveThreshold(state, at, 1);
}

function learnExcess(state: Float32Array, at: number, excess: number): void {
  const weight = tailWeight(state, at);
  const keep = weight >= WEIGHT_MAX ? 1 - 1 / WEIGHT_MAX : 1;
  state[at + WEIGHT] = weight * keep + 1;
  state[at + EXCESS_SUM] = (state[at + EXCESS_SUM] ?? 0) * keep + excess;
}

/** Robbins-Monro: where onsets come at the asked rate, its ups and downs cancel. */
function moveThreshold(state: Float32Array, at: number, direction: number): void {
  const gain = Math.max(GAIN_MIN, 1 / (1 + 0.2 * tailWeight(state, at)));
  const moved = (state[at + THRESHOLD] ?? 0) + direction * gain * meanExcess(state, at);
  state[at + THRESHOLD] = Math.max(THRESHOLD_MIN, moved);
}

function meanExcess(state: Float32Array, at: number): number {
  const sum = (state[at + EXCESS_SUM] ?? 0) + START_WEIGHT * START_MEAN_EXCESS;
  return sum / (tailWeight(state, at) + START_WEIGHT);
}
