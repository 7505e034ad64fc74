import type { SliceStatistics } from "../../../../../shared/core/detector/slice-statistics.ts";
import { createBaseline, stepDetector } from "../../../../../shared/core/detector/step-detector.ts";
import { prng } from "../../../../support/prng.ts";

const START_MS = 1_767_225_600_000;
const SLICES_PER_DAY = 1440;

/** Minutes of a quiet segment: about 100 bids by about 60 users, with noise. */
function quietSlices(count: number, seed: number): SliceStatistics[] {
  const random = prng(seed);
  const noise = (): number => (random() + random() + random() + random() - 2) / 2;
  return Array.from({ length: count }, (_, index) => {
    const bidCount = Math.round(100 * (1 + 0.3 * noise()));
    return {
      segment: "segment-1",
      sliceStartMs: START_MS + index * 60_000,
      bidCount,
      priceSum: bidCount * 0.2 * (1 + 0.1 * noise()),
      userCount: Math.round(bidCount * (0.6 + 0.1 * noise())),
      intervalCv: 1 + 0.2 * noise(),
      topPriceShare: 0.2 + 0.05 * noise(),
      winCount: Math.round(bidCount * 0.1),
    };
  });
}

test("D1: a segment that was seen for less than two days says nothing, and that it is learning", () => {
  const baseline = createBaseline();
  for (const slice of quietSlices(2 * SLICES_PER_DAY, 1)) {
    expect(stepDetector(baseline, slice, 0)).toMatchObject({ isLearning: true, nats: 0 });
  }
});

test("D2: a flood by few users scores above everything the quiet segment did", () => {
  const baseline = createBaseline();
  const slices = quietSlices(6 * SLICES_PER_DAY, 2);
  const quiet = slices.map((slice) => stepDetector(baseline, slice, 0).nats);
  const flood = {
    segment: "segment-1",
    sliceStartMs: START_MS + slices.length * 60_000,
    bidCount: 1000,
    priceSum: 200,
    userCount: 20,
    intervalCv: 0.1,
    topPriceShare: 0.9,
    winCount: 5,
  };
  expect(stepDetector(baseline, flood, 0).nats).toBeGreaterThan(Math.max(...quiet));
});

test("D3: a baseline that was stored and read back goes on with the same scores", () => {
  const baseline = createBaseline();
  const slices = quietSlices(3 * SLICES_PER_DAY, 3);
  const half = slices.length / 2;
  for (const slice of slices.slice(0, half)) stepDetector(baseline, slice, 0);
  const stored = Buffer.from(Uint8Array.from(new Uint8Array(baseline.state.buffer)));
  expect(stored.length).toBeLessThanOrEqual(4096);
  const copy = {
    state: new Float32Array(
      stored.buffer.slice(stored.byteOffset, stored.byteOffset + stored.length),
    ),
  };
  for (const slice of slices.slice(half)) {
    expect(stepDetector(copy, slice, 0)).toEqual(stepDetector(baseline, slice, 0));
  }
});
