import { PriceSum } from "../window/price-sum.ts";
import { DistinctSample } from "./distinct-sample.ts";

/** A bid in a sketch: when it was, in ms since the slice's start, and its price as int64 halves. */
export interface SampledBid {
  readonly offsetMs: number;
  readonly priceHigh: number;
  readonly priceLow: number;
}

/** 32-bit hashes that tell a bid, its user and its seat from others; 0 where it names none. */
export interface BidHashes {
  readonly bidHash: number;
  readonly userHash: number;
  readonly seatHash: number;
}

/** So many users are counted exactly; beyond, to some 2 %. */
const USERS_MAX = 2048;
const SEATS_MAX = 64;
const BIDS_MAX = 2048;

/**
 * What is kept of the newly counted events of one segment in one slice: exact counts and price sum, and
 * bounded samples of users, seats and bids. Sketches of parts merge into the sketch of the whole.
 */
export class SegmentSketch {
  bidCount = 0;
  winCount = 0;
  clickCount = 0;
  readonly priceSum: PriceSum = new PriceSum();
  /** Bids by user; at most 2048 users. */
  readonly users: DistinctSample<number>;
  /** Bids by seat; at most 64 seats. */
  readonly seats: DistinctSample<number>;
  /** Bids by their fingerprint; at most 2048. */
  readonly bids: DistinctSample<SampledBid>;

  /** `levels`: of samples that are read back from where they were stored. */
  constructor(levels: { users: number; seats: number; bids: number } = NO_LEVELS) {
    this.users = DistinctSample.at(levels.users, USERS_MAX, sum);
    this.seats = DistinctSample.at(levels.seats, SEATS_MAX, sum);
    this.bids = DistinctSample.at(levels.bids, BIDS_MAX, first);
  }

  add({ bidHash, userHash, seatHash }: BidHashes, bid: SampledBid): void {
    this.bidCount++;
    this.priceSum.add(bid.priceHigh, bid.priceLow);
    if (userHash !== 0) this.users.add(userHash, 1);
    if (seatHash !== 0) this.seats.add(seatHash, 1);
    this.bids.add(bidHash, bid);
  }

  /** Takes in another sketch, whose slice starts `shiftMs` after this one's. */
  merge(other: SegmentSketch, shiftMs = 0): void {
    this.bidCount += other.bidCount;
    this.winCount += other.winCount;
    this.clickCount += other.clickCount;
    this.priceSum.add(other.priceSum.high, other.priceSum.low);
    this.users.merge(other.users);
    this.seats.merge(other.seats);
    this.bids.merge(shiftMs === 0 ? other.bids : other.bids.map((bid) => shifted(bid, shiftMs)));
  }
}

const NO_LEVELS = { users: 0, seats: 0, bids: 0 } as const;

function sum(a: number, b: number): number {
  return a + b;
}

/** Two bids of one hash: which is kept must not hang on their order. */
function first(a: SampledBid, b: SampledBid): SampledBid {
  return a.offsetMs <= b.offsetMs ? a : b;
}

function shifted(bid: SampledBid, byMs: number): SampledBid {
  return { ...bid, offsetMs: bid.offsetMs + byMs };
}
