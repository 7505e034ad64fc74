import { isBelow, nanosOf, PriceSum } from "./price-sum.ts";

/** Running totals of the distinct bids of one slice of one auction. */
export class SliceTotals {
  count = 0;
  readonly sum: PriceSum = new PriceSum();
  minHigh = 0xff_ff_ff_ff;
  minLow = 0xff_ff_ff_ff;
  maxHigh = 0;
  maxLow = 0;
  /** Event times of the earliest and the latest bid, in microseconds. */
  firstUs: number = Number.POSITIVE_INFINITY;
  lastUs: number = Number.NEGATIVE_INFINITY;

  add(priceHigh: number, priceLow: number, eventTimeUs: number): void {
    this.count++;
    this.sum.add(priceHigh, priceLow);
    if (isBelow(priceHigh, priceLow, this.minHigh, this.minLow)) {
      this.minHigh = priceHigh;
      this.minLow = priceLow;
    }
    if (isBelow(this.maxHigh, this.maxLow, priceHigh, priceLow)) {
      this.maxHigh = priceHigh;
      this.maxLow = priceLow;
    }
    if (eventTimeUs < this.firstUs) this.firstUs = eventTimeUs;
    if (eventTimeUs > this.lastUs) this.lastUs = eventTimeUs;
  }
}

/** What a window says of its bids. Prices in nanos, times in microseconds. */
export interface WindowTotals {
  bidCount: number;
  priceSumNanos: bigint;
  priceMinNanos: bigint;
  priceMaxNanos: bigint;
  firstBidUs: number;
  lastBidUs: number;
}

/** Puts slices together into a window's totals; undefined where none of them has a bid. */
export function mergeSlices(slices: readonly SliceTotals[]): WindowTotals | undefined {
  let merged: WindowTotals | undefined;
  for (const slice of slices) {
    const next = totalsOf(slice);
    merged = merged === undefined ? next : joined(merged, next);
  }
  return merged;
}

function totalsOf(slice: SliceTotals): WindowTotals {
  return {
    bidCount: slice.count,
    priceSumNanos: slice.sum.toNanos(),
    priceMinNanos: nanosOf(slice.minHigh, slice.minLow),
    priceMaxNanos: nanosOf(slice.maxHigh, slice.maxLow),
    firstBidUs: slice.firstUs,
    lastBidUs: slice.lastUs,
  };
}

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
