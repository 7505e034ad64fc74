import { isBelow, nanosOf } from "./price-sum.ts";

/** What a window says of its bids. Prices in nanos, times in microseconds. */
export interface WindowTotals {
  bidCount: number;
  priceSumNanos: bigint;
  priceMinNanos: bigint;
  priceMaxNanos: bigint;
  firstBidUs: number;
  lastBidUs: number;
}

/**
 * Running totals of the distinct bids of one auction by slice, slices ascending; most auctions have one
 * or two. They stand in one plain array of numbers, `FIELDS` a slice: an auction whose totals were
 * objects would make the garbage collector follow a dozen of them, and there are a million auctions.
 */
export class SliceList {
  #totals: number[] = [];

  /** How many slices have bids. */
  get count(): number {
    return this.#totals.length / FIELDS;
  }

  /** Adds a bid to the slice that starts at `startUs`; its price as int64 halves. */
  add(startUs: number, { priceHigh, priceLow, eventTimeUs }: SlicedBid): void {
    const at = this.#open(startUs);
    const totals = this.#totals;
    totals[at + COUNT] = this.#of(at + COUNT) + 1;
    // Low is kept below 2^32 by carrying, so both parts of the sum stay exact.
    const low = this.#of(at + SUM_LOW) + priceLow;
    totals[at + SUM_LOW] = low >= WORD ? low - WORD : low;
    totals[at + SUM_HIGH] = this.#of(at + SUM_HIGH) + priceHigh + (low >= WORD ? 1 : 0);
    if (isBelow(priceHigh, priceLow, this.#of(at + MIN_HIGH), this.#of(at + MIN_LOW))) {
      totals[at + MIN_HIGH] = priceHigh;
      totals[at + MIN_LOW] = priceLow;
    }
    if (isBelow(this.#of(at + MAX_HIGH), this.#of(at + MAX_LOW), priceHigh, priceLow)) {
      totals[at + MAX_HIGH] = priceHigh;
      totals[at + MAX_LOW] = priceLow;
    }
    if (eventTimeUs < this.#of(at + FIRST)) totals[at + FIRST] = eventTimeUs;
    if (eventTimeUs > this.#of(at + LAST)) totals[at + LAST] = eventTimeUs;
  }

  /** How many slices start before `startUs`. */
  placeOf(startUs: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#of(middle * FIELDS) < startUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The slices at places `[from, to)` put together; undefined where there are none. */
  merged(from: number, to: number): WindowTotals | undefined {
    let merged: WindowTotals | undefined;
    for (let place = from; place < to; place++) {
      const next = this.#totalsAt(place * FIELDS);
      merged = merged === undefined ? next : joined(merged, next);
    }
    return merged;
  }

  clear(): void {
    this.#totals = [];
  }

  /** Where the totals of a slice stand; most bids go to the last one. */
  #open(startUs: number): number {
    const last = this.#totals.length - FIELDS;
    if (last >= 0 && this.#of(last) === startUs) return last;
    const at = this.placeOf(startUs) * FIELDS;
    if (this.#totals[at] !== startUs) this.#totals.splice(at, 0, startUs, ...NO_BIDS);
    return at;
  }

  #totalsAt(at: number): WindowTotals {
    return {
      bidCount: this.#of(at + COUNT),
      priceSumNanos: nanosOf(this.#of(at + SUM_HIGH), this.#of(at + SUM_LOW)),
      priceMinNanos: nanosOf(this.#of(at + MIN_HIGH), this.#of(at + MIN_LOW)),
      priceMaxNanos: nanosOf(this.#of(at + MAX_HIGH), this.#of(at + MAX_LOW)),
      firstBidUs: this.#of(at + FIRST),
      lastBidUs: this.#of(at + LAST),
    };
  }

  #of(at: number): number {
    return this.#totals[at] ?? 0;
  }
}

/** What a slice is told of a bid. */
interface SlicedBid {
  readonly priceHigh: number;
  readonly priceLow: number;
  readonly eventTimeUs: number;
}

/** Places of a slice's numbers; its start, in microseconds, stands first. */
const COUNT = 1;
const SUM_HIGH = 2;
const SUM_LOW = 3;
const MIN_HIGH = 4;
const MIN_LOW = 5;
const MAX_HIGH = 6;
const MAX_LOW = 7;
const FIRST = 8;
const LAST = 9;
const FIELDS = 10;
const WORD = 4_294_967_296;
/** Of a slice without bids, from `COUNT` on. */
const NO_BIDS = [0, 0, 0, WORD - 1, WORD - 1, 0, 0, Number.MAX_VALUE, 0];

function joined(a: WindowTotals, b: WindowTotals): WindowTotals {
  return {
    bidCount: a.bidCount + b.bidCount,
    priceSumNanos: a.priceSumNanos + b.priceSumNanos,
    priceMinNanos: a.priceMinNanos < b.priceMinNanos ? a.priceMinNanos : b.priceMinNanos,
    priceMaxNanos: a.priceMaxNanos > b.priceMaxNanos ? a.priceMaxNanos : b.priceMaxNanos,
    firstBidUs: Math.min(a.firstBidUs, b.firstBidUs),
    lastBidUs: Math.max(a.lastBidUs, b.lastBidUs),
  };
}
