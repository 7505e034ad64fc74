import { lengthened } from "../column.ts";
import { baseOf, capacityFor, ENTRY_WORDS, EntrySpace } from "./entry-space.ts";

/**
 * The distinct events of every auction, in the order they were counted: what the auction log stores and
 * what duplicates are found in. An event is told by its fingerprint, its type and its slice; the same
 * bid in two slices is two entries.
 *
 * Entry, six unsigned 32-bit words: fingerprint high and low, price high and low, event time high and
 * low; the type's code stands above the 21 bits of the event time's high word.
 */
export class EventTables {
  /** Entries of each auction. */
  count = new Uint32Array(0);
  readonly #space = new EntrySpace();
  #address = new Uint32Array(0);
  #capacity = new Uint32Array(0);
  /** Open addressing over entry number + 1, of the auctions that have outgrown a linear search. */
  readonly #slots: (Int32Array | undefined)[] = [];

  /** Makes room for auctions below `auctions`. */
  reserve(auctions: number): void {
    this.count = lengthened(this.count, auctions);
    this.#address = lengthened(this.#address, auctions);
    this.#capacity = lengthened(this.#capacity, auctions);
  }

  /** Forgets the auction's entries and gives their room back. */
  clear(auction: number): void {
    const capacity = this.#capacity[auction] as number;
    if (capacity > 0) this.#space.give(this.#address[auction] as number, capacity);
    this.#capacity[auction] = 0;
    this.count[auction] = 0;
    if (this.#slots[auction] !== undefined) this.#slots[auction] = undefined;
  }

  /**
   * The first entry with this fingerprint behind entry `after` in the order of its chain; -1 where there
   * is none. Pass the entry found to search for the next one.
   */
  find(auction: number, { high, low }: FingerprintHalves, after = -1): number {
    const count = this.count[auction] as number;
    if (count === 0) return -1;
    const address = this.#address[auction] as number;
    const words = this.#space.wordsAt(address);
    const base = baseOf(address);
    if (count > SCAN_MAX) return this.#probe(auction, { high, low }, after);
    const end = base + count * ENTRY_WORDS;
    for (let at = base + (after + 1) * ENTRY_WORDS; at < end; at += ENTRY_WORDS) {
      if (words[at + 1] === low && words[at] === high) return (at - base) / ENTRY_WORDS;
    }
    return -1;
  }

  add(auction: number, entry: Readonly<EventEntry>): void {
    const count = this.count[auction] as number;
    if (count === this.#capacity[auction]) this.#grow(auction, count);
    const address = this.#address[auction] as number;
    const words = this.#space.wordsAt(address);
    const at = baseOf(address) + count * ENTRY_WORDS;
    const timeHigh = Math.floor(entry.eventTimeUs / WORD);
    words[at] = entry.high;
    words[at + 1] = entry.low;
    words[at + 2] = entry.priceHigh;
    words[at + 3] = entry.priceLow;
    words[at + 4] = timeHigh | (entry.typeCode << TIME_HIGH_BITS);
    words[at + 5] = entry.eventTimeUs - timeHigh * WORD;
    this.count[auction] = count + 1;
    if (count >= SCAN_MAX) this.#link(auction, count);
  }

  /** Reads entry `entry` into `into`, and returns that. */
  read(auction: number, entry: number, into: EventEntry): EventEntry {
    const address = this.#address[auction] as number;
    return readEntry(this.#space.wordsAt(address), baseOf(address) + entry * ENTRY_WORDS, into);
  }

  /** Copies entries `[from, count)` out, as the auction log stores them. */
  copyTo(copies: EntryCopies, auction: number, from: number): Uint8Array {
    const address = this.#address[auction] as number;
    const base = baseOf(address);
    return copies.add(this.#space.wordsAt(address), {
      start: base + from * ENTRY_WORDS,
      end: base + (this.count[auction] as number) * ENTRY_WORDS,
    });
  }

  /** Copies out the entries from event time `fromUs` on. */
  copySince(auction: number, fromUs: number): Uint8Array {
    const count = this.count[auction] as number;
    const address = this.#address[auction] as number;
    const words = this.#space.wordsAt(address);
    const base = baseOf(address);
    const kept = { words: new Uint32Array(count * ENTRY_WORDS), base: 0 };
    for (let start = base; start < base + count * ENTRY_WORDS; start += ENTRY_WORDS) {
      if (eventTimeUsAt(words, start) < fromUs) continue;
      copyWords(words, { start, end: start + ENTRY_WORDS }, kept);
      kept.base += ENTRY_WORDS;
    }
    return new Uint8Array(kept.words.buffer, 0, kept.base * 4);
  }

  #probe(auction: number, { high, low }: FingerprintHalves, after: number): number {
    const address = this.#address[auction] as number;
    const words = this.#space.wordsAt(address);
    const slots = this.#slots[auction] as Int32Array;
    let past = after < 0;
    for (let slot = low & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
      const entry = (slots[slot] as number) - 1;
      if (entry < 0) return -1;
      const at = baseOf(address) + entry * ENTRY_WORDS;
      if (words[at] !== high || words[at + 1] !== low) continue;
      if (past) return entry;
      past = entry === after;
    }
  }

  #grow(auction: number, count: number): void {
    const capacity = capacityFor(count + 1);
    const address = this.#space.take(capacity);
    if (count > 0) {
      const full = this.#address[auction] as number;
      const start = baseOf(full);
      const range = { start, end: start + count * ENTRY_WORDS };
      copyWords(this.#space.wordsAt(full), range, {
        words: this.#space.wordsAt(address),
        base: baseOf(address),
      });
      this.#space.give(full, this.#capacity[auction] as number);
    }
    this.#address[auction] = address;
    this.#capacity[auction] = capacity;
  }

  /** Adds the newest entry to the slots, or builds them anew where they are missing or half full. */
  #link(auction: number, newest: number): void {
    const count = newest + 1;
    let slots = this.#slots[auction];
    let from = newest;
    if (slots === undefined || slots.length < count * 2) {
      let size = SCAN_MAX * 4;
      while (size < count * 4) size *= 2;
      slots = new Int32Array(size);
      this.#slots[auction] = slots;
      from = 0;
    }
    const address = this.#address[auction] as number;
    const words = this.#space.wordsAt(address);
    const base = baseOf(address);
    for (let entry = from; entry < count; entry++) {
      const low = words[base + entry * ENTRY_WORDS + 1] as number;
      let slot = low & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = entry + 1;
    }
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

