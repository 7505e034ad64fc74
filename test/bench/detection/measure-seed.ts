/** One seed of simulated traffic through the detector and what it is compared with. */
import { thresholdNats } from "../../../shared/core/detector/flag-track.ts";
import type { SliceStatistics } from "../../../shared/core/detector/slice-statistics.ts";
import {
  createWatch,
  stepClosedSlice,
  watchSegment,
} from "../../../shared/core/detector/watch-segments.ts";
import { MINUTE_MS } from "../../../shared/core/time.ts";
import { drawScenario, type Scenario } from "../../../shared/core/traffic/scenario.ts";
import { segmentName } from "../../../shared/core/traffic/segment-name.ts";
import { simulateSlices } from "../../../shared/core/traffic/simulate-slices.ts";
import { contendersOf } from "./contenders.ts";
import { type Tally, tallyScores } from "./tally.ts";

export const SEGMENTS = 40;
export const DAYS = 21;
export const LEARNING_DAYS = 7;
const START_MS = 1_767_571_200_000;
const ATTACKS_PER_KIND_AND_STRENGTH = 2;
const SLICES_PER_DAY = 1440;

/** False alarms a segment and week that are asked for in turn: over three decades. */
export const ASKED = [0.03, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 5, 10, 20, 30] as const;
/** Thresholds of the contenders as multiples of their own, to find one that keeps the asked rate. */
export const STRETCHES = Array.from({ length: 41 }, (_, step) => 0.5 * 1.12 ** step);

/** By contender: a tally for each threshold, in the order of `ASKED` or `STRETCHES`. */
export type SeedResult = {
  readonly seed: number;
  readonly tallies: Readonly<Record<string, readonly Tally[]>>;
};

export function measureSeed(seed: number, asked: number): SeedResult {
  const scenario = drawScenario({
    seed,
    segmentCount: SEGMENTS,
    days: DAYS,
    learningDays: LEARNING_DAYS,
    attacksPerKindAndStrength: ATTACKS_PER_KIND_AND_STRENGTH,
    startMs: START_MS,
  });
  const contenders = contendersOf(thresholdNats(asked, MINUTE_MS));
  const series = runSeed(scenario, contenders);
  const skip = LEARNING_DAYS * SLICES_PER_DAY;
  const [own = [], ...others] = series;
  const tallies: Record<string, Tally[]> = {
    gavel: [...ASKED, asked].map((rate) =>
      tallyScores(scenario, own, { threshold: thresholdNats(rate, MINUTE_MS), skip }),
    ),
  };
  for (const [index, { name, threshold }] of contenders.entries()) {
    tallies[name] = [...STRETCHES, 1].map((stretch) =>
      tallyScores(scenario, others[index] ?? [], { threshold: threshold * stretch, skip }),
    );
  }
  return { seed, tallies };
}

/** Scores by contender, the detector's first, and segment. */
function runSeed(
  scenario: Scenario,
  contenders: ReturnType<typeof contendersOf>,
): Float32Array[][] {
  const slices = (scenario.endMs - scenario.startMs) / scenario.sliceMs;
  const names = Array.from({ length: scenario.segmentCount }, (_, index) => segmentName(index));
  const series = [undefined, ...contenders].map(() => names.map(() => new Float32Array(slices)));
  const watch = createWatch(scenario.sliceMs, thresholdNats(0.5, scenario.sliceMs));
  for (const name of names) watchSegment(watch, name);
  const watchers = contenders.map(({ createWatcher }) => names.map(createWatcher));
  const closeSlice = (startMs: number, rows: ReadonlyMap<string, SliceStatistics>): void => {
    const slice = (startMs - scenario.startMs) / scenario.sliceMs;
    for (const [segment, { verdict, bidCount }] of stepClosedSlice(
      watch,
      startMs,
      rows,
    ).entries()) {
      put(series[0]?.[segment], slice, verdict.nats);
      for (const [index, each] of watchers.entries()) {
        put(series[index + 1]?.[segment], slice, each[segment]?.(bidCount, startMs) ?? 0);
      }
    }
  };
  let openMs = scenario.startMs;
  let rows = new Map<string, SliceStatistics>();
  for (const row of simulateSlices(scenario)) {
    for (; openMs < row.sliceStartMs; openMs += scenario.sliceMs) {
      closeSlice(openMs, rows);
      rows = new Map();
    }
    rows.set(row.segment, row);
  }
  for (; openMs < scenario.endMs; openMs += scenario.sliceMs) {
    closeSlice(openMs, rows);
    rows = new Map();
  }
  return series;
}

function put(series: Float32Array | undefined, index: number, value: number): void {
  if (series !== undefined) series[index] = value;
}
