import type { SegmentWindow } from "../../../shared/io/segment-history.ts";

/** Bids a slice and what was expected, as columns of a chart, oldest first. */
export interface SeriesView {
  readonly startsMs: readonly number[];
  readonly bids: readonly number[];
  readonly expected: readonly number[];
  /** Where 95 of 100 harmless slices lie, were they spread as a normal count. */
  readonly low: readonly number[];
  readonly high: readonly number[];
}

const BAND_DEVIATIONS = 2;

export function shapeSeries(windows: readonly SegmentWindow[]): SeriesView {
  const edge = (sign: 1 | -1): number[] =>
    windows.map(({ expectedBids, expectedSpread }) =>
      tenths(Math.max(0, expectedBids * (1 + sign * BAND_DEVIATIONS * expectedSpread))),
    );
  return {
    startsMs: windows.map(({ slice }) => slice.sliceStartMs),
    bids: windows.map(({ slice }) => slice.bidCount),
    expected: windows.map(({ expectedBids }) => tenths(expectedBids)),
    low: edge(-1),
    high: edge(1),
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