interface FingerprintHalves {
  readonly high: number;
  readonly low: number;
}

/** One event of an auction. `price` is 0 for a type without one. */
export interface EventEntry extends FingerprintHalves {
  high: number;
  low: number;
  priceHigh: number;
  priceLow: number;
  /** Place of the type in EVENT_TYPES plus 1. */
  typeCode: number;
  eventTimeUs: number;
}

export function emptyEntry(): EventEntry {
  return { high: 0, low: 0, priceHigh: 0, priceLow: 0, typeCode: 0, eventTimeUs: 0 };
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

function readEntry(words: Uint32Array, at: number, into: EventEntry): EventEntry {
  into.high = words[at] as number;
  into.low = words[at + 1] as number;
  into.priceHigh = words[at + 2] as number;
  into.priceLow = words[at + 3] as number;
  into.typeCode = (words[at + 4] as number) >>> TIME_HIGH_BITS;
  into.eventTimeUs = eventTimeUsAt(words, at);
  return into;
}

function eventTimeUsAt(words: Uint32Array, at: number): number {
  return ((words[at + 4] as number) & TIME_HIGH_MASK) * WORD + (words[at + 5] as number);
}

/** Reads stored entries back. Throws RangeError where the bytes are no whole number of entries. */
export function entriesOf(bytes: Uint8Array): EventEntry[] {
  if (bytes.length % ENTRY_BYTES !== 0) {
    throw new RangeError(
      `${bytes.length} bytes are no whole number of ${ENTRY_BYTES}-byte entries`,
    );
  }
  // A copy, since bytes that were read from a stream may stand at any offset.
  const words = new Uint32Array(new Uint8Array(bytes).buffer);
  return Array.from({ length: bytes.length / ENTRY_BYTES }, (_, index) =>
    readEntry(words, index * ENTRY_WORDS, emptyEntry()),
  );
}
