/** 32-bit words of one entry of an auction's table. */
export const ENTRY_WORDS = 6;

/** Room is taken from blocks of so many entries, 1.5 MB each; a table beyond a block has one of its own. */
const BLOCK_BITS = 16;
const BLOCK_ENTRIES = 1 << BLOCK_BITS;
const CAPACITY_MIN = 8;

/**
 * Where the tables of all auctions of a worker keep their entries: a typed array for each of a million
 * small tables would cost more than filling it, and the garbage collector most of all. Room comes in
 * powers of two and is taken again once it was given back; blocks stay for good.
 *
 * Room has an address, a whole number below 2^32: its block's number, then its first entry in the block.
 */
export class EntrySpace {
  readonly #blocks: Uint32Array[] = [];
  /** The block that room is cut from, and how many of its entries are. */
  #cutBlock = 0;
  #cutEntries = BLOCK_ENTRIES;
  /** Addresses that were given back, by the logarithm of their capacity. */
  readonly #free: number[][] = Array.from({ length: BLOCK_BITS + 1 }, () => []);
  /** Blocks of tables that had one of their own. */
  readonly #freeBlocks: number[] = [];

  /** The array that the room at an address lies in, from {@link baseOf} on. */
  wordsAt(address: number): Uint32Array {
    return this.#blocks[address >>> BLOCK_BITS] as Uint32Array;
  }

  /** Room for `capacity` entries, as {@link capacityFor} gives it; what stood there is not cleared. */
  take(capacity: number): number {
    const free = this.#free[classOf(capacity)]?.pop();
    if (free !== undefined) return free;
    if (capacity > BLOCK_ENTRIES) {
      const block = this.#freeBlocks.pop() ?? this.#blocks.length;
      return this.#openBlock(block, capacity);
    }
    if (this.#cutEntries + capacity > BLOCK_ENTRIES) this.#nextBlock();
    return this.#cut(capacity);
  }

  /** Takes room back. Its table must not use it any more. */
  give(address: number, capacity: number): void {
    if (capacity <= BLOCK_ENTRIES) {
      this.#free[classOf(capacity)]?.push(address);
      return;
    }
    const block = address >>> BLOCK_BITS;
    this.#blocks[block] = NO_WORDS;
    this.#freeBlocks.push(block);
  }

  #cut(capacity: number): number {
    const address = this.#cutBlock * BLOCK_ENTRIES + this.#cutEntries;
    this.#cutEntries += capacity;
    return address;
  }

  /** The rest of the block before it is given to smaller tables. */
  #nextBlock(): void {
    for (let capacity = BLOCK_ENTRIES / 2; capacity >= CAPACITY_MIN; capacity /= 2) {
      while (this.#cutEntries + capacity <= BLOCK_ENTRIES) this.give(this.#cut(capacity), capacity);
    }
    this.#cutBlock = this.#blocks.length;
    this.#cutEntries = 0;
    this.#openBlock(this.#cutBlock, BLOCK_ENTRIES);
  }

  #openBlock(block: number, entries: number): number {
    this.#blocks[block] = new Uint32Array(entries * ENTRY_WORDS);
    return block * BLOCK_ENTRIES;
  }
}

/** The room that a table of `count` entries takes: the next power of two, at least 8. */
export function capacityFor(count: number): number {
  let capacity = CAPACITY_MIN;
  while (capacity < count) capacity *= 2;
  return capacity;
}

/** The first word of the room at an address. */
export function baseOf(address: number): number {
  return (address & (BLOCK_ENTRIES - 1)) * ENTRY_WORDS;
}

const NO_WORDS = new Uint32Array(0);

function classOf(capacity: number): number {
  return 31 - Math.clz32(capacity);
}
