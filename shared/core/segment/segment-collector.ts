import { typeCodeOf } from "../auction/event.ts";
import { alignDown } from "../time.ts";
import type { EventEntry } from "../window/event-table.ts";
import { BidRows } from "./bid-rows.ts";
import { encodeSegments, type SegmentPart } from "./sketch-codec.ts";

/** One newly counted event, read in place. */
export interface SegmentEvent {
  readonly entry: Readonly<EventEntry>;
  /** Fingerprint halves of the segment; both 0 where the event names none. */
  readonly segmentHigh: number;
  readonly segmentLow: number;
  /** 32-bit hashes; 0 where the event names none. */
  readonly userHash: number;
  readonly seatHash: number;
  segment(): string;
}

/** What a bundle adds to one slice of one shard of segments. */
export interface SegmentRow {
  readonly shard: number;
  readonly sliceStartMs: number;
  /** Every segment's part, encoded. */
  readonly statistics: Uint8Array;
}

interface Collected {
  readonly segment: string;
  readonly shard: number;
  readonly sliceStartMs: number;
  readonly high: number;
  part: SegmentPart;
}

/** Beyond so many bids a sketch of them is smaller. */
const ROWS_MAX = 512;

const BID = typeCodeOf("bid");
const WIN = typeCodeOf("win");
const CLICK = typeCodeOf("click");

/** Gathers the statistics of the events that a bundle counts, by segment and slice. */
export class SegmentCollector {
  readonly #sliceMs: number;
  readonly #shards: number;
  /** By slice, then by the segment's fingerprint: its low half, and the next free number on a collision. */
  readonly #slices = new Map<number, Map<number, Collected>>();

  constructor(sliceMs: number, shards: number) {
    this.#sliceMs = sliceMs;
    this.#shards = shards;
  }

  /** Takes in an event that was counted; one without a segment has no place here. */
  add(event: SegmentEvent): void {
    if (event.segmentHigh === 0 && event.segmentLow === 0) return;
    const { entry, userHash, seatHash } = event;
    const timeMs = Math.floor(entry.eventTimeUs / 1000);
    const sliceStartMs = alignDown(timeMs, this.#sliceMs);
    const collected = this.#find(event, sliceStartMs);
    const { part } = collected;
    if (entry.typeCode === WIN) part.winCount++;
    else if (entry.typeCode === CLICK) part.clickCount++;
    else if (entry.typeCode === BID) {
      const { low: bidHash, priceHigh, priceLow } = entry;
      const offsetMs = timeMs - sliceStartMs;
      part.add({ bidHash, userHash, seatHash }, { offsetMs, priceHigh, priceLow });
      if (part instanceof BidRows && part.count > ROWS_MAX) collected.part = part.toSketch();
    }
  }

  /** What was gathered, a row a shard and slice. */
  rows(): SegmentRow[] {
    const rows: SegmentRow[] = [];
    for (const [sliceStartMs, collected] of this.#slices) {
      const shards = new Map<number, Map<string, SegmentPart>>();
      for (const { segment, shard, part } of collected.values()) {
        const parts = shards.get(shard) ?? new Map<string, SegmentPart>();
        shards.set(shard, parts.set(segment, part));
      }
      for (const [shard, parts] of shards) {
        rows.push({ shard, sliceStartMs, statistics: encodeSegments(parts) });
      }
    }
    return rows;
  }

  clear(): void {
    this.#slices.clear();
  }

  #find(event: SegmentEvent, sliceStartMs: number): Collected {
    let slice = this.#slices.get(sliceStartMs);
    if (slice === undefined) {
      slice = new Map();
      this.#slices.set(sliceStartMs, slice);
    }
    const { segmentHigh: high, segmentLow: low } = event;
    let key = low;
    let found = slice.get(key);
    while (found !== undefined && found.high !== high) found = slice.get(++key);
    if (found !== undefined) return found;
    const added = {
      segment: event.segment(),
      shard: low % this.#shards,
      sliceStartMs,
      high,
      part: new BidRows(),
    };
    slice.set(key, added);
    return added;
  }
}
