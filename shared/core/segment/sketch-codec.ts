import { assert } from "../assert.ts";
import { BidRows, ROW_WORDS } from "./bid-rows.ts";
import { SegmentSketch } from "./segment-sketch.ts";

/** What a bundle counted of one segment in one slice: every bid of it while they are few, else a sketch. */
export type SegmentPart = SegmentSketch | BidRows;

/** The layout of what is stored; another one gets another number. */
const FORMAT = 1;
const ROWS = 1;
const SKETCH = 2;
/** Words of a part before its segment's name. */
const HEADER_WORDS = 10;

/**
 * Encodes parts by segment as little-endian 32-bit words: format, then each part with its segment's name
 * as UTF-16 code units, one a word: a segment has at most 128 characters.
 */
export function encodeSegments(parts: ReadonlyMap<string, SegmentPart>): Uint8Array {
  let size = 1;
  for (const [segment, part] of parts) size += HEADER_WORDS + segment.length + wordsOf(part);
  const words = new Uint32Array(size);
  words[0] = FORMAT;
  let at = 1;
  for (const [segment, part] of parts) at = writePart(words, at, segment, part);
  assert(at === size, "every word of the segments is written");
  return new Uint8Array(words.buffer);
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

function wordsOf(part: SegmentPart): number {
  if (part instanceof BidRows) return part.words.length;
  return 2 * (part.users.size + part.seats.size) + 4 * part.bids.size;
}

function writePart(words: Uint32Array, from: number, segment: string, part: SegmentPart): number {
  const { winCount, clickCount } = part;
  const body = from + HEADER_WORDS + segment.length;
  for (let index = 0; index < segment.length; index++) {
    words[from + HEADER_WORDS + index] = segment.charCodeAt(index);
  }
  if (part instanceof BidRows) {
    words.set([ROWS, segment.length, part.count, winCount, clickCount], from);
    words.set(part.words, body);
    return body + part.words.length;
  }
  const { bidCount, priceSum, users, seats, bids } = part;
  const { high, low } = priceSum;
  const samples = [packed(users), packed(seats), packed(bids)];
  words.set([SKETCH, segment.length, bidCount, winCount, clickCount, high, low, ...samples], from);
  let at = body;
  for (const sample of [users, seats]) {
    for (const [hash, count] of sample.entries()) {
      words[at++] = hash;
      words[at++] = count;
    }
  }
  for (const [hash, { offsetMs, priceHigh, priceLow }] of bids.entries()) {
    words.set([hash, offsetMs, priceHigh, priceLow], at);
    at += 4;
  }
  return at;
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
