import { createHash } from "node:crypto";
import fc from "fast-check";
import {
  SegmentCollector,
  type SegmentEvents,
  type SegmentRow,
} from "../../../../../shared/core/segment/segment-collector.ts";
import { SegmentSketch } from "../../../../../shared/core/segment/segment-sketch.ts";
import { decodeSketches } from "../../../../../shared/core/segment/sketch-codec.ts";
import { statisticsOf } from "../../../../../shared/core/segment/sketch-statistics.ts";
import { prng } from "../../../../support/prng.ts";
import {
  mixedEvents,
  type SegmentEventRow,
  segmentEventsOf,
} from "../../../../support/segment-events.ts";

const SLICE_MS = 10_000;
const START_MS = 1_767_225_600_000;

interface Bid {
  readonly user: number;
  readonly seat: number;
  readonly price: number;
  readonly offsetMs: number;
  readonly bid: number;
}

function eventOf({ user, seat, price, offsetMs, bid }: Bid, name = "segment-1"): SegmentEventRow {
  return {
    type: "bid",
    eventTimeUs: (START_MS + offsetMs) * 1000,
    price: [0, price],
    bidHash: Math.imul(bid + 1, 2_654_435_761) >>> 0,
    userHash: Math.imul(user + 1, 2_246_822_519) >>> 0,
    seatHash: Math.imul(seat + 1, 3_266_489_917) >>> 0,
    segment: [name.length, 7],
    segmentName: name,
  };
}

/** What a bundle of events comes to. */
function collect(collector: SegmentCollector, events: SegmentEvents): SegmentRow[] {
  collector.clear();
  for (let row = 0; row < events.type.length; row++) collector.add(events, row);
  return collector.rows();
}

/** What bundles brought to one slice, merged as the detector merges it. */
function mergedOf(bundles: readonly (readonly Bid[])[]): SegmentSketch {
  const merged = new SegmentSketch();
  for (const bids of bundles) {
    const events = segmentEventsOf(bids.map((bid) => eventOf(bid)));
    for (const { statistics } of collect(new SegmentCollector(SLICE_MS, 8), events)) {
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
  const events = segmentEventsOf(["a", "bb", "ccc", "bb"].map((name) => eventOf(bid, name)));
  const [row, ...rest] = collect(new SegmentCollector(SLICE_MS, 8), events);
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

/** Tells rows apart by every byte of them, whatever their order. */
function digestOf(rows: readonly SegmentRow[]): string {
  const hash = createHash("sha256");
  const sorted = [...rows].sort((a, b) => a.sliceStartMs - b.sliceStartMs || a.shard - b.shard);
  for (const { shard, sliceStartMs, statistics } of sorted) {
    hash.update(`${shard} ${sliceStartMs} ${statistics.length} `).update(statistics);
  }
  return hash.digest("hex");
}

test("what is stored of bundles is the same byte for byte as what is stored already", () => {
  const random = prng(7);
  const collector = new SegmentCollector(SLICE_MS, 8);
  const digests = [20, 12_000, 0, 3000].map((count) =>
    digestOf(collect(collector, mixedEvents(START_MS, count, random))),
  );
  expect(digests).toEqual([
    "f94d0cf1e38356d8cec1fbdcfde6aa858f32c4b13ad785abd5000dc30880947e",
    "01a20032eabdd10a992dfe42f622a64465ccbf27d768c2872457915fc0611e0a",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "59cf0062e36ca3d632c242905caed0b1f25eb1d3f8dcf2133399cc9cbea49777",
  ]);
});

test("rows stay as they are while the next bundle is gathered, and may be asked for again", () => {
  const random = prng(8);
  const collector = new SegmentCollector(SLICE_MS, 8);
  const rows = collect(collector, mixedEvents(START_MS, 12_000, random));
  const digest = digestOf(rows);
  expect(digestOf(collector.rows())).toBe(digest);
  collect(collector, mixedEvents(START_MS, 12_000, random));
  expect(digestOf(rows)).toBe(digest);
});

test("a bundle in which every event has a segment of its own loses none, nor does the next", () => {
  const collector = new SegmentCollector(SLICE_MS, 8);
  for (const first of [0, 10_000, 5000]) {
    const names = Array.from({ length: 10_000 }, (_, index) => `segment-${first + index}`);
    const bid = { user: 1, seat: 1, price: 1, offsetMs: 0, bid: 1 };
    const events = names.map((segmentName, index) => ({
      ...eventOf(bid),
      segment: [1, Math.imul(first + index, 0x9e_37_79_b1) >>> 0] as const,
      segmentName,
    }));
    const rows = collect(collector, segmentEventsOf(events));
    const found = rows.flatMap(({ statistics }) => [...decodeSketches(statistics).keys()]);
    expect(found.sort()).toEqual(names.sort());
  }
});

test.each([
  { bidCount: 512, kind: 1 },
  { bidCount: 513, kind: 2 },
])("$bidCount bids of a segment in a slice are stored as kind $kind", ({ bidCount, kind }) => {
  const bid = { user: 1, seat: 1, price: 1, offsetMs: 0 };
  const bids = Array.from({ length: bidCount }, (_, index) => eventOf({ ...bid, bid: index }));
  const [row] = collect(new SegmentCollector(SLICE_MS, 8), segmentEventsOf(bids));
  const { buffer, byteOffset } = row?.statistics ?? new Uint8Array(0);
  expect(new DataView(buffer, byteOffset).getUint32(4, true)).toBe(kind);
});
