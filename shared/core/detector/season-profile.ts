/** A curve over one period, learned knot by knot: a knot's first visits count in full, later ones fade. */
import { profileAt } from "./time-profile.ts";

export class SeasonProfile {
  readonly #knots: Float32Array;
  readonly #visits: Float32Array;
  readonly #memoryPeriods: number;

  /** `memoryPeriods`: how many periods a knot remembers. */
  constructor(bins: number, memoryPeriods: number) {
    this.#knots = new Float32Array(bins);
    this.#visits = new Float32Array(bins);
    this.#memoryPeriods = memoryPeriods;
  }

  /** The curve at `share` of the period, 0 to 1. */
  at(share: number): number {
    return profileAt(this.#knots, 0, this.#knots.length, share);
  }

  /** Moves the curve at `share` towards `target`; `rowsPerPeriod` is how densely it is visited. */
  learn(share: number, target: number, rowsPerPeriod: number): void {
    const bins = this.#knots.length;
    const place = share * bins;
    const left = Math.floor(place) % bins;
    const part = place - Math.floor(place);
    const off = target - this.at(share);
    const rowsMax = Math.max(2, (this.#memoryPeriods * rowsPerPeriod) / bins);
    this.#learnKnot(left, 1 - part, off, rowsMax);
    this.#learnKnot((left + 1) % bins, part, off, rowsMax);
  }

  #learnKnot(knot: number, weight: number, off: number, rowsMax: number): void {
    const visits = Math.min((this.#visits[knot] ?? 0) + weight, rowsMax);
    this.#visits[knot] = visits;
    if (visits > 0)
      this.#knots[knot] = (this.#knots[knot] ?? 0) + (weight / Math.max(1, visits)) * off;
  }
}
