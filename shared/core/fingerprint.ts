/**
 * 64-bit fingerprints of byte strings, as two unsigned 32-bit halves (JavaScript's bigint would cost an
 * allocation each). Two lanes of MurmurHash3's 32-bit mix with different seeds, joined at the end.
 * Stored in the auction log, so the function never changes. Not proof against somebody who crafts
 * collisions; by chance one is expected in 4 billion ids of one auction.
 */
export class Fingerprint {
  high = 0;
  low = 0;
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** Chooses the bytes that {@link of} reads ranges of. */
  open(bytes: Uint8Array): void {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Sets both halves to the fingerprint of bytes `[start, end)`. Throws RangeError outside them. */
  of(start: number, end: number): void {
    const view = this.#view;
    const words = start + ((end - start) & ~3);
    let high = SEED_HIGH;
    let low = SEED_LOW;
    for (let at = start; at < words; at += 4) {
      const word = view.getInt32(at, true);
      high = stir(high, word);
      low = stir(low, word ^ LANE);
    }
    if (words < end) {
      const word = tailWord(view, words, end);
      high = stir(high, word);
      low = stir(low, word ^ LANE);
    }
    high ^= end - start;
    low ^= end - start;
    this.high = finish(high ^ Math.imul(low, MIX_HIGH));
    this.low = finish(low ^ Math.imul(high, MIX_LOW));
  }
}

const SEED_HIGH = 0x97_47_b2_8c;
const SEED_LOW = 0x3c_6e_f3_72;
const LANE = 0x5b_d1_e9_95;
const MIX_HIGH = 0x85_eb_ca_6b;
const MIX_LOW = 0xc2_b2_ae_35;

function tailWord(view: DataView, start: number, end: number): number {
  let word = 0;
  for (let at = end - 1; at >= start; at--) word = (word << 8) | view.getUint8(at);
  return word;
}

function stir(hash: number, word: number): number {
  const mixed = Math.imul(word, 0xcc_9e_2d_51);
  const turned = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b_87_35_93);
  const next = hash ^ turned;
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6_54_6b_64) | 0;
}

function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85_eb_ca_6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2_b2_ae_35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
