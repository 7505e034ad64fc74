import type { AuctionEvent, BidEvent, Region } from "../auction/event.ts";
import { alignDown, MINUTE_MS, SECOND_MS } from "../time.ts";
import { AuctionMarket, noteBid, type OpenAuction } from "./auction-market.ts";
import { outcomeOf } from "./auction-outcome.ts";
import { type AttackLabel, type BotBid, BotTraffic } from "./bot-traffic.ts";
import { DueQueue } from "./due-queue.ts";
import { Random } from "./random.ts";
import { currencyOf, regionShares } from "./region-share.ts";
import type { Attack } from "./scenario.ts";
import { segmentName } from "./segment-name.ts";

export interface TrafficOptions {
  readonly seed: number;
  /** Of the whole, follow-ups and repeats among them. 1 to 100_000. */
  readonly eventsPerSecond: number;
  /** Event time of the first event, in milliseconds. */
  readonly startMs: number;
  readonly regions: readonly Region[];
  readonly attacks: readonly Attack[];
}

/** What waits for its time. */
type Pending =
  | { readonly kind: "event" | "repeat"; readonly event: AuctionEvent }
  | { readonly kind: "close"; readonly auction: OpenAuction; readonly market: AuctionMarket }
  | { readonly kind: "bots"; readonly secondMs: number }
  | { readonly kind: "botBid"; readonly bid: BotBid };

/** Share of events that are bids, by what an auction brings about; bots' numbers are measured by it. */
const BID_SHARE = 0.77;
/** A publisher that saw no answer sends the event again. */
const RETRY_SHARE = 0.02;
const RETRY_MS = { min: 10, max: 2000 };
/** How far an exchange's clocks and queues put event times behind the order of sending. */
const DISORDER = { meanMs: 250, maxMs: 3000 };
/** Events that come so late that their window may be closed. */
const STRAGGLER_SHARE = 0.0005;
const STRAGGLER_MS = { min: 15_000, max: 600_000 };
/** Segments that traffic speaks of; the first ones are the largest. */
export const TRAFFIC_SEGMENTS = 80;
const USERS = 200_000;
const SEATS = 40;
const DEALS = 20;
const DEAL_SHARE = 0.05;
/** CPM of the middle bid in nanos an impression, and its spread. A yen is about 1/150 of the others. */
const PRICE_NANOS = 1_500_000;
const PRICE_SPREAD = 0.7;
const YEN_FACTOR = 150;

/**
 * Traffic of exchanges, event by event: the same options give the same events. Event number `n` is sent
 * `n / eventsPerSecond` seconds after the start; what earlier events brought about goes first when it is
 * due, bids fill the rest.
 */
