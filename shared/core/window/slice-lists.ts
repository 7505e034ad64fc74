import { lengthened } from "../column.ts";
import { isBelow, nanosOf } from "./price-sum.ts";

/** What a window says of its bids. Prices in nanos, times in microseconds. */
export interface WindowTotals {
  bidCount: number;
  priceSumNanos: bigint;
  priceMinNanos: bigint;
  priceMaxNanos: bigint;
  firstBidUs: number;
  lastBidUs: number;
}

/** Slices of an auction: from `first` on, up to `behind`. */
export interface SliceRange {
  readonly first: number;
  readonly behind: number;
}

/** What a slice is told of a bid; its price as int64 halves. */
interface SlicedBid {
  readonly priceHigh: number;
  readonly priceLow: number;
  readonly eventTimeUs: number;
}

/**
 * Running totals of the distinct bids of every auction by slice, an auction's slices ascending; most
 * have one or two. A slice is a record of numbers in a page, chained to the next one of its auction:
 * were the totals objects, the garbage collector would have to follow a dozen of them an auction.
 */
export class SliceLists {
  readonly #pages: Float64Array[] = [];
  /** Records that were ever used; the first stands for none. */
  #used = 1;
  /** The first of the chain of records that were given back. */
  #free = NONE;
  /** The ends of each auction's chain. */
  #first = new Uint32Array(0);
  #last = new Uint32Array(0);

  /** Makes room for auctions below `auctions`. */
  reserve(auctions: number): void {
    this.#first = lengthened(this.#first, auctions);
    this.#last = lengthened(this.#last, auctions);
  }

  /** Adds a bid to the slice that starts at `startUs`; true where it is the first one in it. */
  add(auction: number, startUs: number, bid: SlicedBid): boolean {
    const found = this.#find(auction, startUs);
    const slice = found === NONE ? this.#insert(auction, startUs) : found;
    const { priceHigh, priceLow, eventTimeUs } = bid;
    const page = this.#pageOf(slice);
    const at = baseOf(slice);
    page[at + COUNT] = (page[at + COUNT] as number) + 1;
    // Low is kept below 2^32 by carrying, so both parts of the sum stay exact.
    const low = (page[at + SUM_LOW] as number) + priceLow;
    page[at + SUM_LOW] = low >= WORD ? low - WORD : low;
    page[at + SUM_HIGH] = (page[at + SUM_HIGH] as number) + priceHigh + (low >= WORD ? 1 : 0);
    if (isBelow(priceHigh, priceLow, page[at + MIN_HIGH] as number, page[at + MIN_LOW] as number)) {
      page[at + MIN_HIGH] = priceHigh;
      page[at + MIN_LOW] = priceLow;
    }
    if (isBelow(page[at + MAX_HIGH] as number, page[at + MAX_LOW] as number, priceHigh, priceLow)) {
      page[at + MAX_HIGH] = priceHigh;
      page[at + MAX_LOW] = priceLow;
    }
    if (eventTimeUs < (page[at + FIRST] as number)) page[at + FIRST] = eventTimeUs;
    if (eventTimeUs > (page[at + LAST] as number)) page[at + LAST] = eventTimeUs;
    return found === NONE;
  }

