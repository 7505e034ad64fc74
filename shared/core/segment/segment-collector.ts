import { typeCodeOf } from "../auction/event.ts";
import { alignDown } from "../time.ts";
import type { EventEntry } from "../window/event-tables.ts";
import { BidRows, ROW_WORDS } from "./bid-rows.ts";
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

/** One segment in one slice. */
interface Collected {
  readonly segment: string;
  readonly shard: number;
  readonly sliceStartMs: number;
  readonly high: number;
  /** Its place among those of the bundle. */
  readonly place: number;
  bidCount: number;
  winCount: number;
  clickCount: number;
}

/** Beyond so many bids a sketch of them is smaller. */
const ROWS_MAX = 512;
/** What is gathered of a bid: the place of its segment and slice, then the words of its row. */
const GATHERED_WORDS = 1 + ROW_WORDS;
const FIRST_BIDS = 4096;

const BID = typeCodeOf("bid");
const WIN = typeCodeOf("win");
const CLICK = typeCodeOf("click");

/**
 * Gathers the statistics of the events that a bundle counts, by segment and slice. Bids go one after the
 * other into one array, which the next bundle fills again, and are sorted out when rows are asked for.
 */
export class SegmentCollector {
  readonly #sliceMs: number;
  readonly #shards: number;
  /** By slice, then by the segment's fingerprint: its low half, and the next free number on a collision. */
  readonly #slices = new Map<number, Map<number, Collected>>();
  readonly #collected: Collected[] = [];
  #words = new Uint32Array(FIRST_BIDS * GATHERED_WORDS);
  #bidCount = 0;

  constructor(sliceMs: number, shards: number) {
    this.#sliceMs = sliceMs;
    this.#shards = shards;
  }

  /** Takes in an event that was counted; one without a segment has no place here. */
  add(event: SegmentEvent): void {
    if (event.segmentHigh === 0 && event.segmentLow === 0) return;
    const { entry } = event;
    const timeMs = Math.floor(entry.eventTimeUs / 1000);
    const sliceStartMs = alignDown(timeMs, this.#sliceMs);
    const collected = this.#find(event, sliceStartMs);
    if (entry.typeCode === WIN) collected.winCount++;
    else if (entry.typeCode === CLICK) collected.clickCount++;
    else if (entry.typeCode === BID) {
      collected.bidCount++;
      this.#gather(collected.place, event, timeMs - sliceStartMs);
    }
  }

  /** What was gathered, a row a shard and slice. */
  rows(): SegmentRow[] {
    const rows: SegmentRow[] = [];
    const parts = this.#parts();
    for (const [sliceStartMs, collected] of this.#slices) {
      const shards = new Map<number, Map<string, SegmentPart>>();
      for (const { segment, shard, place } of collected.values()) {
        const part = parts[place];
        if (part === undefined) continue;
        const ofShard = shards.get(shard) ?? new Map<string, SegmentPart>();
        shards.set(shard, ofShard.set(segment, part));
      }
      for (const [shard, ofShard] of shards) {
        rows.push({ shard, sliceStartMs, statistics: encodeSegments(ofShard) });
      }
    }
    return rows;
  }

  clear(): void {
    this.#slices.clear();
    this.#collected.length = 0;
    this.#bidCount = 0;
  }

  #gather(place: number, { entry, userHash, seatHash }: SegmentEvent, offsetMs: number): void {
    if ((this.#bidCount + 1) * GATHERED_WORDS > this.#words.length) this.#grow();
    const words = this.#words;
    const at = this.#bidCount * GATHERED_WORDS;
    words[at] = place;
    words[at + 1] = entry.low;
    words[at + 2] = userHash;
    words[at + 3] = seatHash;
    words[at + 4] = offsetMs;
    words[at + 5] = entry.priceHigh;
    words[at + 6] = entry.priceLow;
    this.#bidCount++;
  }

  /** The parts by place, each with its bids in the order they came. */
  #parts(): SegmentPart[] {
    const sorted = new Uint32Array(this.#bidCount * ROW_WORDS);
    const ends = new Uint32Array(this.#collected.length);
    let end = 0;
    const rows = this.#collected.map(({ bidCount, place, ...counts }) => {
      ends[place] = end;
      end += bidCount * ROW_WORDS;
      return new BidRows(sorted.subarray(ends[place], end), counts);
    });
    for (let from = 0; from < this.#bidCount * GATHERED_WORDS; from += GATHERED_WORDS) {
      const place = this.#words[from] ?? 0;
      const at = ends[place] ?? 0;
      for (let word = 0; word < ROW_WORDS; word++) {
        sorted[at + word] = this.#words[from + 1 + word] ?? 0;
      }
      ends[place] = at + ROW_WORDS;
    }
    return rows.map((part) => (part.count > ROWS_MAX ? part.toSketch() : part));
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
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
    const added: Collected = {
      segment: event.segment(),
      shard: low % this.#shards,
      sliceStartMs,
      high,
      place: this.#collected.length,
      bidCount: 0,
      winCount: 0,
      clickCount: 0,
    };
    this.#collected.push(added);
    slice.set(key, added);
    return added;
  }
}
