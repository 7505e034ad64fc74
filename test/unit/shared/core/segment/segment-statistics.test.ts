import fc from "fast-check";
import { typeCodeOf } from "../../../../../shared/core/auction/event.ts";
import {
  SegmentCollector,
  type SegmentEvent,
} from "../../../../../shared/core/segment/segment-collector.ts";
import { SegmentSketch } from "../../../../../shared/core/segment/segment-sketch.ts";
import { decodeSketches } from "../../../../../shared/core/segment/sketch-codec.ts";
import { statisticsOf } from "../../../../../shared/core/segment/sketch-statistics.ts";
import { prng } from "../../../../support/prng.ts";

const SLICE_MS = 10_000;
const START_MS = 1_767_225_600_000;

interface Bid {
  readonly user: number;
  readonly seat: number;
  readonly price: number;
  readonly offsetMs: number;
  readonly bid: number;
}

function eventOf({ user, seat, price, offsetMs, bid }: Bid, name = "segment-1"): SegmentEvent {
  return {
    entry: {
      high: bid,
      low: Math.imul(bid + 1, 2_654_435_761) >>> 0,
      priceHigh: 0,
      priceLow: price,
      typeCode: typeCodeOf("bid"),
      eventTimeUs: (START_MS + offsetMs) * 1000,
    },
    segmentHigh: name.length,
    segmentLow: 7,
    userHash: Math.imul(user + 1, 2_246_822_519) >>> 0,
    seatHash: Math.imul(seat + 1, 3_266_489_917) >>> 0,
    segment: () => name,
  };
}

/** What bundles brought to one slice, merged as the detector merges it. */
function mergedOf(bundles: readonly (readonly Bid[])[]): SegmentSketch {
  const merged = new SegmentSketch();
  for (const bids of bundles) {
    const collector = new SegmentCollector(SLICE_MS, 8);
    for (const bid of bids) collector.add(eventOf(bid));
    for (const { statistics } of collector.rows()) {
      for (const sketch of decodeSketches(statistics).values()) merged.merge(sketch);
    }
  }
  return merged;
}

const arbitraryBids = fc.uniqueArray(
  fc.record({
    user: fc.nat(40),
    seat: fc.nat(5),
    price: fc.nat(1_000_000),
    offsetMs: fc.nat(SLICE_MS - 1),
    bid: fc.nat(100_000),
  }),
  { maxLength: 80, selector: ({ bid }) => bid },
);

test("W7: bundles merge to the statistics of all their events, however they were cut and ordered", () => {
  fc.assert(
    fc.property(arbitraryBids, fc.nat(), (bids, cut) => {
      const at = bids.length === 0 ? 0 : cut % bids.length;
      const whole = statisticsOf("s", START_MS, mergedOf([bids]));
      const parts = mergedOf([bids.slice(at), [], bids.slice(0, at)]);
      expect(statisticsOf("s", START_MS, parts)).toEqual(whole);
      expect(whole.bidCount).toBe(bids.length);
      expect(whole.userCount ?? 0).toBe(new Set(bids.map(({ user }) => user)).size);
      const sum = bids.reduce((total, { price }) => total + price, 0);
      expect(whole.priceSum).toBeCloseTo(sum / 1e9, 12);
    }),
  );
});

test("W7: counts stay exact and samples bounded beyond their size; distinct users are told to a fifth", () => {
  const random = prng(3);
  const bids = Array.from({ length: 20_000 }, (_, bid) => ({
    bid,
    user: Math.floor(random() * 5000),
    seat: bid % 7,
    price: Math.floor(random() * 1e6),
    offsetMs: bid % SLICE_MS,
  }));
  const cuts = [0, 1, 50, 7000, 20_000];
  const sketch = mergedOf(cuts.slice(1).map((end, index) => bids.slice(cuts[index], end)));
  const statistics = statisticsOf("s", START_MS, sketch);
  const users = new Set(bids.map(({ user }) => user)).size;
  expect(statistics.bidCount).toBe(20_000);
  expect(Math.abs((statistics.userCount ?? 0) / users - 1)).toBeLessThan(0.2);
  expect(statistics.seatCount).toBe(7);
  expect(Math.abs((statistics.priceP50 ?? 0) / 0.0005 - 1)).toBeLessThan(0.2);
  expect(sketch.users.size + sketch.seats.size + sketch.bids.size).toBeLessThanOrEqual(4160);
  expect(statistics.intervalCv).toBeUndefined();
});

test("a clock's intervals have no spread, and one price has a share of 1", () => {
  const bids = Array.from({ length: 100 }, (_, bid) => ({
    bid,
    user: 1,
    seat: 1,
    price: 500,
    offsetMs: bid * 100,
  }));
  const statistics = statisticsOf("s", START_MS, mergedOf([bids]));
  expect(statistics.intervalCv).toBe(0);
  expect(statistics.topPriceShare).toBe(1);
});

test("segments whose fingerprints share a half are told apart, and none is lost", () => {
  const bid = { user: 1, seat: 1, price: 1, offsetMs: 0, bid: 1 };
  const collector = new SegmentCollector(SLICE_MS, 8);
  for (const name of ["a", "bb", "ccc", "bb"]) collector.add(eventOf(bid, name));
  const [row, ...rest] = collector.rows();
  expect(rest).toEqual([]);
  const counts = [...decodeSketches(row?.statistics ?? new Uint8Array(0))].map(
    ([name, { bidCount }]) => [name, bidCount],
  );
  expect(counts).toEqual([
    ["a", 1],
    ["bb", 2],
    ["ccc", 1],
  ]);
});
