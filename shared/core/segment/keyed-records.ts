import { lengthened } from "../column.ts";

/** Words of a record: its key, the slot that refers to it, then what is its owner's. */
export const RECORD_WORDS = 10;
const HIGH = 0;
export const LOW = 1;
export const GROUP = 2;
const SLOT = 3;
export const OWN = 4;

const FIRST_RECORDS = 1024;
/** 2^32 over the golden ratio: groups that follow each other lie far apart. */
const SPREAD = 0x9e_37_79_b1;

/**
 * Records of words by a key of three: a fingerprint's halves, and a number that tells groups of
 * fingerprints apart. Open addressing over slots that refer to records. A slot is taken where the record
 * that it refers to is there and refers back, so that emptying touches neither.
 *
 * Source: Briggs and Torczon, "An Efficient Representation for Sparse Sets" (1993).
 */
export class KeyedRecords {
  /** Record after record in the order they were added; a larger array replaces it when it is full. */
  words: Uint32Array = new Uint32Array(FIRST_RECORDS * RECORD_WORDS);
  count = 0;
  /** Twice as many as records have room, so that free ones are near. */
  #slots = new Uint32Array(FIRST_RECORDS * 2);

  /** Where the records end in {@link words}. */
  get end(): number {
    return this.count * RECORD_WORDS;
  }

  /**
   * Where the key's record begins in {@link words}; one that was not there is added behind the others, its
   * owner's words 0. Halves may be signed: unsigned ones beyond 2^31 cost an allocation in a call.
   */
  find(high: number, low: number, group: number): number {
    const { words } = this;
    const slots = this.#slots;
    const { end } = this;
    const mask = slots.length - 1;
    let slot = slotOf(low, group) & mask;
    for (;;) {
      const at = slots[slot] ?? 0;
      if (at >= end || words[at + SLOT] !== slot) return this.#add(slot, high, low, group);
      if (
        words[at + LOW] === low >>> 0 &&
        words[at + HIGH] === high >>> 0 &&
        words[at + GROUP] === group
      ) {
        return at;
      }
      slot = (slot + 1) & mask;
    }
  }

  clear(): void {
    this.count = 0;
  }

  #add(slot: number, high: number, low: number, group: number): number {
    const { words } = this;
    const at = this.end;
    words[at + HIGH] = high;
    words[at + LOW] = low;
    words[at + GROUP] = group;
    words[at + SLOT] = slot;
    words.fill(0, at + OWN, at + RECORD_WORDS);
    this.#slots[slot] = at;
    this.count++;
    if (this.end === words.length) this.#grow();
    return at;
  }

  #grow(): void {
    const words = lengthened(this.words, this.words.length * 2);
    this.words = words;
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    this.#slots = slots;
    for (let at = 0; at < this.end; at += RECORD_WORDS) {
      let slot = slotOf(words[at + LOW] ?? 0, words[at + GROUP] ?? 0) & mask;
      while (this.#isTaken(slot, at)) slot = (slot + 1) & mask;
      slots[slot] = at;
      words[at + SLOT] = slot;
    }
  }

  /** Whether one of the records before `end` holds the slot. */
  #isTaken(slot: number, end: number): boolean {
    const at = this.#slots[slot] ?? 0;
    return at < end && this.words[at + SLOT] === slot;
  }
}

function slotOf(low: number, group: number): number {
  return low ^ Math.imul(group, SPREAD);
}
