import { lengthened } from "../column.ts";
import { AuctionIndex } from "./auction-index.ts";
import { AuctionStates } from "./auction-states.ts";
import type { EventRows } from "./event-rows.ts";

/**
 * The auctions that a worker holds, as far as their bound allows. What falls out is read back from the
 * auction log when an insert finds that the auction exists.
 */
export class AuctionCache {
  readonly states: AuctionStates;
  readonly index = new AuctionIndex();
  readonly #eventsMax: number;
  #events = 0;
  /** Of each auction, its events as last counted into the bound. */
  #counted = new Uint32Array(0);
  /** Of each auction, the newest slice that a bundle which used it had an event in. */
  #newestSliceMs = new Float64Array(0);
  /** What was found last: the events of an auction come in a row, as far as their ordering key does. */
  #newest = -1;
  #newestHigh = 0;
  #newestLow = 0;

  /**
   * `eventsMax`: how many events of all auctions are kept, of about 40 bytes each. `opened` is told of
   * every slice that an auction has its first bid in.
   */
  constructor(
    sliceMs: number,
    eventsMax: number,
    opened: (auction: number, sliceStartMs: number) => void,
  ) {
    this.states = new AuctionStates(sliceMs, opened);
    this.#eventsMax = eventsMax;
  }

  /** The auction of an event; one that is not known here is opened. */
  auctionOf(rows: EventRows, row: number): number {
    const high = rows.auction.high[row] as number;
    const low = rows.auction.low[row] as number;
    if (this.#newest >= 0 && low === this.#newestLow && high === this.#newestHigh)
      return this.#newest;
    const known = this.index.find(high, low);
    this.#newest = known >= 0 ? known : this.#open(high, low, rows.auctionId(row));
    this.#newestHigh = high;
    this.#newestLow = low;
    return this.#newest;
  }

  /** Notes that a bundle with events in slices up to `newestSliceMs` used the auction and committed it. */
  touch(auction: number, newestSliceMs: number): void {
    this.index.use(auction);
    const eventCount = this.states.eventCountOf(auction);
    this.#events += eventCount - (this.#counted[auction] as number);
    this.#counted[auction] = eventCount;
    if (newestSliceMs > (this.#newestSliceMs[auction] as number))
      this.#newestSliceMs[auction] = newestSliceMs;
  }

  /**
   * Forgets what has been unused longest, as far as the bound asks for it, and what has no slice from
   * `liveFromMs` on.
   */
  evict(liveFromMs: number): void {
    this.#newest = -1;
    for (let { oldest } = this.index; oldest !== undefined; oldest = this.index.oldest) {
      const isOver = this.#events > this.#eventsMax && this.index.count > 1;
      if (!isOver && (this.#newestSliceMs[oldest] as number) >= liveFromMs) return;
      this.#events -= this.#counted[oldest] as number;
      this.#counted[oldest] = 0;
      this.states.clear(oldest);
      this.index.close(oldest);
    }
  }

  #open(high: number, low: number, id: string): number {
    const auction = this.index.open(high, low, id);
    const { capacity } = this.index;
    if (capacity > this.#counted.length) {
      this.#counted = lengthened(this.#counted, capacity);
      this.#newestSliceMs = lengthened(this.#newestSliceMs, capacity);
      this.states.reserve(capacity);
    }
    this.#newestSliceMs[auction] = Number.NEGATIVE_INFINITY;
    return auction;
  }
}
