import { assert } from "../assert.ts";
import { BidRows, ROW_WORDS } from "./bid-rows.ts";
import type { DistinctSample } from "./distinct-sample.ts";
import { SegmentSketch } from "./segment-sketch.ts";

/** The layout of what is stored; another one gets another number. */
const FORMAT = 1;
const ROWS = 1;
const SKETCH = 2;
/** Words of a part before its segment's name. */
const HEADER_WORDS = 10;

/** Words of the format, before the first part. */
export const FORMAT_WORDS = 1;

/** How many words a part takes whose bids are all there, row by row. */
export function wordsOfRows(segment: string, bidCount: number): number {
  return HEADER_WORDS + segment.length + bidCount * ROW_WORDS;
}

/** How many words a part takes that is a sketch. */
export function wordsOfSketch(segment: string, { users, seats, bids }: SegmentSketch): number {
  return HEADER_WORDS + segment.length + 2 * (users.size + seats.size) + 4 * bids.size;
}

/** How often things happened in a segment and slice. */
export interface EventCounts {
  readonly bidCount: number;
  readonly winCount: number;
  readonly clickCount: number;
}

/**
 * Writes what a bundle counted of segments in one slice as little-endian 32-bit words: format, then each
 * part with its segment's name as UTF-16 code units, one a word: a segment has at most 128 characters.
 */
export class SegmentWriter {
  readonly words: Uint32Array<ArrayBuffer>;
  /** Which word is written next. */
  at = 0;

  /** Writes into `words`, which are 0 and as many as the format and the parts take. */
  constructor(words: Uint32Array<ArrayBuffer>) {
    this.words = words;
  }

  writeFormat(): void {
    this.words[this.at++] = FORMAT;
  }

  /** Writes a part up to where the rows of its bids are to go. */
  writeRowsHead(segment: string, counts: EventCounts): void {
    const nameAt = this.at + HEADER_WORDS;
    this.#writeHead(ROWS, segment, counts);
    this.at = nameAt;
    this.#writeName(segment);
  }

  writeSketch(segment: string, sketch: SegmentSketch): void {
    const { priceSum, users, seats, bids } = sketch;
    this.#writeHead(SKETCH, segment, sketch);
    this.#write(priceSum.high);
    this.#write(priceSum.low);
    for (const sample of [users, seats, bids]) this.#write(packed(sample));
    this.#writeName(segment);
    this.#writeCounts(users);
    this.#writeCounts(seats);
    for (const [hash, { offsetMs, priceHigh, priceLow }] of bids.entries()) {
      this.#write(hash);
      this.#write(offsetMs);
      this.#write(priceHigh);
      this.#write(priceLow);
    }
  }

  #write(word: number): void {
    this.words[this.at++] = word;
  }

  #writeHead(kind: number, segment: string, counts: EventCounts): void {
    this.#write(kind);
    this.#write(segment.length);
    this.#write(counts.bidCount);
    this.#write(counts.winCount);
    this.#write(counts.clickCount);
  }

  #writeName(segment: string): void {
    for (let index = 0; index < segment.length; index++) this.#write(segment.charCodeAt(index));
  }

  #writeCounts(sample: DistinctSample<number>): void {
    for (const [hash, count] of sample.entries()) {
      this.#write(hash);
      this.#write(count);
    }
  }
}

/** Reads parts back, each as a sketch. Fails where the bytes are of another format. */
export function decodeSketches(bytes: Uint8Array): Map<string, SegmentSketch> {
  const reader = new WordReader(bytes);
  assert(reader.next() === FORMAT, "segments are of the format that is read");
  const sketches = new Map<string, SegmentSketch>();
  while (reader.hasMore()) {
    const header = Array.from({ length: HEADER_WORDS }, () => reader.next());
    const [kind, length = 0, ...counts] = header;
    const segment = String.fromCharCode(...Array.from({ length }, () => reader.next()));
    sketches.set(segment, kind === ROWS ? readRows(reader, counts) : readSketch(reader, counts));
  }
  return sketches;
}

function readRows(reader: WordReader, counts: readonly number[]): SegmentSketch {
  const [bidCount = 0, winCount = 0, clickCount = 0] = counts;
  const words = Uint32Array.from({ length: bidCount * ROW_WORDS }, () => reader.next());
  return new BidRows(words, { winCount, clickCount }).toSketch();
}

function readSketch(reader: WordReader, counts: readonly number[]): SegmentSketch {
  const [bidCount = 0, winCount = 0, clickCount = 0, high = 0, low = 0, ...samples] = counts;
  const [users = 0, seats = 0, bids = 0] = samples;
  const levels = { users: levelOf(users), seats: levelOf(seats), bids: levelOf(bids) };
  const sketch = new SegmentSketch(levels);
  Object.assign(sketch, { bidCount, winCount, clickCount });
  sketch.priceSum.add(high, low);
  for (let left = sizeOf(users); left > 0; left--) sketch.users.add(reader.next(), reader.next());
  for (let left = sizeOf(seats); left > 0; left--) sketch.seats.add(reader.next(), reader.next());
  for (let left = sizeOf(bids); left > 0; left--) {
    const hash = reader.next();
    const offsetMs = reader.next();
    sketch.bids.add(hash, { offsetMs, priceHigh: reader.next(), priceLow: reader.next() });
  }
  return sketch;
}

class WordReader {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  hasMore(): boolean {
    return this.#at < this.#view.byteLength;
  }

  next(): number {
    const word = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return word;
  }
}

/** A sample's size and level in one word. */
function packed({ size, level }: { readonly size: number; readonly level: number }): number {
  return size * 64 + level;
}

function levelOf(word: number): number {
  return word % 64;
}

function sizeOf(word: number): number {
  return Math.floor(word / 64);
}
