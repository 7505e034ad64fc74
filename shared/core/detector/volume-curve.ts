/**
 * How the volume of a slice stands to the volumes a segment has had: fading moments of x, the log of
 * the bid count, and of x², shared by all signals that are regressed on them. Says how a prediction at
 * this x is put together, and how far x lies from what was seen, where predictions are worth less.
 *
 * A curve lives in `VOLUME_CURVE_SIZE` consecutive numbers of a baseline's state, from `at` on.
 */
const WEIGHT = 0;
const ORIGIN = 1;
const X = 2;
const Q = 3;
const XX = 4;
const XQ = 5;
const QQ = 6;
export const VOLUME_CURVE_SIZE = 7;

/** Keeps slope and curvature at 0 until the volume has varied enough to show one. */
const RIDGE = 0.02;
/** Slices are like their neighbours: so many tell as much as one that stands alone. */
const SLICES_PER_OBSERVATION = 60;

/** What predictions at one slice's volume are made of. */
export type CurvePoint = {
  x: number;
  /** x². */
  q: number;
  meanX: number;
  meanQ: number;
  /** Weights of a signal's covariances with x and with x² in its prediction. */
  onX: number;
  onQ: number;
  /** Variance of a prediction here, in units of the residual's. */
  leverage: number;
};

export function createCurvePoint(): CurvePoint {
  return { x: 0, q: 0, meanX: 0, meanQ: 0, onX: 0, onQ: 0, leverage: 1 };
}

/** Fills `point` for a slice of so many bids. */
export function placeOnCurve(
  state: Float32Array,
  at: number,
  bidCount: number,
  point: CurvePoint,
): void {
  const logBids = Math.log(bidCount + 0.5);
  const weight = state[at + WEIGHT] ?? 0;
  if (weight === 0) state[at + ORIGIN] = logBids;
  const x = logBids - (state[at + ORIGIN] ?? 0);
  const q = x * x;
  const meanX = state[at + X] ?? 0;
  const meanQ = state[at + Q] ?? 0;
  const xx = (state[at + XX] ?? 0) - meanX * meanX + RIDGE;
  const qq = (state[at + QQ] ?? 0) - meanQ * meanQ + RIDGE;
  const xq = (state[at + XQ] ?? 0) - meanX * meanQ;
  const determinant = Math.max(xx * qq - xq * xq, 1e-6);
  const dx = x - meanX;
  const dq = q - meanQ;
  point.x = x;
  point.q = q;
  point.meanX = meanX;
  point.meanQ = meanQ;
  point.onX = (qq * dx - xq * dq) / determinant;
  point.onQ = (xx * dq - xq * dx) / determinant;
  const distance = 1 + point.onX * dx + point.onQ * dq;
  point.leverage = (distance * SLICES_PER_OBSERVATION) / (weight + SLICES_PER_OBSERVATION);
}

/** Learns the volume of `point`; `memorySlices` is how many slices are remembered. */
export function learnCurve(
  state: Float32Array,
  at: number,
  { x, q }: CurvePoint,
  memorySlices: number,
): void {
  const weight = Math.min((state[at + WEIGHT] ?? 0) + 1, memorySlices);
  const gain = 1 / weight;
  state[at + WEIGHT] = weight;
  fade(state, at + X, gain, x);
  fade(state, at + Q, gain, q);
  fade(state, at + XX, gain, x * x);
  fade(state, at + XQ, gain, x * q);
  fade(state, at + QQ, gain, q * q);
}

/** Moves a fading mean towards `value`. */
export function fade(
  state: Float32Array | Float64Array,
  at: number,
  gain: number,
  value: number,
): void {
  const mean = state[at] ?? 0;
  state[at] = mean + gain * (value - mean);
}
