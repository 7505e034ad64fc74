import { SIGNATURE_SKEW_MS } from "./request-signature.ts";

/** A request may be signed 5 min ahead of our clock and stay fresh until 5 min after that. */
const SPAN_MS = 2 * SIGNATURE_SKEW_MS;
const EMPTY = 0;

/**
 * Remembers the nonces of signed requests for as long as their timestamps are fresh, as 64-bit
 * fingerprints in two generations of `SPAN_MS`, so that memory is bounded: 8 bytes a slot. Full, it
 * answers "full" rather than forget, and its user refuses the request.
 */
export class NonceMemory {
  readonly #capacity: number;
  #current: Generation;
  #previous: Generation;
  #currentSinceMs = Number.NEGATIVE_INFINITY;

  /** `capacity`: nonces that one generation holds, a power of two. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#current = new Generation(capacity);
    this.#previous = new Generation(capacity);
  }

  /** Whether a nonce was kept, by its fingerprint's halves. */
  has(high: number, low: number): boolean {
    return this.#current.has(high, low) || this.#previous.has(high, low);
  }

  isFullAt(nowMs: number): boolean {
    this.#turn(nowMs);
    return this.#current.count >= this.#capacity;
  }

  /** Keeps a nonce for {@link SPAN_MS} at least. Only when {@link isFullAt} denies. */
  keep(high: number, low: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#current.add(high, low);
  }

  #turn(nowMs: number): void {
    const age = nowMs - this.#currentSinceMs;
    if (age < SPAN_MS) return;
    this.#previous = age < 2 * SPAN_MS ? this.#current : new Generation(this.#capacity);
    this.#current = new Generation(this.#capacity);
    this.#currentSinceMs = nowMs;
  }
}

/** Open addressing, half full at most; a low half of 0 is kept as 1. */
class Generation {
  readonly #words: Uint32Array;
  readonly #mask: number;
  count = 0;

  constructor(capacity: number) {
    this.#words = new Uint32Array(capacity * 4);
    this.#mask = capacity * 2 - 1;
  }

  has(high: number, low: number): boolean {
    return this.#words[this.#slotOf(high, low) * 2 + 1] !== EMPTY;
  }

  add(high: number, low: number): void {
    const slot = this.#slotOf(high, low);
    if (this.#words[slot * 2 + 1] !== EMPTY) return;
    this.#words[slot * 2] = high;
    this.#words[slot * 2 + 1] = markOf(low);
    this.count++;
  }

  /** Where the pair is, or the empty slot where it would be. */
  #slotOf(high: number, low: number): number {
    const words = this.#words;
    const mark = markOf(low);
    for (let slot = mark & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const found = words[slot * 2 + 1];
      if (found === EMPTY || (found === mark && words[slot * 2] === high)) return slot;
    }
  }
}

function markOf(low: number): number {
  return low === EMPTY ? 1 : low;
}
