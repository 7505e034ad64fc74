/**
 * Segment-slices per CPU second through the detector: scoring, the fleet, judging and flag tracking, on
 * simulated traffic that is drawn beforehand; and the bytes of a stored baseline.
 */
import { thresholdNats } from "../../shared/core/detector/flag-track.ts";
import type { SliceStatistics } from "../../shared/core/detector/slice-statistics.ts";
import { createWatch, stepClosedSlice } from "../../shared/core/detector/watch-segments.ts";
import { MINUTE_MS } from "../../shared/core/time.ts";
import { drawScenario } from "../../shared/core/traffic/scenario.ts";
import { simulateSlices } from "../../shared/core/traffic/simulate-slices.ts";

const SEGMENTS = 100;
const DAYS = 4;
const ROUNDS = 3;

const slices = new Map<number, Map<string, SliceStatistics>>();
const scenario = drawScenario({
  seed: 1,
  segmentCount: SEGMENTS,
  days: DAYS,
  learningDays: 2,
  attacksPerKindAndStrength: 1,
  startMs: 1_767_571_200_000,
});
for (const row of simulateSlices(scenario)) {
  const rows = slices.get(row.sliceStartMs) ?? new Map<string, SliceStatistics>();
  slices.set(row.sliceStartMs, rows.set(row.segment, row));
}
const rates: number[] = [];
let stateBytes = 0;
for (let round = 0; round < ROUNDS; round += 1) {
  const watch = createWatch(MINUTE_MS, thresholdNats(0.5, MINUTE_MS));
  const start = process.cpuUsage();
  for (const [startMs, rows] of slices) stepClosedSlice(watch, startMs, rows);
  const { user, system } = process.cpuUsage(start);
  rates.push((slices.size * SEGMENTS * 1e6) / (user + system));
  stateBytes = watch.segments.get("segment-00")?.baseline.state.byteLength ?? 0;
}
const median = rates.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0;
process.stdout.write(
  `${SEGMENTS} segments, ${slices.size} slices, median of ${ROUNDS} rounds\n` +
    `${Math.round(median).toLocaleString("en-US")} segment-slices per CPU second, ${stateBytes} bytes a baseline\n`,
);
