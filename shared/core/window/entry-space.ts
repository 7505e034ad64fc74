/** 32-bit words of one entry of an `EventTable`. */
export const ENTRY_WORDS = 6;

/** Room for entries that one table holds at a time. */
export interface EntrySpan {
  readonly words: Uint32Array;
  /** The first of its words. */
  readonly base: number;
  /** Entries that it has room for: a power of two, or none. */
  readonly capacity: number;
}

/** Room is taken from blocks of so many entries, 1.5 MB each; a table beyond a block has an array of its own. */
const BLOCK_ENTRIES = 65_536;
const CAPACITY_MIN = 8;

/**
 * Where the tables of all auctions of a worker keep their entries: a typed array for each of a million
 * small tables would cost more than filling it, and the garbage collector most of all. Room comes in
 * powers of two and is taken again once it was given back; blocks stay for good.
 */
export class EntrySpace {
  #block = new Uint32Array(0);
  #used = 0;
  /** What was given back, by the logarithm of its capacity. */
  readonly #free: EntrySpan[][] = Array.from({ length: 32 }, () => []);

  /** Room for `count` entries or somewhat more; what stood there before is not cleared. */
  take(count: number): EntrySpan {
    let capacity = CAPACITY_MIN;
    while (capacity < count) capacity *= 2;
    const free = this.#free[classOf(capacity)]?.pop();
    if (free !== undefined) return free;
    if (capacity > BLOCK_ENTRIES) {
      return { words: new Uint32Array(capacity * ENTRY_WORDS), base: 0, capacity };
    }
    return this.#cut(capacity);
  }

  /** Takes room back. Its table must not use it any more. */
  give(span: EntrySpan): void {
    if (span.capacity > 0 && span.capacity <= BLOCK_ENTRIES)
      this.#free[classOf(span.capacity)]?.push(span);
  }

  #cut(capacity: number): EntrySpan {
    if (this.#used + capacity * ENTRY_WORDS > this.#block.length) this.#openBlock();
    const base = this.#used;
    this.#used += capacity * ENTRY_WORDS;
    return { words: this.#block, base, capacity };
  }

  /** The rest of the block before it is given to smaller tables. */
  #openBlock(): void {
    let rest = (this.#block.length - this.#used) / ENTRY_WORDS;
    for (let capacity = BLOCK_ENTRIES; capacity >= CAPACITY_MIN; capacity /= 2) {
      for (; rest >= capacity; rest -= capacity) this.give(this.#cut(capacity));
    }
    this.#block = new Uint32Array(BLOCK_ENTRIES * ENTRY_WORDS);
    this.#used = 0;
  }
}

function classOf(capacity: number): number {
  return 31 - Math.clz32(capacity);
}
