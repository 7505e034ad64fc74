import { shapeSeries } from "../../../../../workers/console/review/shape-series.ts";

const window = (sliceStartMs: number, bidCount: number, expectedBids: number) => ({
  slice: { segment: "s1", sliceStartMs, bidCount },
  fleetNats: 0,
  expectedBids,
  expectedSpread: 0.6,
  nats: 0,
  isLearning: false,
  regions: ["us"],
});

test("the expected band lies two deviations either way, and never below nothing", () => {
  expect(shapeSeries([window(0, 90, 10), window(60_000, 4, 0)])).toEqual({
    startsMs: [0, 60_000],
    bids: [90, 4],
    expected: [10, 0],
    low: [0, 0],
    high: [22, 0],
  });
});
