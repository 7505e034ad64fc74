import type { SliceStatistics } from "../detector/slice-statistics.ts";
import { DAY_MS } from "../time.ts";
import { DriftingNoise, type Random } from "./random.ts";

/** Slices of days gone by, in time order. */
export type WarmUpSlice = {
  readonly startMs: number;
  readonly rows: ReadonlyMap<string, SliceStatistics>;
};

/** A slice that was sampled from traffic, by segment. */
export type SampledSlice = {
  /** Share of the day at which it was, 0 to 1. */
  readonly dayShare: number;
  readonly rows: ReadonlyMap<string, SliceStatistics>;
};

/** What is drawn of a slice beside its counts: each stands by itself or as a share of the bids. */
const SHARES = ["priceSum", "userCount"] as const;
/** Where fewer bids than this are of a user who has bid before, they are counted as the rare events they are. */
const REPEATS_RARE = 0.02;
const LEVELS = ["priceP50", "priceP90", "topPriceShare", "intervalCv", "seatCount"] as const;
type Field = (typeof SHARES)[number] | (typeof LEVELS)[number];
const FIELDS: readonly Field[] = [...SHARES, ...LEVELS];

/** So far from a slice's time of day samples count for it: 3 hours. */
const NEAR_SHARE = 1 / 8;
/**
 * Samples are few: they leave open where the mean is, by its standard error. It drifts about by as much, so
 * that a detector learns not to wonder at where live traffic has it. Slices.
 */
const DRIFT_MEMORY = 120;
const DRIFT_ERRORS = 1.5;

type SampledField = {
  readonly values: readonly number[];
  readonly spread: number;
  readonly drift: DriftingNoise;
};

/** One segment's samples. */
type SegmentSamples = {
  readonly segment: string;
  readonly dayShares: readonly number[];
  readonly bids: readonly number[];
  readonly winShare: number;
  readonly clickShare: number;
  /** Share of the bids whose user has bid before in the slice. */
  readonly repeatShare: number;
  readonly fields: ReadonlyMap<Field, SampledField>;
  /** Of the logarithm of the mean count. */
  readonly drift: DriftingNoise;
};

/**
 * Days of slices such as the samples could be of: counts are Poisson about the mean of the samples near
 * their time of day, the rest is normal about it. Which users are new is not known
 * of a sample, and stays unknown.
 */
export function* warmUpSlices(
  samples: readonly SampledSlice[],
  options: {
    readonly fromMs: number;
    readonly untilMs: number;
    readonly sliceMs: number;
    readonly random: Random;
  },
): Generator<WarmUpSlice> {
  const { fromMs, untilMs, sliceMs, random } = options;
  const segments = segmentsOf(samples, random);
  for (let startMs = fromMs; startMs < untilMs; startMs += sliceMs) {
    const rows = new Map<string, SliceStatistics>();
    for (const segment of segments) {
      const row = drawSlice(segment, startMs, random);
      if (row.bidCount > 0) rows.set(segment.segment, row);
    }
    yield { startMs, rows };
  }
}

function drawSlice(samples: SegmentSamples, startMs: number, random: Random): SliceStatistics {
  const near = nearTo(samples.dayShares, (startMs % DAY_MS) / DAY_MS);
  const meanBids = meanOf(samples.bids, near) * Math.exp(samples.drift.next());
  const bidCount = random.poisson(meanBids);
  const slice: { -readonly [Key in keyof SliceStatistics]: SliceStatistics[Key] } = {
    segment: samples.segment,
    sliceStartMs: startMs,
    bidCount,
    winCount: random.binomial(bidCount, samples.winShare),
    clickCount: random.binomial(bidCount, samples.clickShare),
  };
  for (const [field, { values, spread, drift }] of samples.fields) {
    const mean = meanOf(values, near) + drift.next();
    slice[field] = Math.max(0, mean + spread * random.normal());
  }
  if (slice.priceSum !== undefined) slice.priceSum *= bidCount;
  if (slice.userCount !== undefined)
    slice.userCount = drawUsers(samples, slice.userCount, bidCount, random);
  if (slice.seatCount !== undefined) slice.seatCount = Math.round(slice.seatCount);
  if (slice.topPriceShare !== undefined) slice.topPriceShare = Math.min(1, slice.topPriceShare);
  return slice;
}

function drawUsers(
  { repeatShare }: SegmentSamples,
  userShare: number,
  bidCount: number,
  random: Random,
): number {
  if (repeatShare < REPEATS_RARE) return bidCount - random.binomial(bidCount, repeatShare);
  return Math.min(bidCount, Math.round(userShare * bidCount));
}

function meanOf(values: readonly number[], indexes: readonly number[]): number {
  let sum = 0;
  for (const index of indexes) sum += values[index] ?? 0;
  return sum / indexes.length;
}

/** The samples near a time of day; all of them where none is near. */
function nearTo(dayShares: readonly number[], dayShare: number): number[] {
  const near: number[] = [];
  for (const [index, share] of dayShares.entries()) {
    const apart = Math.abs(share - dayShare);
    if (Math.min(apart, 1 - apart) <= NEAR_SHARE) near.push(index);
  }
  return near.length > 0 ? near : [...dayShares.keys()];
}

function segmentsOf(samples: readonly SampledSlice[], random: Random): SegmentSamples[] {
  const names = new Set(samples.flatMap(({ rows }) => [...rows.keys()]));
  return [...names].toSorted().map((segment) => {
    const found = samples.flatMap(({ dayShare, rows }) => {
      const row = rows.get(segment);
      return row === undefined ? [] : [{ dayShare, row }];
    });
    const rows = found.map(({ row }) => row);
    const bids = rows.map(({ bidCount }) => bidCount);
    const total = bids.reduce((sum, count) => sum + count, 0);
    const users = rows.reduce((sum, { userCount = 0 }) => sum + userCount, 0);
    return {
      segment,
      dayShares: found.map(({ dayShare }) => dayShare),
      bids,
      winShare: rows.reduce((sum, { winCount = 0 }) => sum + winCount, 0) / Math.max(1, total),
      clickShare:
        rows.reduce((sum, { clickCount = 0 }) => sum + clickCount, 0) / Math.max(1, total),
      // What no sample has shown may still happen: half a time in as many.
      repeatShare: Math.max(0.5, total - users) / Math.max(1, total),
      fields: fieldsOf(rows, random),
      drift: driftOf(1 / Math.sqrt(Math.max(1, total / rows.length)), rows.length, random),
    };
  });
}

/** A field that some sample does not know is left out: a detector takes it as unknown. */
function fieldsOf(rows: readonly SliceStatistics[], random: Random): SegmentSamples["fields"] {
  const fields = new Map<Field, SampledField>();
  for (const field of FIELDS) {
    const isShare = SHARES.some((share) => share === field);
    const values = rows.flatMap((row) => {
      const value = row[field];
      if (value === undefined) return [];
      return isShare ? value / Math.max(1, row.bidCount) : value;
    });
    if (values.length < rows.length) continue;
    const spread = spreadOf(values);
    fields.set(field, { values, spread, drift: driftOf(spread, values.length, random) });
  }
  return fields;
}

/** How far the mean of the samples near one time of day may be off. */
function driftOf(spread: number, samples: number, random: Random): DriftingNoise {
  const near = Math.max(1, samples * 2 * NEAR_SHARE);
  const error = (DRIFT_ERRORS * spread) / Math.sqrt(near);
  return new DriftingNoise(random.fork(), error, DRIFT_MEMORY);
}

function spreadOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}
