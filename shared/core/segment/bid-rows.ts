import { type BidHashes, type SampledBid, SegmentSketch } from "./segment-sketch.ts";

const ROW_WORDS = 6;
const FIRST_ROWS = 16;

/**
 * The bids of one segment in one slice as a bundle brings them, row by row in one typed array: as long
 * as they are few, that is no larger than a sketch of them and costs a tenth of making one.
 */
export class BidRows {
  count = 0;
  winCount = 0;
  clickCount = 0;
  #words = new Uint32Array(FIRST_ROWS * ROW_WORDS);

  /** The rows, six words each: bid, user and seat hash, offset in ms, price high and low. */
  get words(): Uint32Array {
    return this.#words.subarray(0, this.count * ROW_WORDS);
  }

  add(hashes: BidHashes, { offsetMs, priceHigh, priceLow }: SampledBid): void {
    const at = this.count * ROW_WORDS;
    if (at === this.#words.length) this.#grow();
    const words = this.#words;
    words[at] = hashes.bidHash;
    words[at + 1] = hashes.userHash;
    words[at + 2] = hashes.seatHash;
    words[at + 3] = offsetMs;
    words[at + 4] = priceHigh;
    words[at + 5] = priceLow;
    this.count++;
  }

  toSketch(): SegmentSketch {
    const sketch = new SegmentSketch();
    sketch.winCount = this.winCount;
    sketch.clickCount = this.clickCount;
    const word = (at: number): number => this.#words[at] ?? 0;
    for (let at = 0; at < this.count * ROW_WORDS; at += ROW_WORDS) {
      sketch.add(
        { bidHash: word(at), userHash: word(at + 1), seatHash: word(at + 2) },
        { offsetMs: word(at + 3), priceHigh: word(at + 4), priceLow: word(at + 5) },
      );
    }
    return sketch;
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 4);
    words.set(this.#words);
    this.#words = words;
  }
}
