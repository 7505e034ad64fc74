import { AuctionState } from "./auction-state.ts";
import { EntrySpace } from "./entry-space.ts";

/** An auction that a worker knows. */
export interface CachedAuction {
  /** Tells it from the other cached ones. */
  readonly key: number;
  /** Fingerprint of its id. */
  readonly high: number;
  readonly low: number;
  readonly state: AuctionState;
  /** Starts, in ms, of the slices that events of the bundle under way lie in, duplicates too. */
  touchedSlices: number[];
}

/** Never added to: one array for all auctions that the bundle under way does not touch. */
export const NO_SLICES: number[] = [];

/**
 * The auctions a worker knows, by the 64-bit fingerprint of their id. What falls out is read back from
 * the auction log when an insert finds that the auction exists.
 */
export class AuctionCache {
  readonly #sliceMs: number;
  readonly #eventsMax: number;
  readonly #space = new EntrySpace();
  readonly #auctions = new Map<number, Place>();
  /** Ends of the chain from the auction that was unused longest to the one used last. */
  #oldest: Place | undefined;
  #youngest: Place | undefined;
  /** What was found last: the events of an auction come in a row, as far as their ordering key does. */
  #newest: Place | undefined;
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
  find(high: number, low: number): CachedAuction | undefined {
    const newest = this.#newest;
    if (newest?.low === low && newest.high === high) return newest;
    for (let key = keyOf(high, low); ; key++) {
      const place = this.#auctions.get(key);
      if (place === undefined) return undefined;
      if (place.high !== high || place.low !== low) continue;
      this.#newest = place;
      return place;
    }
  }

  /** Starts an auction that is not known here. */
  open(high: number, low: number, id: string): CachedAuction {
    let key = keyOf(high, low);
    while (this.#auctions.has(key)) key++;
    const state = new AuctionState(id, this.#sliceMs, this.#space);
    const place: Place = {
      key,
      high,
      low,
      state,
      touchedSlices: NO_SLICES,
      events: 0,
      newestSliceMs: Number.NEGATIVE_INFINITY,
      older: undefined,
      younger: undefined,
    };
    this.#newest = place;
    this.#auctions.set(key, place);
    this.#append(place);
    return place;
  }

  /** The auction with this key; undefined once it is evicted. */
  at(key: number): AuctionState | undefined {
    return this.#auctions.get(key)?.state;
  }

  /** Notes that a bundle used the auction and committed it. */
  touch({ key, touchedSlices }: CachedAuction): void {
    const place = this.#auctions.get(key);
    if (place === undefined) return;
    place.newestSliceMs = Math.max(place.newestSliceMs, ...touchedSlices);
    this.#unlink(place);
    this.#append(place);
    this.#events += place.state.eventCount - place.events;
    place.events = place.state.eventCount;
  }

  /**
   * Forgets what has been unused longest, as far as the bound asks for it, and what has no slice from
   * `liveFromMs` on.
   */
  evict(liveFromMs: number): void {
    this.#newest = undefined;
    for (let oldest = this.#oldest; oldest !== undefined; oldest = this.#oldest) {
      const isOver = this.#events > this.#eventsMax && this.#auctions.size > 1;
      if (!isOver && oldest.newestSliceMs >= liveFromMs) return;
      this.#unlink(oldest);
      this.#auctions.delete(oldest.key);
      this.#events -= oldest.events;
      oldest.state.release();
    }
  }

  #append(place: Place): void {
    place.older = this.#youngest;
    if (this.#youngest === undefined) this.#oldest = place;
    else this.#youngest.younger = place;
    this.#youngest = place;
  }

  #unlink(place: Place): void {
    const { older, younger } = place;
    if (older === undefined) this.#oldest = younger;
    else older.younger = younger;
    if (younger === undefined) this.#youngest = older;
    else younger.older = older;
    place.older = undefined;
    place.younger = undefined;
  }
}

interface Place extends CachedAuction {
  /** Its events as last counted into the cache's bound. */
  events: number;
  /** Start of the newest slice that a bundle which used it had an event in. */
  newestSliceMs: number;
  older: Place | undefined;
  younger: Place | undefined;
}

/**
 * 53 bits of the fingerprint, what a number holds; where another auction has them, the next free one
 * stands in. An auction that eviction made unreachable that way is opened anew, as any evicted one.
 */
function keyOf(high: number, low: number): number {
  return (high & 0x1f_ff_ff) * 4_294_967_296 + low;
}
