import type { SliceStatistics } from "../../../../../shared/core/detector/slice-statistics.ts";
import {
  createBaseline,
  createSliceScores,
  judgeSlice,
  readBaseline,
  type SliceVerdict,
  scoreSlice,
} from "../../../../../shared/core/detector/step-detector.ts";
import { MINUTE_MS } from "../../../../../shared/core/time.ts";
import { closedSlices, plannedScenario } from "./traffic.ts";

/** The slices of one quiet segment. */
function quietSlices(days: number): SliceStatistics[] {
  const scenario = plannedScenario({ days, segmentCount: 1 });
  return [...closedSlices(scenario)].flatMap(({ rows }) => [...rows.values()]);
}

function stepWith(baseline = createBaseline()): (slice: SliceStatistics) => SliceVerdict {
  const scores = createSliceScores();
  return (slice) => {
    scoreSlice(baseline, slice, MINUTE_MS, scores);
    return judgeSlice(baseline, scores, 0, MINUTE_MS);
  };
}

test("D1: a segment that was seen for less than four days says nothing, and that it is learning", () => {
  const verdicts = quietSlices(4).map(stepWith());
  expect(verdicts.every(({ isLearning, nats }) => isLearning && nats === 0)).toBe(true);
});

test("D2: a flood by few users scores above everything the quiet segment did", () => {
  const slices = quietSlices(6);
  const step = stepWith();
  const quiet = slices.map((slice) => step(slice).nats);
  const last = slices.at(-1);
  const flood = {
    segment: "segment-00",
    sliceStartMs: (last?.sliceStartMs ?? 0) + MINUTE_MS,
    bidCount: 10 * (last?.bidCount ?? 0),
    userCount: 20,
    intervalCv: 0.1,
    topPriceShare: 0.9,
  };
  expect(step(flood).nats).toBeGreaterThan(Math.max(...quiet));
});

test("D3: a baseline is at most 4 KB, and one stored and read back goes on with the same verdicts", () => {
  const baseline = createBaseline();
  const slices = quietSlices(6);
  const half = slices.length / 2;
  const step = stepWith(baseline);
  for (const slice of slices.slice(0, half)) step(slice);
  const stored = Uint8Array.from(new Uint8Array(baseline.state.buffer));
  expect(stored.length).toBeLessThanOrEqual(4096);
  const again = slices.slice(half).map(stepWith(readBaseline(stored)));
  expect(again).toEqual(slices.slice(half).map(step));
});

test("D3: bytes of another layout are refused", () => {
  expect(() => readBaseline(new Uint8Array(100))).toThrow(RangeError);
});

test("unknown fields rest their signals: a segment that only counts bids is still watched", () => {
  const step = stepWith();
  const slices = quietSlices(6).map(({ segment, sliceStartMs, bidCount }) => ({
    segment,
    sliceStartMs,
    bidCount,
  }));
  const verdicts = slices.map(step);
  expect(verdicts.every(({ nats }) => Number.isFinite(nats))).toBe(true);
  expect(verdicts.at(-1)?.isLearning).toBe(false);
});
