/** Events a second at one time, for each region in the order that the history was made with. */
export type RatePoint = readonly [atMs: number, ...perSecond: number[]];

const POINTS_MAX = 300;

/** Rates over the last minutes, from counters that only grow. */
export class RateHistory {
  readonly #regions: readonly string[];
  readonly #points: RatePoint[] = [];
  #before: { readonly atMs: number; readonly sums: readonly number[] } | undefined;

  constructor(regions: readonly string[]) {
    this.#regions = regions;
  }

  /** Notes the counters as they stand, and gives the rates since the last time. */
  note(nowMs: number, sumOf: (region: string) => number): RatePoint {
    const sums = this.#regions.map(sumOf);
    const { atMs, sums: before } = this.#before ?? { atMs: nowMs, sums };
    const seconds = Math.max(1, nowMs - atMs) / 1000;
    const rates = sums.map((sum, index) => Math.round((sum - (before[index] ?? 0)) / seconds));
    const point: RatePoint = [nowMs, ...rates];
    this.#before = { atMs: nowMs, sums };
    this.#points.push(point);
    if (this.#points.length > POINTS_MAX) this.#points.shift();
    return point;
  }

  all(): { readonly regions: readonly string[]; readonly points: readonly RatePoint[] } {
    return { regions: this.#regions, points: this.#points };
  }
}
