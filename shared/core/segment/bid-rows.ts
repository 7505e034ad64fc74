import { SegmentSketch } from "./segment-sketch.ts";

/** 32-bit words of a bid: its hash, its user's and its seat's, its offset in ms, price high and low. */
export const ROW_WORDS = 6;

/**
 * The bids of one segment in one slice as a bundle brings them, row by row: as long as they are few, that
 * is no larger than a sketch of them and costs a tenth of making one.
 */
export class BidRows {
  readonly words: Uint32Array;
  readonly winCount: number;
  readonly clickCount: number;

  constructor(words: Uint32Array, counts: { winCount: number; clickCount: number }) {
    this.words = words;
    this.winCount = counts.winCount;
    this.clickCount = counts.clickCount;
  }

  get count(): number {
    return this.words.length / ROW_WORDS;
  }

  toSketch(): SegmentSketch {
    const sketch = new SegmentSketch();
    sketch.winCount = this.winCount;
    sketch.clickCount = this.clickCount;
    const word = (at: number): number => this.words[at] ?? 0;
    for (let at = 0; at < this.words.length; at += ROW_WORDS) {
      sketch.add(
        { bidHash: word(at), userHash: word(at + 1), seatHash: word(at + 2) },
        { offsetMs: word(at + 3), priceHigh: word(at + 4), priceLow: word(at + 5) },
      );
    }
    return sketch;
  }
}
