import { type BidEvent, REGIONS } from "../../../shared/core/auction/event.ts";

/** Auctions that take bids at a time, a region; the first of them take most. */
const OPEN_AUCTIONS = 200;
/** How far an exchange's clock and queues put events out of order, in milliseconds. */
const DISORDER_MS = 3000;
const SEATS = 12;
const SEGMENTS = 80;

/**
 * Bids as three exchanges would send them at `nowMs`: hot auctions, new ones as time goes on, some
 * disorder. `random` is uniform in [0, 1); the same numbers give the same bids.
 */
export function liveBids(count: number, nowMs: number, random: () => number): BidEvent[] {
  return Array.from({ length: count }, () => {
    const region = REGIONS[Math.floor(random() ** 2 * REGIONS.length)] ?? "us";
    const place = Math.floor(random() ** 3 * OPEN_AUCTIONS);
    const generation = Math.floor(nowMs / (10_000 + place * 100));
    const bidId = `${region}-${nowMs.toString(36)}-${Math.floor(random() * 2 ** 48).toString(36)}`;
    return {
      type: "bid",
      eventId: `bid:${bidId}`,
      bidId,
      auctionId: `${region}-${place}-${generation}`,
      eventTimeUs: Math.floor((nowMs - random() * DISORDER_MS) * 1000),
      region,
      seat: `seat-${Math.floor(random() * SEATS)}`,
      segment: `segment-${Math.floor(random() * SEGMENTS)}`,
      userKey: Math.floor(random() * 1e6).toString(36),
      publisher: `publisher-${Math.floor(random() * 30)}`,
      deviceType: 1 + Math.floor(random() * 7),
      source: "",
      dealId: "",
      priceNanos: BigInt(Math.floor(random() ** 2 * 5000)) * 1_000n,
      currency: "USD",
    };
  });
}
