/**
 * 64-bit fingerprints of byte strings, as two unsigned 32-bit halves (JavaScript's bigint would cost an
 * allocation each). Two lanes of xxHash32's round over the same words, with seeds and primes of their
 * own, joined by MurmurHash3's finish.
 * Stored in the auction log, so the function never changes. Not proof against somebody who crafts
 * collisions; by chance one is expected in 4 billion ids of one auction.
 */
export class Fingerprint {
  high = 0;
  low = 0;
  readonly #own: Fingerprints = { high: new Uint32Array(1), low: new Uint32Array(1) };
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** Chooses the bytes that {@link of} reads ranges of. */
  open(bytes: Uint8Array): void {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Sets both halves to the fingerprint of bytes `[start, end)`. Throws RangeError outside them. */
  of(start: number, end: number): void {
    this.into(this.#own, 0, start, end);
    this.high = this.#own.high[0] ?? 0;
    this.low = this.#own.low[0] ?? 0;
  }

  /** The same, straight into row `row` of a column: a half that passes through a field costs a conversion. */
  into(column: Fingerprints, row: number, start: number, end: number): void {
    const view = this.#view;
    const words = start + ((end - start) & ~3);
    let high = SEED_HIGH;
    let low = SEED_LOW;
    for (let at = start; at < words; at += 4) {
      const word = view.getInt32(at, true);
      high = stirHigh(high, word);
      low = stirLow(low, word);
    }
    if (words < end) {
      const word = tailWord(view, start, end);
      high = stirHigh(high, word);
      low = stirLow(low, word);
    }
    high ^= end - start;
    low ^= end - start;
    column.high[row] = finish(high ^ Math.imul(low, MIX_HIGH));
    column.low[row] = finish(low ^ Math.imul(high, MIX_LOW));
  }
}

/** 64-bit fingerprints of one text of many events, as unsigned halves; both 0 where it was absent. */
export interface Fingerprints {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

const SEED_HIGH = 0x97_47_b2_8c;
const SEED_LOW = 0x3c_6e_f3_72;
const MIX_HIGH = 0x85_eb_ca_6b;
const MIX_LOW = 0xc2_b2_ae_35;

/** The last one to three bytes of `[start, end)`: of the word that ends with them where there is one. */
function tailWord(view: DataView, start: number, end: number): number {
  const spare = 4 - ((end - start) & 3);
  if (end - start >= 4) return view.getInt32(end - 4, true) >>> (8 * spare);
  let word = 0;
  for (let at = end - 1; at >= start; at--) word = (word << 8) | view.getUint8(at);
  return word;
}

/** xxHash32's round: the word's own product is off the chain that the next round waits for. */
function stirHigh(hash: number, word: number): number {
  const sum = (hash + Math.imul(word, 0x85_eb_ca_77)) | 0;
  return Math.imul((sum << 13) | (sum >>> 19), 0x9e_37_79_b1);
}

function stirLow(hash: number, word: number): number {
  const sum = (hash + Math.imul(word, 0xc2_b2_ae_3d)) | 0;
  return Math.imul((sum << 17) | (sum >>> 15), 0x27_d4_eb_2f);
}

function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85_eb_ca_6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2_b2_ae_35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
