import { mergeSummaries } from "../../../../../shared/core/detector/fleet.ts";
import {
  judgeClosedSlice,
  scoreClosedSlice,
  stepClosedSlice,
} from "../../../../../shared/core/detector/watch-segments.ts";
import { segmentName } from "../../../../../shared/core/traffic/segment-name.ts";
import {
  attackAt,
  closedSlices,
  flagEventsOf,
  handedOver,
  plannedScenario,
  watchOf,
} from "./traffic.ts";

const scenario = plannedScenario({
  days: 4.4,
  segmentCount: 8,
  attacks: [
    attackAt(4 * 24 + 2, { kind: "flood", strength: 3, segment: 2, minutes: 30 }),
    ...[4, 5, 6, 7].map((segment) =>
      attackAt(4 * 24 + 5, { kind: "coordinated", strength: 8, segment, minutes: 60 }),
    ),
  ],
});
const whole = flagEventsOf(scenario);
const key = ({ kind, flag }: (typeof whole)[number]): string =>
  `${flag.segment} ${kind} ${flag.startMs} ${flag.endMs} ${flag.nats}`;

test("D7: instances that share the segments and add up the fleet raise the flags that one would", () => {
  const parts = [watchOf(scenario), watchOf(scenario)];
  for (const [part, watch] of parts.entries()) {
    for (let index = 0; index < scenario.segmentCount; index += 1) {
      if (index % 2 !== part) watch.segments.delete(segmentName(index));
    }
  }
  const events = [...closedSlices(scenario)].flatMap(({ startMs, rows }) => {
    const owned = parts.map(
      (watch) => new Map([...rows].filter(([name]) => watch.segments.has(name))),
    );
    const summary = parts
      .map((watch, part) => scoreClosedSlice(watch, startMs, owned[part] ?? new Map()))
      .reduce(mergeSummaries);
    return parts.flatMap((watch, part) =>
      judgeClosedSlice(watch, startMs, owned[part] ?? new Map(), summary).verdicts.flatMap(
        ({ event }) => event ?? [],
      ),
    );
  });
  expect(events.map(key).toSorted()).toEqual(whole.map(key).toSorted());
  expect(whole.length).toBeGreaterThan(0);
});

test("D8: handing over between slices gives the same flags, open ones included", () => {
  let watch = watchOf(scenario);
  let count = 0;
  const events = [...closedSlices(scenario)].flatMap(({ startMs, rows }) => {
    count += 1;
    if (count % 97 === 0) watch = handedOver(watch);
    return stepClosedSlice(watch, startMs, rows).flatMap(({ event }) => event ?? []);
  });
  expect(events.map(key)).toEqual(whole.map(key));
});
