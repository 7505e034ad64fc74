import { assert } from "../assert.ts";
import { typeCodeOf } from "../auction/event.ts";
import type { Fingerprints } from "../fingerprint.ts";
import type { EventRows } from "../window/event-rows.ts";
import { BidRows, ROW_WORDS } from "./bid-rows.ts";
import { GatheredBids } from "./gathered-bids.ts";
import { GROUP, KeyedRecords, LOW, OWN, RECORD_WORDS } from "./keyed-records.ts";
import { type NamedSegments, SegmentNames } from "./segment-names.ts";
import type { SegmentSketch } from "./segment-sketch.ts";
import {
  type EventCounts,
  FORMAT_WORDS,
  SegmentWriter,
  wordsOfRows,
  wordsOfSketch,
} from "./sketch-codec.ts";
import { SliceNumbers } from "./slice-numbers.ts";

/** What statistics of segments are made of. */
export interface SegmentEvents extends EventRows, NamedSegments {
  /** The low half is the 32-bit hash that tells users apart; 0 where the event names none. */
  readonly user: Fingerprints;
  /** The same for seats. */
  readonly seat: Fingerprints;
}

/** What a bundle adds to one slice of one shard of segments. */
export interface SegmentRow {
  readonly shard: number;
  readonly sliceStartMs: number;
  /** Every segment's part, encoded. */
  readonly statistics: Uint8Array;
}

/** Beyond so many bids a sketch of them is smaller. */
const ROWS_MAX = 512;

/** Words of a place, which is one segment in one slice. */
const BIDS = OWN;
const WINS = OWN + 1;
const CLICKS = OWN + 2;
/** The number of its segment's name. */
const NAME = OWN + 3;
/** Where the record of its row begins. */
const ROW = OWN + 4;
/** The word that its next bid is copied to; 0 where its bids are not to be copied. */
const NEXT_BID = OWN + 5;

/** Words of a row: how many it takes, and where its next part goes among those of all rows. */
const SIZE = OWN;
const NEXT_PART = OWN + 1;

const WORD_BYTES = 4;

const BID = typeCodeOf("bid");
const WIN = typeCodeOf("win");
const CLICK = typeCodeOf("click");

/**
 * Gathers the statistics of the events that a bundle counts, by segment and slice. Everything is held in
 * arrays that the next bundle fills again; bids are sorted out when rows are asked for.
 */
export class SegmentCollector {
  readonly #shards: number;
  /** By segment and slice. */
  readonly #places = new KeyedRecords();
  /** By shard, as low half, and slice. */
  readonly #rows = new KeyedRecords();
  readonly #bids = new GatheredBids();
  readonly #names = new SegmentNames();
  readonly #slices: SliceNumbers;

  constructor(sliceMs: number, shards: number) {
    this.#slices = new SliceNumbers(sliceMs);
    this.#shards = shards;
  }

  /** Takes in an event that was counted; one without a segment has no place here. */
  add(events: SegmentEvents, row: number): void {
    const high = events.segment.high[row] ?? 0;
    const low = events.segment.low[row] ?? 0;
    if (high === 0 && low === 0) return;
    const timeMs = Math.floor((events.eventTimeUs[row] ?? 0) / 1000);
    const slices = this.#slices;
    slices.open(timeMs);
    const places = this.#places;
    const known = places.count;
    const place = places.find(high | 0, low | 0, slices.number);
    if (places.count > known) this.#openPlace(place, events, row);
    const { words } = places;
    const type = events.type[row];
    if (type === BID) {
      words[place + BIDS] = (words[place + BIDS] ?? 0) + 1;
      this.#bids.add(place, timeMs - slices.startMs, events, row);
    } else if (type === WIN) words[place + WINS] = (words[place + WINS] ?? 0) + 1;
    else if (type === CLICK) words[place + CLICKS] = (words[place + CLICKS] ?? 0) + 1;
  }

