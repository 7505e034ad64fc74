import { lengthened } from "../column.ts";
import type { Fingerprints } from "../fingerprint.ts";
import type { EventRows } from "../window/event-rows.ts";
import { ROW_WORDS } from "./bid-rows.ts";

/** What is gathered of bids, as columns. */
export interface GatheredColumns extends Pick<EventRows, "priceHigh" | "priceLow" | "bid"> {
  readonly user: Fingerprints;
  readonly seat: Fingerprints;
}

/** What is gathered of a bid: the place it belongs to, then the words of its row. */
const GATHERED_WORDS = 1 + ROW_WORDS;
const FIRST_BIDS = 4096;

/** The bids of a bundle, one after the other in one array that the next bundle fills again. */
export class GatheredBids {
  #words = new Uint32Array(FIRST_BIDS * GATHERED_WORDS);
  #end = 0;

  clear(): void {
    this.#end = 0;
  }

  /** Takes in a bid of the place that `place` stands for, `offsetMs` after its slice's start. */
  add(place: number, offsetMs: number, bids: GatheredColumns, row: number): void {
    if (this.#end === this.#words.length) this.#words = lengthened(this.#words, this.#end * 2);
    const words = this.#words;
    const at = this.#end;
    words[at] = place;
    words[at + 1] = bids.bid.low[row] ?? 0;
    words[at + 2] = bids.user.low[row] ?? 0;
    words[at + 3] = bids.seat.low[row] ?? 0;
    words[at + 4] = offsetMs;
    words[at + 5] = bids.priceHigh[row] ?? 0;
    words[at + 6] = bids.priceLow[row] ?? 0;
    this.#end = at + GATHERED_WORDS;
  }

  /**
   * Copies the bids' rows into `to`, in the order they came: those of a place from word
   * `places[place + next]` on, which is moved to behind them; those of a place where that is 0 nowhere.
   */
  copyRows(to: Uint32Array, places: Uint32Array, next: number): void {
    const words = this.#words;
    for (let from = 0; from < this.#end; from += GATHERED_WORDS) {
      const place = (words[from] ?? 0) + next;
      const at = places[place] ?? 0;
      if (at === 0) continue;
      places[place] = at + ROW_WORDS;
      to[at] = words[from + 1] ?? 0;
      to[at + 1] = words[from + 2] ?? 0;
      to[at + 2] = words[from + 3] ?? 0;
      to[at + 3] = words[from + 4] ?? 0;
      to[at + 4] = words[from + 5] ?? 0;
      to[at + 5] = words[from + 6] ?? 0;
    }
  }
}
