import type { SliceStatistics } from "../detector/slice-statistics.ts";
import { nanosOf } from "../window/price-sum.ts";
import type { SampledBid, SegmentSketch } from "./segment-sketch.ts";

const NANOS_PER_UNIT = 1e9;
/** Below so many bids, gaps between them say nothing of regularity. */
const INTERVAL_BIDS_MIN = 3;

/**
 * What the detector reads of a closed slice. Exact where the sketch's samples hold everything, else
 * estimates; the regularity of intervals is unknown where not every bid's time is held.
 */
export function statisticsOf(
  segment: string,
  sliceStartMs: number,
  sketch: SegmentSketch,
): SliceStatistics {
  const { bidCount, winCount, clickCount, priceSum, users, seats } = sketch;
  const bids = [...sketch.bids.entries()].map(([, bid]) => bid);
  const prices = bids.map(priceOf).sort((a, b) => a - b);
  return {
    segment,
    sliceStartMs,
    bidCount,
    winCount,
    clickCount,
    priceSum: Number(priceSum.toNanos()) / NANOS_PER_UNIT,
    priceP50: quantileOf(prices, 0.5),
    priceP90: quantileOf(prices, 0.9),
    topPriceShare: topShareOf(prices),
    userCount: users.size === 0 ? undefined : users.distinctCount,
    seatCount: seats.size === 0 ? undefined : seats.distinctCount,
    intervalCv: sketch.bids.level === 0 ? intervalCvOf(bids) : undefined,
  };
}

function priceOf({ priceHigh, priceLow }: SampledBid): number {
  return Number(nanosOf(priceHigh, priceLow)) / NANOS_PER_UNIT;
}

/** The least value that is at least `share` of the way up; undefined of none. */
function quantileOf(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.ceil(share * sorted.length) - 1];
}

/** The share of the commonest value. */
function topShareOf(sorted: readonly number[]): number | undefined {
  let longest = 0;
  let run = 0;
  for (const [index, value] of sorted.entries()) {
    run = value === sorted[index - 1] ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return sorted.length === 0 ? undefined : longest / sorted.length;
}

/** Standard deviation over mean of the gaps between bids: 1 of independent arrivals, 0 of a clock. */
function intervalCvOf(bids: readonly SampledBid[]): number | undefined {
  if (bids.length < INTERVAL_BIDS_MIN) return undefined;
  const times = bids.map(({ offsetMs }) => offsetMs).sort((a, b) => a - b);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const mean = gaps.reduce((total, gap) => total + gap, 0) / gaps.length;
  if (mean === 0) return undefined;
  const squares = gaps.reduce((total, gap) => total + (gap - mean) ** 2, 0);
  return Math.sqrt(squares / gaps.length) / mean;
}
