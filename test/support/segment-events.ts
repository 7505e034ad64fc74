import { type EventType, typeCodeOf } from "../../shared/core/auction/event.ts";
import type { Fingerprints } from "../../shared/core/fingerprint.ts";
import type { SegmentEvents } from "../../shared/core/segment/segment-collector.ts";

/** One event of those that statistics of segments are made of. Fingerprints as unsigned halves. */
export interface SegmentEventRow {
  readonly type: EventType;
  readonly eventTimeUs: number;
  readonly price: readonly [high: number, low: number];
  readonly bidHash: number;
  readonly userHash: number;
  readonly seatHash: number;
  readonly segment: readonly [high: number, low: number];
  readonly segmentName: string;
}

/** Events as the columns that a collector reads. */
export function segmentEventsOf(rows: readonly SegmentEventRow[]): SegmentEvents {
  const words = (wordOf: (row: SegmentEventRow) => number) => Uint32Array.from(rows, wordOf);
  const hashes = (hashOf: (row: SegmentEventRow) => number): Fingerprints => ({
    high: new Uint32Array(rows.length),
    low: words(hashOf),
  });
  return {
    type: Uint8Array.from(rows, ({ type }) => typeCodeOf(type)),
    eventTimeUs: Float64Array.from(rows, ({ eventTimeUs }) => eventTimeUs),
    priceHigh: words(({ price }) => price[0]),
    priceLow: words(({ price }) => price[1]),
    auction: hashes(() => 1),
    bid: hashes(({ bidHash }) => bidHash),
    user: hashes(({ userHash }) => userHash),
    seat: hashes(({ seatHash }) => seatHash),
    segment: { high: words(({ segment }) => segment[0]), low: words(({ segment }) => segment[1]) },
    auctionId: () => "auction-1",
    segmentName: (row) => rows[row]?.segmentName ?? "",
  };
}

const TYPES: readonly EventType[] = ["bid", "bid", "bid", "bid", "bid", "win", "click", "loss"];
const SEGMENTS = 400;

/**
 * Events of three slices of 10 s from `startMs` on, in no order: half of them of one segment, some of none,
 * without user or seat, or at a price beyond 32 bits; fingerprints of segments share halves.
 */
export function mixedEvents(startMs: number, count: number, random: () => number): SegmentEvents {
  const below = (limit: number): number => Math.floor(random() * limit);
  return segmentEventsOf(
    Array.from({ length: count }, () => {
      const segment = below(2) * below(SEGMENTS) + 1;
      const sliceMs = 10_000 * below(2) * below(3);
      return {
        type: TYPES[below(TYPES.length)] ?? "bid",
        eventTimeUs: (startMs + sliceMs) * 1000 + below(10_000_000),
        price: [below(10) === 0 ? below(2 ** 32) : 0, below(2 ** 32)],
        bidHash: below(2 ** 32),
        userHash: below(10) === 0 ? 0 : below(2 ** 32),
        seatHash: below(10) === 0 ? 0 : below(5000) * 800_000,
        segment:
          segment === SEGMENTS
            ? [0, 0]
            : [segment % 40, Math.imul(segment >> 1, 0x9e_37_79_b1) >>> 0],
        segmentName: `ségment-${segment}${"x".repeat(segment % 100)}`,
      };
    }),
  );
}
