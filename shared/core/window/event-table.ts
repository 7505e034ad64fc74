/**
 * The distinct events of one auction, in the order they were counted, in one flat typed array: what the
 * auction log stores and what duplicates are found in. An event is told by its fingerprint, its type and
 * its slice; the same bid in two slices is two entries.
 *
 * Entry, six unsigned 32-bit words: fingerprint high and low, price high and low, event time high and
 * low; the type's code stands above the 21 bits of the event time's high word.
 */
export class EventTable {
  #words: Uint32Array;
  #count = 0;
  /** Open addressing over entry number + 1; empty until the table outgrows a linear search. */
  #slots: Int32Array = NO_SLOTS;

  constructor(capacity = 4) {
    this.#words = new Uint32Array(capacity * ENTRY_WORDS);
  }

  get count(): number {
    return this.#count;
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
      const base = entry * ENTRY_WORDS;
      if (this.#words[base] !== high || this.#words[base + 1] !== low) continue;
      if (past) return entry;
      past = entry === after;
    }
  }

  add(entry: EventEntry): void {
    if ((this.#count + 1) * ENTRY_WORDS > this.#words.length) this.#grow();
    const base = this.#count * ENTRY_WORDS;
    const words = this.#words;
    words[base] = entry.high;
    words[base + 1] = entry.low;
    words[base + 2] = entry.priceHigh;
    words[base + 3] = entry.priceLow;
    const timeHigh = Math.floor(entry.eventTimeUs / WORD);
    words[base + 4] = timeHigh | (entry.typeCode << TIME_HIGH_BITS);
    words[base + 5] = entry.eventTimeUs - timeHigh * WORD;
    this.#count++;
    if (this.#slots.length > 0 || this.#count > SCAN_MAX) this.#link(this.#count - 1);
  }

  typeCodeAt(entry: number): number {
    return (this.#words[entry * ENTRY_WORDS + 4] ?? 0) >>> TIME_HIGH_BITS;
  }

  eventTimeUsAt(entry: number): number {
    const base = entry * ENTRY_WORDS;
    return ((this.#words[base + 4] ?? 0) & TIME_HIGH_MASK) * WORD + (this.#words[base + 5] ?? 0);
  }

  /** Copies entry `entry` out; for loads and rebuilds, not for the hot path. */
  entryAt(entry: number): EventEntry {
    const base = entry * ENTRY_WORDS;
    const words = this.#words;
    return {
      high: words[base] ?? 0,
      low: words[base + 1] ?? 0,
      priceHigh: words[base + 2] ?? 0,
      priceLow: words[base + 3] ?? 0,
      typeCode: this.typeCodeAt(entry),
      eventTimeUs: this.eventTimeUsAt(entry),
    };
  }

  /** The bytes of entries `[from, count)`, little-endian words, as the auction log stores them. */
  bytesFrom(from: number): Uint8Array {
    return new Uint8Array(this.#words.buffer.slice(from * ENTRY_BYTES, this.#count * ENTRY_BYTES));
  }

  /** Forgets entries `[count, …)`: what a commit that failed had added. */
  truncate(count: number): void {
    if (count === this.#count) return;
    this.#count = count;
    this.#slots = NO_SLOTS;
    if (count > SCAN_MAX) this.#link(count - 1);
  }

  #scan(high: number, low: number, from: number): number {
    const words = this.#words;
    for (let entry = from; entry < this.#count; entry++) {
      const base = entry * ENTRY_WORDS;
      if (words[base] === high && words[base + 1] === low) return entry;
    }
    return -1;
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * GROWTH);
    words.set(this.#words);
    this.#words = words;
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
    let slot = (this.#words[entry * ENTRY_WORDS + 1] ?? 0) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
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

const ENTRY_WORDS = 6;
export const ENTRY_BYTES = ENTRY_WORDS * 4;
const WORD = 4_294_967_296;
const TIME_HIGH_BITS = 21;
const TIME_HIGH_MASK = (1 << TIME_HIGH_BITS) - 1;
/** Up to so many entries a linear search is faster than hashing and needs no second array. */
const SCAN_MAX = 32;
/** A typed array costs about as much to make as 30 entries to copy: few steps are better than tight ones. */
const GROWTH = 3;
const NO_SLOTS = new Int32Array(0);

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
