import {
  type AuctionEvent,
  identityOf,
  REGIONS,
  type Region,
} from "../../../../../shared/core/auction/event.ts";
import {
  EventTraffic,
  TRAFFIC_SEGMENTS,
  type TrafficOptions,
} from "../../../../../shared/core/traffic/event-traffic.ts";
import { planAttack } from "../../../../../shared/core/traffic/plan-attack.ts";
import { regionShares } from "../../../../../shared/core/traffic/region-share.ts";
import { ATTACK_KINDS } from "../../../../../shared/core/traffic/scenario.ts";
import { segmentName } from "../../../../../shared/core/traffic/segment-name.ts";
import { decodeEvent, encodeEvent } from "../../../../../shared/wire/event-codec.ts";

const startMs = 1_767_225_600_000;
const SECONDS = 120;
const RATE = 500;

function traffic(overrides: Partial<TrafficOptions> = {}): EventTraffic {
  const options = { seed: 1, eventsPerSecond: RATE, startMs, regions: REGIONS, attacks: [] };
  return new EventTraffic({ ...options, ...overrides });
}

function take(source: EventTraffic, count: number): AuctionEvent[] {
  return Array.from({ length: count }, () => source.next());
}

const events = take(traffic(), RATE * SECONDS);
const bids = new Map(
  events.flatMap((event) => (event.type === "bid" ? [[event.bidId, event] as const] : [])),
);
const first = new Map<string, AuctionEvent>();
for (const event of events) {
  if (!first.has(identityOf(event))) first.set(identityOf(event), event);
}

test("the same seed gives the same events, another seed others", () => {
  expect(take(traffic(), 5000)).toEqual(events.slice(0, 5000));
  expect(take(traffic({ seed: 2 }), 5000)).not.toEqual(events.slice(0, 5000));
});

test("every event is one that every reader accepts", () => {
  for (const event of events.filter((_, index) => index % 40 === 0)) {
    expect(decodeEvent(encodeEvent(event))).toEqual(event);
  }
});

test("of one identity there are repeats and, of payments alone, conflicts", () => {
  const seen = new Set<string>();
  const again = events.filter((event) => {
    const isKnown = seen.has(identityOf(event));
    seen.add(identityOf(event));
    return isKnown;
  });
  const conflicting = again.filter((event) => {
    const known = first.get(identityOf(event));
    return known === undefined || !Buffer.from(encodeEvent(known)).equals(encodeEvent(event));
  });
  const [repeats, conflicts] = [again.length - conflicting.length, conflicting.length];
  expect(new Set(conflicting.map(({ type }) => type))).toEqual(new Set(["payment"]));
  expect(repeats / events.length).toBeGreaterThan(0.01);
  expect(repeats / events.length).toBeLessThan(0.04);
  expect(conflicts).toBeGreaterThan(0);
});

test("one bid of an auction wins, at no more than its price, and is billed what it won for", () => {
  const winners = new Map<string, string>();
  for (const event of first.values()) {
    if (event.type !== "win" && event.type !== "billing") continue;
    const bid = bids.get(event.bidId);
    if (bid === undefined) continue; // Its bid is a straggler that is still under way.
    expect(event).toMatchObject({
      auctionId: bid.auctionId,
      seat: bid.seat,
      currency: bid.currency,
    });
    expect(event.priceNanos).toBeLessThanOrEqual(bid.priceNanos);
    expect(event.priceNanos).toBeGreaterThanOrEqual(0n);
    expect(winners.get(event.auctionId) ?? event.bidId).toBe(event.bidId);
    winners.set(event.auctionId, event.bidId);
    const win = first.get(`win:${event.bidId}`);
    expect(win).toMatchObject({ priceNanos: event.priceNanos });
    expect(event.eventTimeUs).toBeGreaterThanOrEqual(win?.eventTimeUs ?? 0);
  }
  expect(winners.size).toBeGreaterThan(SECONDS);
});