export class EventTraffic {
  readonly #options: TrafficOptions;
  readonly #runId: string;
  readonly #random: Random;
  readonly #markets: readonly AuctionMarket[];
  readonly #pending = new DueQueue<Pending>();
  readonly #bots: BotTraffic;
  readonly #botUsers = new Set<string>();
  #shares: readonly number[] = [];
  #sharesUntilMs = Number.NEGATIVE_INFINITY;
  #sent = 0;
  #bids = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#runId = `${Math.floor(options.startMs).toString(36)}-${options.seed.toString(36)}`;
    this.#random = new Random(options.seed);
    this.#markets = options.regions.map(
      (region) => new AuctionMarket(region, this.#runId, this.#random.fork()),
    );
    const bidsPerSecond = options.eventsPerSecond * BID_SHARE;
    this.#bots = new BotTraffic(
      options.attacks,
      (segment) => bidsPerSecond * segmentShare(segment),
      this.#random.fork(),
    );
    const firstMs = Math.min(...options.attacks.map((attack) => attack.startMs));
    if (options.attacks.length > 0) this.#wakeBots(alignDown(firstMs, SECOND_MS));
  }

  /** When the next event is sent, in milliseconds. */
  get nextMs(): number {
    return this.#options.startMs + (this.#sent * 1000) / this.#options.eventsPerSecond;
  }

  /** What the attacks have come to so far. */
  get labels(): readonly AttackLabel[] {
    return this.#bots.labels;
  }

  /** Whether an event that was sent is an attack's: a bot's bid, or what came of one. */
  isOfAttack(event: AuctionEvent): boolean {
    return this.#botUsers.has(event.userKey);
  }

  next(): AuctionEvent {
    const nowMs = this.nextMs;
    this.#sent++;
    for (;;) {
      const pending = this.#pending.take(nowMs);
      const event = pending === undefined ? this.#honestBid(nowMs) : this.#happen(pending, nowMs);
      if (event !== undefined) return event;
    }
  }

  /** Lets what was pending happen; undefined where it sends nothing by itself. */
  #happen(pending: Pending, nowMs: number): AuctionEvent | undefined {
    switch (pending.kind) {
      case "repeat":
        return pending.event;
      case "event":
        return this.#sendOnce(pending.event, nowMs);
      case "close":
        this.#close(pending.auction, pending.market, nowMs);
        return undefined;
      case "bots":
        this.#letBotsBid(pending.secondMs);
        return undefined;
      case "botBid":
        return this.#sendOnce(this.#bid(nowMs, pending.bid.segment, pending.bid), nowMs);
    }
  }

  #close(auction: OpenAuction, market: AuctionMarket, nowMs: number): void {
    market.close(auction);
    for (const { dueMs, event } of outcomeOf(auction, nowMs, this.#random)) {
      this.#pending.add(dueMs, { kind: "event", event });
    }
  }

  #wakeBots(secondMs: number): void {
    this.#pending.add(secondMs, { kind: "bots", secondMs });
  }

  #letBotsBid(secondMs: number): void {
    for (const bid of this.#bots.bidsIn(secondMs)) {
      this.#pending.add(bid.dueMs, { kind: "botBid", bid });
    }
    const nextMs = secondMs + SECOND_MS;
    if (this.#options.attacks.some(({ endMs }) => endMs > nextMs)) this.#wakeBots(nextMs);
  }

  /** A new bid, or undefined where it is a straggler that is sent later. */
  #honestBid(nowMs: number): AuctionEvent | undefined {
    const segment = Math.floor(this.#random.uniform() ** 2 * TRAFFIC_SEGMENTS);
    const bid = this.#bid(nowMs, segment, this.#bots.hijack(segment, nowMs));
    if (this.#random.uniform() >= STRAGGLER_SHARE) return this.#sendOnce(bid, nowMs);
    const { min, max } = STRAGGLER_MS;
    this.#pending.add(nowMs + this.#random.between(min, max), { kind: "event", event: bid });
    return undefined;
  }

  /** The event, whose sender may send it again. */
  #sendOnce(event: AuctionEvent, nowMs: number): AuctionEvent {
    if (this.#random.uniform() < RETRY_SHARE) {
      const dueMs = nowMs + this.#random.between(RETRY_MS.min, RETRY_MS.max);
      this.#pending.add(dueMs, { kind: "repeat", event });
    }
    return event;
  }

  #bid(nowMs: number, segment: number, bot: BotBid | undefined): BidEvent {
    const random = this.#random;
    const market = this.#chooseMarket(nowMs);
    const auction = market.choose(nowMs, (opened) =>
      this.#pending.add(opened.closesAtMs, { kind: "close", auction: opened, market }),
    );
    const { region } = auction;
    const bidId = `${region}-${this.#runId}-b${(this.#bids++).toString(36)}`;
    const disorderMs = Math.min(DISORDER.maxMs, random.exponential(DISORDER.meanMs));
    const userKey = pseudonymOf(bot?.user ?? Math.floor(random.uniform() ** 3 * USERS));
    if (bot !== undefined) this.#botUsers.add(userKey);
    const bid: BidEvent = {
      type: "bid",
      eventId: `bid:${bidId}`,
      bidId,
      auctionId: auction.id,
      eventTimeUs: Math.floor((nowMs - disorderMs) * 1000),
      region,
      seat: `seat-${bot?.seat ?? Math.floor(random.uniform() ** 2 * SEATS)}`,
      segment: segmentName(segment),
      userKey,
      publisher: auction.publisher,
      deviceType: random.integer(1, 7),
      source: `exchange-${region}`,
      dealId: random.uniform() < DEAL_SHARE ? `deal-${random.integer(1, DEALS)}` : "",
      priceNanos: this.#price(region, bot),
      currency: currencyOf(region),
    };
    noteBid(auction, bid);
    return bid;
  }

  /** A CPM in whole micros, so that an impression's price is whole nanos; never zero. */
  #price(region: Region, bot: BotBid | undefined): bigint {
    const spread = bot?.isExactPrice === true ? 0 : PRICE_SPREAD * this.#random.normal();
    const unit = currencyOf(region) === "JPY" ? YEN_FACTOR : 1;
    const nanos = PRICE_NANOS * unit * (bot?.priceMultiple ?? 1) * Math.exp(spread);
    return BigInt(Math.max(1, Math.round(nanos)));
  }

  #chooseMarket(nowMs: number): AuctionMarket {
    if (nowMs >= this.#sharesUntilMs) {
      this.#shares = regionShares(this.#options.regions, nowMs);
      this.#sharesUntilMs = nowMs + MINUTE_MS;
    }
    let rest = this.#random.uniform();
    let chosen = this.#markets[0];
    for (const [index, share] of this.#shares.entries()) {
      chosen = this.#markets[index] ?? chosen;
      rest -= share;
      if (rest < 0) break;
    }
    if (chosen === undefined) throw new RangeError("traffic needs a region");
    return chosen;
  }
}

/** A segment's share of the bids, as `floor(uniform² × TRAFFIC_SEGMENTS)` draws them. */
function segmentShare(segment: number): number {
  return Math.sqrt((segment + 1) / TRAFFIC_SEGMENTS) - Math.sqrt(segment / TRAFFIC_SEGMENTS);
}

/** What {@link pseudonymOf} gave before: making the text takes longer than all else of a bid. */
const pseudonyms = new Map<number, string>();

/** A user as exchanges name one: a number that says nothing, the same each time. */
function pseudonymOf(user: number): string {
  const made = pseudonyms.get(user);
  if (made !== undefined) return made;
  const high = Math.imul(user ^ (user >>> 15), 0x2c_1b_3c_6d) >>> 0;
  const low = Math.imul(user + 1, 0x9e_37_79_b1) >>> 0;
  const pseudonym = (high * 0x10_00_00 + (low >>> 12)).toString(36);
  pseudonyms.set(user, pseudonym);
  return pseudonym;
}
