import { typeCodeOf } from "../auction/event.ts";
import { alignDown } from "../time.ts";
import type { EventEntry } from "../window/event-table.ts";
import { SegmentSketch } from "./segment-sketch.ts";
import { encodeSketches } from "./sketch-codec.ts";

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
  /** Sketches of every segment, encoded. */
  readonly statistics: Uint8Array;
}

interface Collected {
  readonly segment: string;
  readonly shard: number;
  readonly sliceStartMs: number;
  readonly high: number;
  readonly sketch: SegmentSketch;
}

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
    const { sketch } = this.#find(event, sliceStartMs);
    if (entry.typeCode === WIN) sketch.winCount++;
    else if (entry.typeCode === CLICK) sketch.clickCount++;
    else if (entry.typeCode === BID) {
      const { priceHigh, priceLow } = entry;
      const sampled = { offsetMs: timeMs - sliceStartMs, priceHigh, priceLow };
      sketch.addBid({ bidHash: entry.low, userHash, seatHash, sampled });
    }
  }

  /** What was gathered, a row a shard and slice. */
  rows(): SegmentRow[] {
    const rows: SegmentRow[] = [];
    for (const [sliceStartMs, collected] of this.#slices) {
      const shards = new Map<number, Map<string, SegmentSketch>>();
      for (const { segment, shard, sketch } of collected.values()) {
        const sketches = shards.get(shard) ?? new Map<string, SegmentSketch>();
        shards.set(shard, sketches.set(segment, sketch));
      }
      for (const [shard, sketches] of shards) {
        rows.push({ shard, sliceStartMs, statistics: encodeSketches(sketches) });
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
      sketch: new SegmentSketch(),
    };
    slice.set(key, added);
    return added;
  }
}
