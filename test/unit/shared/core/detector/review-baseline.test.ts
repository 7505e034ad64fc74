import {
  leaveOutConfirmed,
  type PastSlice,
  teachDismissed,
} from "../../../../../shared/core/detector/review-baseline.ts";
import { stepClosedSlice } from "../../../../../shared/core/detector/watch-segments.ts";
import { HOUR_MS, MINUTE_MS } from "../../../../../shared/core/time.ts";
import { attackAt, closedSlices, flagEventsOf, plannedScenario, watchOf } from "./traffic.ts";

const quiet = plannedScenario({ days: 5, segmentCount: 1 });
const attack = attackAt(4 * 24 + 12, { kind: "flood", strength: 3, segment: 0, minutes: 30 });
const attacked = { ...quiet, attacks: [attack] };

function past(scenario: typeof quiet): PastSlice[] {
  return [...closedSlices(scenario)].flatMap(({ rows }) =>
    [...rows.values()].map((slice) => ({ slice, fleetNats: 0 })),
  );
}

function emptyBaseline() {
  const [watched] = watchOf(quiet).segments.values();
  if (watched === undefined) throw new Error("no segment is watched");
  return watched.baseline;
}

test("D9: a confirmed span leaves the baseline as if it had not been", () => {
  const options = { spans: [attack], sliceMs: MINUTE_MS };
  const slices = past(attacked);
  const without = leaveOutConfirmed(emptyBaseline(), slices, options);
  const outside = slices.filter(
    ({ slice }) => slice.sliceStartMs < attack.startMs || slice.sliceStartMs >= attack.endMs,
  );
  const never = leaveOutConfirmed(emptyBaseline(), outside, { ...options, spans: [] });
  expect(without.state).toEqual(never.state);
  const learned = leaveOutConfirmed(emptyBaseline(), slices, { ...options, spans: [] });
  expect(without.state).not.toEqual(learned.state);
});

test("D10: a dismissed flag teaches: the same evidence is less of a surprise afterwards", () => {
  const closed = flagEventsOf(attacked).findLast(({ kind }) => kind === "close");
  const again = attackAt(5 * 24 + 12, { kind: "flood", strength: 3, segment: 0, minutes: 30 });
  const scenario = { ...attacked, endMs: attacked.endMs + 24 * HOUR_MS, attacks: [attack, again] };
  const peakAfter = (isDismissed: boolean): number => {
    const watch = watchOf(scenario);
    let peak = 0;
    for (const { startMs, rows } of closedSlices(scenario)) {
      if (isDismissed && startMs === attack.endMs + HOUR_MS) {
        const [watched] = watch.segments.values();
        if (watched === undefined || closed === undefined) throw new Error("nothing was flagged");
        watched.baseline.state.set(teachDismissed(watched.baseline, closed.flag).state);
      }
      const [one] = stepClosedSlice(watch, startMs, rows);
      if (startMs >= again.startMs) peak = Math.max(peak, one?.verdict.nats ?? 0);
    }
    return peak;
  };
  expect(peakAfter(true)).toBeLessThan(peakAfter(false));
});
