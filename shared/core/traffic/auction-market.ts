import type { BidEvent, Region } from "../auction/event.ts";
import type { Random } from "./random.ts";

/** An auction that takes bids. */
export interface OpenAuction {
  readonly id: string;
  readonly region: Region;
  readonly publisher: string;
  readonly closesAtMs: number;
  best: BidEvent | undefined;
  /** The second highest price; 0 while there is one bid. */
  secondNanos: bigint;
  /** Some of the bids that were outbid. */
  readonly losers: BidEvent[];
}

/** Half of all bids go to a few hot auctions, as in Nexmark. */
const HOT_SHARE = 0.5;
const HOT_AUCTIONS = 4;
const HOT_LIFE_MS = { min: 20_000, max: 60_000 };
/** One in so many other bids opens an auction, which then has so many bids on average. */
const BIDS_PER_AUCTION = 10;
const LIFE_MEAN_MS = 6000;
const LIFE_MAX_MS = 30_000;
const LOSERS_KEPT = 2;
const PUBLISHERS = 40;

/** One region's auctions: opens them, and chooses which one the next bid goes to. */
export class AuctionMarket {
  readonly #region: Region;
  readonly #runId: string;
  readonly #random: Random;
  readonly #open: OpenAuction[] = [];
  readonly #hot: (OpenAuction | undefined)[] = Array.from({ length: HOT_AUCTIONS });
  #opened = 0;

  constructor(region: Region, runId: string, random: Random) {
    this.#region = region;
    this.#runId = runId;
    this.#random = random;
  }

  /** The auction of the next bid; `onOpen` is told of an auction that this bid opens. */
  choose(nowMs: number, onOpen: (auction: OpenAuction) => void): OpenAuction {
    const random = this.#random;
    if (random.uniform() < HOT_SHARE) return this.#chooseHot(nowMs, onOpen);
    const auction = this.#open[Math.floor(random.uniform() * this.#open.length)];
    if (auction !== undefined && random.uniform() > 1 / BIDS_PER_AUCTION) return auction;
    const lifeMs = Math.min(LIFE_MAX_MS, 200 + random.exponential(LIFE_MEAN_MS));
    const opened = this.#openOne(nowMs + lifeMs, onOpen);
    this.#open.push(opened);
    return opened;
  }

  /** Takes an auction that has closed away. */
  close(auction: OpenAuction): void {
    const hot = this.#hot.indexOf(auction);
    if (hot >= 0) this.#hot[hot] = undefined;
    const at = hot >= 0 ? -1 : this.#open.indexOf(auction);
    const last = at >= 0 ? this.#open.pop() : undefined;
    if (last !== undefined && last !== auction) this.#open[at] = last;
  }

  /** The first place is the hottest. */
  #chooseHot(nowMs: number, onOpen: (auction: OpenAuction) => void): OpenAuction {
    const place = Math.floor(this.#random.uniform() ** 2 * HOT_AUCTIONS);
    const { min, max } = HOT_LIFE_MS;
    const auction =
      this.#hot[place] ?? this.#openOne(nowMs + this.#random.between(min, max), onOpen);
    this.#hot[place] = auction;
    return auction;
  }

  #openOne(closesAtMs: number, onOpen: (auction: OpenAuction) => void): OpenAuction {
    const auction = {
      id: `${this.#region}-${this.#runId}-a${(this.#opened++).toString(36)}`,
      region: this.#region,
      publisher: `publisher-${this.#random.integer(1, PUBLISHERS)}`,
      closesAtMs,
      best: undefined,
      secondNanos: 0n,
      losers: [],
    };
    onOpen(auction);
    return auction;
  }
}

/** Notes a bid in its auction: who leads, by how much, and some of those who do not. */
export function noteBid(auction: OpenAuction, bid: BidEvent): void {
  const { best } = auction;
  if (best === undefined) auction.best = bid;
  else if (bid.priceNanos > best.priceNanos) {
    auction.secondNanos = best.priceNanos;
    auction.best = bid;
    keepLoser(auction, best);
  } else {
    if (bid.priceNanos > auction.secondNanos) auction.secondNanos = bid.priceNanos;
    keepLoser(auction, bid);
  }
}

function keepLoser({ losers }: OpenAuction, bid: BidEvent): void {
  if (losers.length < LOSERS_KEPT) losers.push(bid);
}
