/**
 * What is known of one segment in one closed slice. `undefined` is "unknown", never zero: a signal
 * that needs an unknown field rests for that slice.
 */
export type SliceStatistics = {
  readonly segment: string;
  /** Milliseconds since the Unix epoch, a multiple of the slice length. */
  readonly sliceStartMs: number;
  readonly bidCount: number;
  /** Any unit of money, the same for all slices of a segment. */
  readonly priceSum?: number | undefined;
  /** Median and 90th percentile of the price, from the slice's quantile sketch. */
  readonly priceP50?: number | undefined;
  readonly priceP90?: number | undefined;
  /** Share of the bids that carry the slice's commonest price, 0 to 1. */
  readonly topPriceShare?: number | undefined;
  readonly userCount?: number | undefined;
  /** Share of the users that the segment has not seen lately, 0 to 1. */
  readonly newUserShare?: number | undefined;
  /** Standard deviation over mean of the time between successive bids. */
  readonly intervalCv?: number | undefined;
  readonly winCount?: number | undefined;
  readonly clickCount?: number | undefined;
  readonly seatCount?: number | undefined;
};