test("what is paid is what was won, at once or in two parts that add up to it", () => {
  const nanosOf = (identity: string): bigint | undefined => {
    const event = first.get(identity);
    return event !== undefined && "priceNanos" in event ? event.priceNanos : undefined;
  };
  const paid = [...first.values()]
    .filter(({ type }) => type === "payment")
    .map(({ bidId }) => bidId);
  const kinds = new Map<string, number>();
  for (const bidId of new Set(paid)) {
    const won = nanosOf(`win:${bidId}`);
    const parts = [nanosOf(`payment:${bidId}-p1`), nanosOf(`payment:${bidId}-p2`)];
    const sum = parts.reduce<bigint>((total, nanos) => total + (nanos ?? 0n), 0n);
    const isWhole = parts.every((nanos) => nanos !== undefined);
    const isExact = sum === won;
    const kind = `${isWhole ? "two parts" : "one part"}, ${isExact ? "exact" : "other"}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  expect(kinds.get("two parts, exact")).toBeGreaterThan(5);
  expect(kinds.get("two parts, other")).toBeUndefined();
  // A second part that is to come, or a conflicting report that came first.
  const others = kinds.get("one part, other") ?? 0;
  expect(others).toBeLessThan((kinds.get("one part, exact") ?? 0) / 15);
});

test("half of the bids go to a few hot auctions", () => {
  const counts = new Map<string, number>();
  for (const { auctionId } of bids.values()) {
    counts.set(auctionId, (counts.get(auctionId) ?? 0) + 1);
  }
  const ordered = [...counts.values()].toSorted((left, right) => right - left);
  const hottest = ordered.slice(0, Math.ceil(ordered.length / 20));
  const share = hottest.reduce((sum, count) => sum + count, 0) / bids.size;
  expect(share).toBeGreaterThan(0.45);
  expect(share).toBeLessThan(0.8);
});

test("event times are out of order by seconds, and a few bids come minutes late", () => {
  const stragglers = events.filter(
    ({ type, eventTimeUs }, index) =>
      type === "bid" && startMs + (index * 1000) / RATE - eventTimeUs / 1000 > 15_000,
  );
  expect(stragglers.length).toBeGreaterThan(0);
  expect(stragglers.length).toBeLessThan(events.length / 500);
  const newestMs = (index: number): number => (events[index]?.eventTimeUs ?? 0) / 1000;
  const disordered = events.filter(
    (_, index) => index > 0 && newestMs(index) < newestMs(index - 1),
  );
  expect(disordered.length).toBeGreaterThan(events.length / 4);
  const ahead = events.filter(
    ({ eventTimeUs }, index) => eventTimeUs / 1000 > startMs + (index * 1000) / RATE + 0.001,
  );
  expect(ahead).toEqual([]);
});

test("every region has its own day, and only the regions asked for send", () => {
  const shareAt = (region: Region, hour: number): number =>
    regionShares(REGIONS, startMs + hour * 3_600_000)[REGIONS.indexOf(region)] ?? 0;
  expect(shareAt("us", 2)).toBeGreaterThan(shareAt("us", 14));
  expect(shareAt("apac", 11)).toBeGreaterThan(shareAt("apac", 23));
  const total = regionShares(REGIONS, startMs).reduce((sum, share) => sum + share, 0);
  expect(total).toBeCloseTo(1, 10);
  const regions = new Set(take(traffic({ regions: ["eu"] }), 1000).map(({ region }) => region));
  expect([...regions]).toEqual(["eu"]);
});

test.each(ATTACK_KINDS)(
  "an attack of kind %s shows in its segment, and its label counts it",
  (kind) => {
    const lengthMs = 180_000;
    const run = { startMs, lengthMs, segments: TRAFFIC_SEGMENTS };
    const attacks = planAttack({ kind, strength: 4, segment: 20 }, run);
    const attacked = traffic({ attacks });
    const honest = traffic();
    const count = (RATE * lengthMs) / 1000;
    const bidsOf = (source: readonly AuctionEvent[]) =>
      source.filter(
        ({ type, segment, eventTimeUs }) =>
          type === "bid" &&
          segment === segmentName(20) &&
          eventTimeUs / 1000 >= startMs + lengthMs / 3 &&
          eventTimeUs / 1000 < startMs + (2 * lengthMs) / 3,
      ).length;
    const added = bidsOf(take(attacked, count)) - bidsOf(take(honest, count));
    const [label] = attacked.labels;
    expect(attacked.labels.length).toBe(kind === "coordinated" ? 10 : 1);
    expect(label?.botBids).toBeGreaterThan(50);
    if (kind !== "price") expect(added).toBeGreaterThan((label?.botBids ?? 0) / 2);
  },
);

test("an attack's own events are its bots' bids and what came of these, from the start of a run of its own", () => {
  const run = { startMs, lengthMs: SECONDS * 1000, segments: TRAFFIC_SEGMENTS, isAttackOnly: true };
  const attacks = planAttack({ kind: "flood", strength: 4, segment: 20 }, run);
  expect(attacks).toMatchObject([{ startMs, endMs: startMs + SECONDS * 1000 }]);
  const attacked = traffic({ attacks });
  const own = take(attacked, RATE * SECONDS).filter((event) => attacked.isOfAttack(event));
  const bids = new Set(own.flatMap((event) => (event.type === "bid" ? [event.bidId] : [])));
  expect(bids.size).toBe(attacked.labels[0]?.botBids);
  expect(own.every(({ bidId, segment }) => bids.has(bidId) && segment === segmentName(20))).toBe(
    true,
  );
  expect(own.some(({ type }) => type === "win")).toBe(true);
});
