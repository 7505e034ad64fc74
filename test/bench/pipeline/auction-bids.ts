import { type BidEvent, REGIONS, type Region } from "../../../shared/core/auction/event.ts";
import { prng } from "../../support/prng.ts";

/** Bids that an auction takes, as DESIGN-sized exchanges send them: all within a tenth of a second. */
export const BIDS_PER_AUCTION = 20;
const AUCTION_MS = 100;

/** Makes bids of real-time auctions, `BIDS_PER_AUCTION` each, in the order of their times. Seeded. */
export class AuctionBids {
  readonly #random: () => number;
  readonly #regions: readonly Region[];
  #auction = 0;

  constructor(seed: number, regions: readonly Region[] = REGIONS) {
    this.#random = prng(seed);
    this.#regions = regions;
  }

  /** All bids of `count` auctions that begin at `timeMs`. */
  next(count: number, timeMs: number): BidEvent[] {
    const bids: BidEvent[] = [];
    for (let index = 0; index < count; index++) {
      const number = this.#auction++;
      const region = this.#regions[number % this.#regions.length] ?? "us";
      const auctionId = `${this.#hex()}${this.#hex()}-${number.toString(16).padStart(8, "0")}`;
      for (let bid = 0; bid < BIDS_PER_AUCTION; bid++) {
        bids.push(this.#bid(auctionId, region, timeMs));
      }
    }
    return bids.sort((a, b) => a.eventTimeUs - b.eventTimeUs);
  }

  #bid(auctionId: string, region: Region, timeMs: number): BidEvent {
    const random = this.#random;
    const bidId = this.#hex() + this.#hex() + this.#hex() + this.#hex();
    return {
      type: "bid",
      eventId: `bid:${bidId}`,
      bidId,
      auctionId,
      eventTimeUs: Math.floor((timeMs + random() * AUCTION_MS) * 1000),
      region,
      seat: `seat-${Math.floor(random() * 40)}`,
      segment: `segment-${Math.floor(random() * 80)}`,
      userKey: this.#hex() + this.#hex(),
      publisher: `publisher-${Math.floor(random() * 30)}`,
      deviceType: 1 + Math.floor(random() * 7),
      source: "",
      dealId: "",
      priceNanos: BigInt(Math.floor(random() ** 2 * 5000)) * 1_000n,
      currency: "USD",
    };
  }

  #hex(): string {
    return Math.floor(this.#random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  }
}
