import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../../../shared/core/time.ts";
import type { AttackKind } from "../../../../../shared/core/traffic/scenario.ts";
import { segmentName } from "../../../../../shared/core/traffic/segment-name.ts";
import {
  attackAt,
  benignAt,
  flagEventsOf,
  handedOver,
  plannedScenario,
  START_MS,
  watchOf,
} from "./traffic.ts";

const SEGMENTS = 8;
const segments = Array.from({ length: SEGMENTS }, (_, index) => index);
const LEARNED_DAYS = 5;
/** Attacks and oddities come on the sixth day, when there is something to compare with. */
const LATE = LEARNED_DAYS * 24 + 4;

function campaignsAt(hours: number) {
  return segments.map((scope) =>
    benignAt(hours, {
      kind: "campaignSwitch",
      scope,
      size: 20,
      riseMs: 10 * MINUTE_MS,
      minutes: 120,
    }),
  );
}

const learning = plannedScenario({
  days: LEARNED_DAYS,
  segmentCount: SEGMENTS,
  benign: [20, 44, 68, 92, 110].flatMap(campaignsAt),
});
const learned = watchOf(learning);
flagEventsOf(learning, learned);

/** What happens to flags on the first half of the sixth day. */
function eventsOf(planted: Partial<typeof learning>) {
  const startMs = START_MS + LEARNED_DAYS * DAY_MS;
  const scenario = { ...learning, benign: [], startMs, endMs: startMs + 12 * HOUR_MS, ...planted };
  return flagEventsOf(scenario, handedOver(learned));
}

const oddities = {
  "a campaign that comes and goes 20-fold within minutes": campaignsAt(LATE),
  "a holiday with half the traffic": [
    benignAt(LEARNED_DAYS * 24, {
      kind: "holiday",
      scope: -1,
      size: -0.7,
      riseMs: 4 * HOUR_MS,
      minutes: 24 * 60,
    }),
  ],
  "an outage of an hour and its catching up": [
    benignAt(LATE, { kind: "outage", scope: 0, size: 3.5, riseMs: 0, minutes: 120 }),
  ],
  "a flash crowd of ten times the bids": segments.map((scope) =>
    benignAt(LATE, { kind: "flashCrowd", scope, size: 10, riseMs: 4 * MINUTE_MS, minutes: 120 }),
  ),
};

test.each(Object.entries(oddities))(
  "D4: %s raises no flag, in one segment of eight at most",
  (_name, benign) => {
    const flagged = new Set(eventsOf({ benign }).map(({ flag }) => flag.segment));
    expect(flagged.size).toBeLessThanOrEqual(1);
  },
);

const withinSlices: Readonly<Record<Exclude<AttackKind, "coordinated">, number>> = {
  flood: 5,
  ramp: 90,
  price: 20,
  clockwork: 5,
  sniping: 5,
};

test.each(Object.entries(withinSlices))(
  "D5: a %s attack at three times normal is flagged within %i slices, and every flag closes",
  (kind, slices) => {
    const minutes = { sniping: 6, ramp: 180 }[kind] ?? 30;
    const planted = attackAt(LATE, { kind: kind as AttackKind, strength: 3, segment: 3, minutes });
    const events = eventsOf({ attacks: [planted] }).filter(
      ({ flag }) => flag.segment === segmentName(3) && flag.endMs > planted.startMs,
    );
    const opened = events.filter(({ kind: what }) => what === "open");
    const closed = events.filter(({ kind: what }) => what === "close");
    expect(opened.length).toBeGreaterThan(0);
    expect(closed.length).toBe(opened.length);
    const delayMs = (opened[0]?.flag.detectedAtMs ?? 0) - planted.startMs;
    expect(delayMs).toBeLessThanOrEqual(slices * MINUTE_MS);
    expect(closed[0]?.flag.reasons.length).toBeGreaterThan(0);
  },
);

test("D6: bots spread thinly over half of the segments are found together, and said to be", () => {
  const attacks = segments
    .slice(0, 5)
    .map((segment) => attackAt(LATE, { kind: "coordinated", strength: 3, segment, minutes: 90 }));
  const startMs = attacks[0]?.startMs ?? 0;
  const opened = eventsOf({ attacks }).filter(
    ({ kind, flag }) =>
      kind === "open" &&
      flag.detectedAtMs > startMs &&
      flag.detectedAtMs <= startMs + 15 * MINUTE_MS,
  );
  expect(opened.length).toBeGreaterThan(0);
  const codes = opened.flatMap(({ flag }) => flag.reasons.map(({ code }) => code));
  expect(codes).toContain("coordinated-activity");
});
