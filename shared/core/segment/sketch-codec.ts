import { assert } from "../assert.ts";
import { SegmentSketch } from "./segment-sketch.ts";

/** Sketches of many segments in one slice, by segment. */
export type SegmentSketches = ReadonlyMap<string, SegmentSketch>;

/** The layout of what is stored; another one gets another number. */
const FORMAT = 1;
/** Words that stand before a sketch's samples. */
const HEADER_WORDS = 9;

/**
 * Encodes sketches as little-endian 32-bit words: format, then each sketch with its segment, as UTF-16
 * code units, one a word: a segment has at most 128 characters.
 */
export function encodeSketches(sketches: SegmentSketches): Uint8Array {
  const words: number[] = [FORMAT];
  for (const [segment, sketch] of sketches) {
    const { bidCount, winCount, clickCount, priceSum, users, seats, bids } = sketch;
    words.push(segment.length, bidCount, winCount, clickCount, priceSum.high, priceSum.low);
    words.push(packed(users), packed(seats), packed(bids));
    for (let at = 0; at < segment.length; at++) words.push(segment.charCodeAt(at));
    for (const [hash, count] of users.entries()) words.push(hash, count);
    for (const [hash, count] of seats.entries()) words.push(hash, count);
    for (const [hash, { offsetMs, priceHigh, priceLow }] of bids.entries()) {
      words.push(hash, offsetMs, priceHigh, priceLow);
    }
  }
  const view = new DataView(new ArrayBuffer(words.length * 4));
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word, true);
  return new Uint8Array(view.buffer);
}

/** Reads sketches back. Fails where the bytes are of another format. */
export function decodeSketches(bytes: Uint8Array): Map<string, SegmentSketch> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const next = (): number => {
    const word = view.getUint32(at, true);
    at += 4;
    return word;
  };
  assert(next() === FORMAT, "sketches are of the format that is read");
  const sketches = new Map<string, SegmentSketch>();
  while (at < bytes.length) {
    const [length = 0, bidCount = 0, winCount = 0, clickCount = 0, high = 0, low = 0, ...samples] =
      Array.from({ length: HEADER_WORDS }, next);
    const [users = 0, seats = 0, bids = 0] = samples;
    const segment = String.fromCharCode(...Array.from({ length }, next));
    const sketch = new SegmentSketch({
      users: levelOf(users),
      seats: levelOf(seats),
      bids: levelOf(bids),
    });
    Object.assign(sketch, { bidCount, winCount, clickCount });
    sketch.priceSum.add(high, low);
    for (let left = sizeOf(users); left > 0; left--) sketch.users.add(next(), next());
    for (let left = sizeOf(seats); left > 0; left--) sketch.seats.add(next(), next());
    for (let left = sizeOf(bids); left > 0; left--) {
      sketch.bids.add(next(), { offsetMs: next(), priceHigh: next(), priceLow: next() });
    }
    sketches.set(segment, sketch);
  }
  return sketches;
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