  /** The auction's first slice that starts at `startUs` or later; {@link NONE} where there is none. */
  firstFrom(auction: number, startUs: number): number {
    let slice = this.#first[auction] as number;
    while (slice !== NONE && this.#of(slice, START) < startUs) slice = this.#of(slice, NEXT);
    return slice;
  }

  /** Reads the totals of the slices from `first` on, up to `behind`, put together. At least one. */
  readTotals({ first, behind }: SliceRange, into: WindowTotals): void {
    let page = this.#pageOf(first);
    let at = baseOf(first);
    into.bidCount = page[at + COUNT] as number;
    into.priceSumNanos = nanosAt(page, at + SUM_HIGH);
    into.priceMinNanos = nanosAt(page, at + MIN_HIGH);
    into.priceMaxNanos = nanosAt(page, at + MAX_HIGH);
    into.firstBidUs = page[at + FIRST] as number;
    into.lastBidUs = page[at + LAST] as number;
    for (let slice = this.#of(first, NEXT); slice !== behind; slice = this.#of(slice, NEXT)) {
      page = this.#pageOf(slice);
      at = baseOf(slice);
      into.bidCount += page[at + COUNT] as number;
      into.priceSumNanos += nanosAt(page, at + SUM_HIGH);
      const minNanos = nanosAt(page, at + MIN_HIGH);
      const maxNanos = nanosAt(page, at + MAX_HIGH);
      if (minNanos < into.priceMinNanos) into.priceMinNanos = minNanos;
      if (maxNanos > into.priceMaxNanos) into.priceMaxNanos = maxNanos;
      into.firstBidUs = Math.min(into.firstBidUs, page[at + FIRST] as number);
      into.lastBidUs = Math.max(into.lastBidUs, page[at + LAST] as number);
    }
  }

  /** Forgets the auction's slices and gives their records back. */
  clear(auction: number): void {
    const last = this.#last[auction] as number;
    if (last === NONE) return;
    this.#set(last, NEXT, this.#free);
    this.#free = this.#first[auction] as number;
    this.#first[auction] = NONE;
    this.#last[auction] = NONE;
  }

  /** Most bids go to an auction's last slice. */
  #find(auction: number, startUs: number): number {
    const last = this.#last[auction] as number;
    const lastStartUs = last === NONE ? Number.NEGATIVE_INFINITY : this.#of(last, START);
    if (lastStartUs <= startUs) return lastStartUs === startUs ? last : NONE;
    const slice = this.firstFrom(auction, startUs);
    return this.#of(slice, START) === startUs ? slice : NONE;
  }

  #insert(auction: number, startUs: number): number {
    const slice = this.#take();
    this.#pageOf(slice).set(NO_BIDS, baseOf(slice));
    this.#set(slice, START, startUs);
    const next = this.firstFrom(auction, startUs);
    this.#set(slice, NEXT, next);
    const before = this.#before(auction, next);
    if (before === NONE) this.#first[auction] = slice;
    else this.#set(before, NEXT, slice);
    if (next === NONE) this.#last[auction] = slice;
    return slice;
  }

  /** The slice whose next one is `next`. */
  #before(auction: number, next: number): number {
    if (next === NONE) return this.#last[auction] as number;
    let before = NONE;
    for (let slice = this.#first[auction] as number; slice !== next; ) {
      before = slice;
      slice = this.#of(slice, NEXT);
    }
    return before;
  }

  #take(): number {
    const free = this.#free;
    if (free !== NONE) {
      this.#free = this.#of(free, NEXT);
      return free;
    }
    if (this.#used >> PAGE_BITS === this.#pages.length || this.#pages.length === 0) {
      this.#pages.push(new Float64Array(PAGE_SLICES * FIELDS));
    }
    return this.#used++;
  }

  #pageOf(slice: number): Float64Array {
    return this.#pages[slice >> PAGE_BITS] as Float64Array;
  }

  #of(slice: number, field: number): number {
    return this.#pageOf(slice)[baseOf(slice) + field] as number;
  }

  #set(slice: number, field: number, value: number): void {
    this.#pageOf(slice)[baseOf(slice) + field] = value;
  }
}

/** No slice. */
export const NONE = 0;
const PAGE_BITS = 12;
const PAGE_SLICES = 1 << PAGE_BITS;
/** Places of a slice's numbers; its start is in microseconds. A low half stands behind its high one. */
const START = 0;
const COUNT = 1;
const SUM_HIGH = 2;
const SUM_LOW = 3;
const MIN_HIGH = 4;
const MIN_LOW = 5;
const MAX_HIGH = 6;
const MAX_LOW = 7;
const FIRST = 8;
const LAST = 9;
const NEXT = 10;
const FIELDS = 11;
const WORD = 4_294_967_296;
/** The numbers of a slice without bids. */
const NO_BIDS = [0, 0, 0, 0, WORD - 1, WORD - 1, 0, 0, Number.MAX_VALUE, 0, NONE];

function baseOf(slice: number): number {
  return (slice & (PAGE_SLICES - 1)) * FIELDS;
}

function nanosAt(page: Float64Array, high: number): bigint {
  return nanosOf(page[high] as number, page[high + 1] as number);
}
