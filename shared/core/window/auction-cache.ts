import { AuctionState } from "./auction-state.ts";

/**
 * The auctions a worker knows, by the 64-bit fingerprint of their id, least recently used first. What
 * falls out is read back from the auction log when an insert finds that the auction exists.
 */
export class AuctionCache {
  readonly #sliceMs: number;
  readonly #eventsMax: number;
  readonly #auctions = new Map<number, CachedAuction>();
  /** What was found last: the events of an auction come in a row, as far as their ordering key does. */
  #newest: CachedAuction | undefined;
  #events = 0;

  /** `eventsMax`: how many events of all auctions are kept, of about 40 bytes each. */
  constructor(sliceMs: number, eventsMax: number) {
    this.#sliceMs = sliceMs;
    this.#eventsMax = eventsMax;
  }

  get auctionCount(): number {
    return this.#auctions.size;
  }

  /** The auction, or undefined where it is not known here. */
  find(high: number, low: number): AuctionState | undefined {
    const newest = this.#newest;
    if (newest?.low === low && newest.high === high) return newest.state;
    const cached = this.#auctions.get(this.#keyOf(high, low));
    if (cached?.high !== high || cached.low !== low) return undefined;
    this.#newest = cached;
    return cached.state;
  }

  /** Starts an auction that is not known here. */
  open(high: number, low: number, id: string): AuctionState {
    const state = new AuctionState(id, this.#sliceMs);
    this.#newest = { state, high, low, events: 0 };
    this.#auctions.set(this.#keyOf(high, low), this.#newest);
    return state;
  }

  /** The auction of a key that {@link touch} gave; undefined once it is evicted. */
  at(key: number): AuctionState | undefined {
    return this.#auctions.get(key)?.state;
  }

  /** Notes that a bundle used the auction and committed it; evicts what has been unused longest. Returns its key. */
  touch(high: number, low: number): number {
    const key = this.#keyOf(high, low);
    const cached = this.#auctions.get(key);
    if (cached === undefined) return key;
    this.#auctions.delete(key);
    this.#auctions.set(key, cached);
    this.#events += cached.state.eventCount - cached.events;
    cached.events = cached.state.eventCount;
    this.#evict();
    return key;
  }

  #evict(): void {
    this.#newest = undefined;
    for (const [key, { events }] of this.#auctions) {
      if (this.#events <= this.#eventsMax || this.#auctions.size <= 1) return;
      this.#auctions.delete(key);
      this.#events -= events;
    }
  }

  /**
   * 53 bits of the fingerprint, what a number holds; the next free place where another auction has them.
   * An auction that eviction made unreachable that way is opened anew, as any evicted one.
   */
  #keyOf(high: number, low: number): number {
    let key = (high & 0x1f_ff_ff) * 4_294_967_296 + low;
    for (let held = this.#auctions.get(key); held !== undefined; held = this.#auctions.get(key)) {
      if (held.high === high && held.low === low) return key;
      key += 1;
    }
    return key;
  }
}

interface CachedAuction {
  readonly state: AuctionState;
  readonly high: number;
  readonly low: number;
  /** Its events as last counted into the cache's bound. */
  events: number;
}
