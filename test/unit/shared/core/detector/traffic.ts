import { type FlagEvent, thresholdNats } from "../../../../../shared/core/detector/flag-track.ts";
import type { SliceStatistics } from "../../../../../shared/core/detector/slice-statistics.ts";
import { readBaseline } from "../../../../../shared/core/detector/step-detector.ts";
import {
  createWatch,
  stepClosedSlice,
  type Watch,
  watchSegment,
} from "../../../../../shared/core/detector/watch-segments.ts";
import { DAY_MS, MINUTE_MS } from "../../../../../shared/core/time.ts";
import type { Attack, BenignEvent, Scenario } from "../../../../../shared/core/traffic/scenario.ts";
import { segmentName } from "../../../../../shared/core/traffic/segment-name.ts";
import { simulateSlices } from "../../../../../shared/core/traffic/simulate-slices.ts";

/** A Monday. */
export const START_MS = 1_767_571_200_000;

/** Quiet traffic of `days`, with only what is planted in it. */
export function plannedScenario(
  overrides: Partial<Scenario> & { readonly days: number },
): Scenario {
  return {
    seed: 7,
    segmentCount: 10,
    startMs: START_MS,
    endMs: START_MS + overrides.days * DAY_MS,
    sliceMs: MINUTE_MS,
    benign: [],
    attacks: [],
    ...overrides,
  };
}

/** A benign event `hours` after the start. */
export function benignAt(
  hours: number,
  event: Pick<BenignEvent, "kind" | "scope" | "size" | "riseMs"> & { readonly minutes: number },
): BenignEvent {
  const startMs = START_MS + hours * 60 * MINUTE_MS;
  return { ...event, startMs, endMs: startMs + event.minutes * MINUTE_MS };
}

/** An attack `hours` after the start. */
export function attackAt(
  hours: number,
  attack: Pick<Attack, "kind" | "strength" | "segment"> & { readonly minutes: number },
): Attack {
  const startMs = START_MS + hours * 60 * MINUTE_MS;
  return { ...attack, incident: 0, startMs, endMs: startMs + attack.minutes * MINUTE_MS };
}

/** The closed slices of a scenario, those without any row included. */
export function* closedSlices(
  scenario: Scenario,
): Generator<{ startMs: number; rows: Map<string, SliceStatistics> }> {
  let startMs = scenario.startMs;
  let rows = new Map<string, SliceStatistics>();
  for (const row of simulateSlices(scenario)) {
    for (; startMs < row.sliceStartMs; startMs += scenario.sliceMs) {
      yield { startMs, rows };
      rows = new Map();
    }
    rows.set(row.segment, row);
  }
  yield { startMs, rows };
}

/** A watch over all segments of a scenario, at 0.5 false alarms a segment and week. */
export function watchOf(scenario: Scenario): Watch {
  const watch = createWatch(scenario.sliceMs, thresholdNats(0.5, scenario.sliceMs));
  for (let index = 0; index < scenario.segmentCount; index += 1) {
    watchSegment(watch, segmentName(index));
  }
  return watch;
}

/** Everything that happened to flags over a scenario, to segments that `watch` has learned. */
export function flagEventsOf(scenario: Scenario, watch = watchOf(scenario)): FlagEvent[] {
  return [...closedSlices(scenario)].flatMap(({ startMs, rows }) =>
    stepClosedSlice(watch, startMs, rows).flatMap(({ event }) => event ?? []),
  );
}

/** What a store would hold of a watch, read into a new one. */
export function handedOver(watch: Watch): Watch {
  const next: Watch = {
    ...watch,
    segments: new Map(),
    fleet: { state: watch.fleet.state.slice() },
  };
  for (const { segment, baseline, track } of watch.segments.values()) {
    const bytes = Uint8Array.from(new Uint8Array(baseline.state.buffer));
    watchSegment(next, segment, {
      baseline: readBaseline(bytes),
      track: JSON.parse(JSON.stringify(track)),
    });
  }
  return next;
}