  /** What was gathered, a row a shard and slice. The rows share a buffer that is theirs alone. */
  rows(): SegmentRow[] {
    const sketches = this.#sketches();
    const writer = new SegmentWriter(new Uint32Array(this.#layOut(sketches)));
    this.#writeParts(writer, sketches);
    this.#bids.copyRows(writer.words, this.#places.words, NEXT_BID);
    return this.#cut(writer.words);
  }

  clear(): void {
    this.#places.clear();
    this.#rows.clear();
    this.#bids.clear();
    this.#slices.clear();
    this.#names.trim();
  }

  #openPlace(place: number, events: SegmentEvents, row: number): void {
    const { words } = this.#places;
    const shard = (events.segment.low[row] ?? 0) % this.#shards;
    words[place + NAME] = this.#names.numberOf(events, row);
    words[place + ROW] = this.#rows.find(0, shard, this.#slices.number);
  }

  /** Sketches of the places that have many bids, by place. */
  #sketches(): Map<number, SegmentSketch> {
    const { words, end } = this.#places;
    const sketches = new Map<number, SegmentSketch>();
    const large: number[] = [];
    // Word 0 is no bid's.
    let size = ROW_WORDS;
    for (let place = 0; place < end; place += RECORD_WORDS) {
      const bidCount = words[place + BIDS] ?? 0;
      words[place + NEXT_BID] = bidCount > ROWS_MAX ? size : 0;
      if (bidCount <= ROWS_MAX) continue;
      large.push(place);
      size += bidCount * ROW_WORDS;
    }
    if (large.length === 0) return sketches;
    const rows = new Uint32Array(size);
    this.#bids.copyRows(rows, words, NEXT_BID);
    for (const place of large) {
      const { bidCount, ...counts } = this.#countsOf(place);
      const rowsEnd = words[place + NEXT_BID] ?? 0;
      const own = rows.subarray(rowsEnd - bidCount * ROW_WORDS, rowsEnd);
      sketches.set(place, new BidRows(own, counts).toSketch());
    }
    return sketches;
  }

  /** Gives every row its words among those of all; returns how many there are of these. */
  #layOut(sketches: ReadonlyMap<number, SegmentSketch>): number {
    const places = this.#places;
    const rows = this.#rows;
    for (let row = 0; row < rows.end; row += RECORD_WORDS) rows.words[row + SIZE] = FORMAT_WORDS;
    for (let place = 0; place < places.end; place += RECORD_WORDS) {
      const bidCount = places.words[place + BIDS] ?? 0;
      const sketch = sketches.get(place);
      const name = this.#nameOf(place);
      const size = sketch ? wordsOfSketch(name, sketch) : wordsOfRows(name, bidCount);
      const at = (places.words[place + ROW] ?? 0) + SIZE;
      rows.words[at] = (rows.words[at] ?? 0) + size;
    }
    let end = 0;
    for (let row = 0; row < rows.end; row += RECORD_WORDS) {
      rows.words[row + NEXT_PART] = end;
      end += rows.words[row + SIZE] ?? 0;
    }
    return end;
  }

  #writeParts(writer: SegmentWriter, sketches: ReadonlyMap<number, SegmentSketch>): void {
    const places = this.#places;
    const rows = this.#rows;
    for (let row = 0; row < rows.end; row += RECORD_WORDS) {
      writer.at = rows.words[row + NEXT_PART] ?? 0;
      writer.writeFormat();
      rows.words[row + NEXT_PART] = writer.at;
    }
    for (let place = 0; place < places.end; place += RECORD_WORDS) {
      const counts = this.#countsOf(place);
      const sketch = sketches.get(place);
      const row = places.words[place + ROW] ?? 0;
      writer.at = rows.words[row + NEXT_PART] ?? 0;
      if (sketch) {
        writer.writeSketch(this.#nameOf(place), sketch);
        places.words[place + NEXT_BID] = 0;
      } else {
        writer.writeRowsHead(this.#nameOf(place), counts);
        places.words[place + NEXT_BID] = writer.at;
        writer.at += counts.bidCount * ROW_WORDS;
      }
      rows.words[row + NEXT_PART] = writer.at;
    }
  }

  /** Cuts the words of all rows into these. */
  #cut({ buffer }: Uint32Array<ArrayBuffer>): SegmentRow[] {
    const { words, end } = this.#rows;
    const rows: SegmentRow[] = [];
    let start = 0;
    for (let row = 0; row < end; row += RECORD_WORDS) {
      const size = words[row + SIZE] ?? 0;
      assert(words[row + NEXT_PART] === start + size, "every word of a row is written");
      rows.push({
        shard: words[row + LOW] ?? 0,
        sliceStartMs: this.#slices.startMsOf(words[row + GROUP] ?? 0),
        statistics: new Uint8Array(buffer, start * WORD_BYTES, size * WORD_BYTES),
      });
      start += size;
    }
    return rows;
  }

  #countsOf(place: number): EventCounts {
    const { words } = this.#places;
    return {
      bidCount: words[place + BIDS] ?? 0,
      winCount: words[place + WINS] ?? 0,
      clickCount: words[place + CLICKS] ?? 0,
    };
  }

  #nameOf(place: number): string {
    return this.#names.nameOf(this.#places.words[place + NAME] ?? 0);
  }
}
