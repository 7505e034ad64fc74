import { ENTRY_WORDS, type EntrySpace, type EntrySpan } from "./entry-space.ts";

/**
 * The distinct events of one auction, in the order they were counted: what the auction log stores and
 * what duplicates are found in. An event is told by its fingerprint, its type and its slice; the same
 * bid in two slices is two entries.
 *
 * Entry, six unsigned 32-bit words: fingerprint high and low, price high and low, event time high and
 * low; the type's code stands above the 21 bits of the event time's high word.
 */
export class EventTable {
  readonly #space: EntrySpace;
  #span: EntrySpan;
  #words: Uint32Array;
  #base: number;
  #count = 0;
  /** Open addressing over entry number + 1; empty until the table outgrows a linear search. */
  #slots: Int32Array = NO_SLOTS;

  constructor(space: EntrySpace, capacity = 0) {
    this.#space = space;
    this.#span = space.take(capacity);
    this.#words = this.#span.words;
    this.#base = this.#span.base;
  }

  get count(): number {
    return this.#count;
  }

  /** Forgets everything and gives the room back. */
  release(): void {
    this.#space.give(this.#span);
    this.#moveTo(NO_SPAN);
    this.#count = 0;
    this.#slots = NO_SLOTS;
  }

  /**
   * The first entry, from entry `from` on in the order of its chain, with this fingerprint; -1 where
   * there is none. Pass the entry found to search for the next one.
   */
  find(high: number, low: number, after = -1): number {
    if (this.#slots.length === 0) return this.#scan(high, low, after + 1);
    const mask = this.#slots.length - 1;
    let past = after < 0;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] ?? 0) - 1;
      if (entry < 0) return -1;
      const at = this.#base + entry * ENTRY_WORDS;
      if (this.#words[at] !== high || this.#words[at + 1] !== low) continue;
      if (past) return entry;
      past = entry === after;
    }
  }

  add(entry: EventEntry): void {
    if (this.#count === this.#span.capacity) this.#grow();
    const at = this.#base + this.#count * ENTRY_WORDS;
    const words = this.#words;
    words[at] = entry.high;
    words[at + 1] = entry.low;
    words[at + 2] = entry.priceHigh;
    words[at + 3] = entry.priceLow;
    const timeHigh = Math.floor(entry.eventTimeUs / WORD);
    words[at + 4] = timeHigh | (entry.typeCode << TIME_HIGH_BITS);
    words[at + 5] = entry.eventTimeUs - timeHigh * WORD;
    this.#count++;
    if (this.#slots.length > 0 || this.#count > SCAN_MAX) this.#link(this.#count - 1);
  }

  typeCodeAt(entry: number): number {
    return (this.#words[this.#base + entry * ENTRY_WORDS + 4] ?? 0) >>> TIME_HIGH_BITS;
  }

  eventTimeUsAt(entry: number): number {
    const at = this.#base + entry * ENTRY_WORDS;
    return ((this.#words[at + 4] ?? 0) & TIME_HIGH_MASK) * WORD + (this.#words[at + 5] ?? 0);
  }

  /** Copies entry `entry` out; for loads and rebuilds, not for the hot path. */
  entryAt(entry: number): EventEntry {
    const at = this.#base + entry * ENTRY_WORDS;
    const words = this.#words;
    return {
      high: words[at] ?? 0,
      low: words[at + 1] ?? 0,
      priceHigh: words[at + 2] ?? 0,
      priceLow: words[at + 3] ?? 0,
      typeCode: this.typeCodeAt(entry),
      eventTimeUs: this.eventTimeUsAt(entry),
    };
  }

  /** Copies entries `[from, count)` out, as the auction log stores them. */
  copyTo(copies: EntryCopies, from: number): Uint8Array {
    return copies.add(this.#words, {
      start: this.#base + from * ENTRY_WORDS,
      end: this.#base + this.#count * ENTRY_WORDS,
    });
  }

  #scan(high: number, low: number, from: number): number {
    const words = this.#words;
    const end = this.#base + this.#count * ENTRY_WORDS;
    for (let at = this.#base + from * ENTRY_WORDS; at < end; at += ENTRY_WORDS) {
      if (words[at] === high && words[at + 1] === low) return (at - this.#base) / ENTRY_WORDS;
    }
    return -1;
  }

  #grow(): void {
    const full = this.#span;
    const span = this.#space.take(full.capacity + 1);
    copyWords(full.words, { start: full.base, end: full.base + full.capacity * ENTRY_WORDS }, span);
    this.#space.give(full);
    this.#moveTo(span);
  }

  #moveTo(span: EntrySpan): void {
    this.#span = span;
    this.#words = span.words;
    this.#base = span.base;
  }

  /** Adds the newest entry to the slots, or builds them anew where they are missing or half full. */
  #link(entry: number): void {
    if (this.#slots.length >= this.#count * 2) {
      this.#place(entry);
      return;
    }
    let size = SCAN_MAX * 4;
    while (size < this.#count * 4) size *= 2;
    this.#slots = new Int32Array(size);
    for (let each = 0; each < this.#count; each++) this.#place(each);
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#words[this.#base + entry * ENTRY_WORDS + 1] ?? 0) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }
}

/** The entries of a bundle's revisions, copied out of their tables into one array. */
export class EntryCopies {
  readonly #words: Uint32Array;
  #used = 0;

  /** `entriesMax`: of all copies together. */
  constructor(entriesMax: number) {
    this.#words = new Uint32Array(entriesMax * ENTRY_WORDS);
  }

  /** Copies words; the copy as bytes, little-endian words. */
  add(words: Uint32Array, range: WordRange): Uint8Array {
    const base = this.#used;
    copyWords(words, range, { words: this.#words, base });
    const count = range.end - range.start;
    this.#used += count;
    return new Uint8Array(this.#words.buffer, base * 4, count * 4);
  }
}

/** One event of an auction. `price` is 0 for a type without one. */
export interface EventEntry {
  high: number;
  low: number;
  priceHigh: number;
  priceLow: number;
  /** Place of the type in EVENT_TYPES plus 1. */
  typeCode: number;
  eventTimeUs: number;
}

interface WordRange {
  readonly start: number;
  readonly end: number;
}

export const ENTRY_BYTES = ENTRY_WORDS * 4;
const WORD = 4_294_967_296;
const TIME_HIGH_BITS = 21;
const TIME_HIGH_MASK = (1 << TIME_HIGH_BITS) - 1;
/** Up to so many entries a linear search is faster than hashing and needs no second array. */
const SCAN_MAX = 32;
const NO_SLOTS = new Int32Array(0);
const NO_SPAN: EntrySpan = { words: new Uint32Array(0), base: 0, capacity: 0 };
/** Up to so many words a loop is faster than the typed array's own copying. */
const LOOP_MAX = 512;

function copyWords(
  from: Uint32Array,
  { start, end }: WordRange,
  to: { readonly words: Uint32Array; readonly base: number },
): void {
  const { words, base } = to;
  if (end - start > LOOP_MAX) words.set(from.subarray(start, end), base);
  else for (let at = start; at < end; at++) words[base + at - start] = from[at] as number;
}

/** Reads stored entries back. Throws RangeError where the bytes are no whole number of entries. */
export function entriesOf(bytes: Uint8Array): EventEntry[] {
  if (bytes.length % ENTRY_BYTES !== 0) {
    throw new RangeError(
      `${bytes.length} bytes are no whole number of ${ENTRY_BYTES}-byte entries`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / ENTRY_BYTES }, (_, index) => {
    const word = (offset: number): number => view.getUint32(index * ENTRY_BYTES + offset * 4, true);
    return {
      high: word(0),
      low: word(1),
      priceHigh: word(2),
      priceLow: word(3),
      typeCode: word(4) >>> TIME_HIGH_BITS,
      eventTimeUs: (word(4) & TIME_HIGH_MASK) * WORD + word(5),
    };
  });
}
