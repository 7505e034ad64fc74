import { lengthened } from "../column.ts";

/**
 * The auctions that a bundle touches, and the starts, in ms, of the slices that its events lie in,
 * duplicates too. Most auctions have one slice a bundle.
 */
export class TouchedSlices {
  /** In the order they were touched. */
  readonly auctions: number[] = [];
  /** Where each auction stands above, plus 1; 0 where it does not. */
  #place = new Uint32Array(0);
  /** Of each of them, the slice touched last. */
  readonly #newest: number[] = [];
  /** All slices, of those with more than one. */
  readonly #several = new Map<number, number[]>();

  add(auction: number, sliceMs: number): void {
    if (auction >= this.#place.length) this.#place = lengthened(this.#place, auction * 2 + 1024);
    const place = (this.#place[auction] as number) - 1;
    if (place < 0) {
      this.auctions.push(auction);
      this.#newest.push(sliceMs);
      this.#place[auction] = this.auctions.length;
      return;
    }
    const newest = this.#newest[place] as number;
    if (newest === sliceMs) return;
    const slices = this.#several.get(auction) ?? [newest];
    if (!slices.includes(sliceMs)) this.#several.set(auction, [...slices, sliceMs]);
    this.#newest[place] = sliceMs;
  }

  slicesOf(auction: number): readonly number[] {
    return (
      this.#several.get(auction) ?? [this.#newest[(this.#place[auction] as number) - 1] as number]
    );
  }

  clear(): void {
    for (const auction of this.auctions) this.#place[auction] = 0;
    this.auctions.length = 0;
    this.#newest.length = 0;
    this.#several.clear();
  }
}
