import type { SliceStatistics } from "../../../../../shared/core/detector/slice-statistics.ts";
import { stepClosedSlice } from "../../../../../shared/core/detector/watch-segments.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../../../shared/core/time.ts";
import { Random } from "../../../../../shared/core/traffic/random.ts";
import {
  closedSlices,
  flagEventsOf,
  handedOver,
  plannedScenario,
  START_MS,
  watchOf,
} from "../detector/traffic.ts";

const SEGMENTS = 8;
const LEARNED_DAYS = 5;
const learning = plannedScenario({ days: LEARNED_DAYS, segmentCount: SEGMENTS, seed: 3 });
const learned = watchOf(learning);
flagEventsOf(learning, learned);

const startMs = START_MS + LEARNED_DAYS * DAY_MS;
const nextDay = { ...learning, startMs, endMs: startMs + 8 * HOUR_MS };
const OUT_FROM_MS = startMs + 3 * HOUR_MS;

/** A slice without the bids of a region that has `share` of them. */
function without(row: SliceStatistics, share: number, random: Random): SliceStatistics {
  const { bidCount } = row;
  const left = random.binomial(bidCount, 1 - share) / Math.max(1, bidCount);
  const part = (count = 0): number => Math.round(count * left);
  return {
    ...row,
    bidCount: part(bidCount),
    priceSum: (row.priceSum ?? 0) * left,
    userCount: part(row.userCount),
    winCount: part(row.winCount),
    clickCount: part(row.clickCount),
  };
}

/** Flags of a day on which a region with such shares of the segments is left out for some minutes. */
function flagsOf(minutes: number, shareOf: (segment: number) => number): Set<string> {
  const watch = handedOver(learned);
  const random = new Random(9);
  const opened = [...closedSlices(nextDay)].flatMap(({ startMs: sliceMs, rows }) => {
    const isOut = sliceMs >= OUT_FROM_MS && sliceMs < OUT_FROM_MS + minutes * MINUTE_MS;
    for (const [index, [segment, row]] of [...rows].entries()) {
      // How many seats bid in a part of the bids is not known of a slice.
      const known = { ...row, seatCount: undefined };
      rows.set(segment, isOut ? without(known, shareOf(index), random) : known);
    }
    return stepClosedSlice(watch, sliceMs, rows).flatMap(({ event }) =>
      event?.kind === "open" ? [event.flag] : [],
    );
  });
  return new Set(opened.map((flag) => `${flag.segment} ${flag.startMs}`));
}

const shares: Record<string, (segment: number) => number> = {
  "a third of every segment": () => 1 / 3,
  "from a tenth to three quarters of a segment": (segment) => 0.1 + (0.65 * segment) / SEGMENTS,
  "half of the segments, and nothing of the others": (segment) => segment % 2,
};

test.each(Object.entries(shares))(
  "D16: a region with %s raises no flag when it is left out, nor when it is back",
  (_name, shareOf) => {
    const anyway = flagsOf(0, shareOf);
    for (const minutes of [5, 30, 180]) {
      const because = [...flagsOf(minutes, shareOf)].filter((flag) => !anyway.has(flag));
      expect([minutes, ...because]).toEqual([minutes]);
    }
  },
  60_000,
);
