import type { BidEvent, PaymentEvent, WinEvent } from "../../shared/core/auction/event.ts";
import type { Flag } from "../../shared/core/detector/flag-track.ts";
import { prng } from "./prng.ts";

/** A plain bid; what a test is about it sets itself. */
export function aBid(overrides: Partial<BidEvent> = {}): BidEvent {
  return {
    ...base,
    type: "bid",
    eventId: "bid:b1",
    priceNanos: 227_000n,
    currency: "USD",
    ...overrides,
  };
}

export function aWin(overrides: Partial<WinEvent> = {}): WinEvent {
  return {
    ...base,
    type: "win",
    eventId: "win:b1",
    priceNanos: 207_000n,
    currency: "USD",
    ...overrides,
  };
}

export function aPayment(overrides: Partial<PaymentEvent> = {}): PaymentEvent {
  return {
    ...base,
    type: "payment",
    eventId: "payment:p1",
    paymentId: "p1",
    priceNanos: 207_000n,
    currency: "USD",
    ...overrides,
  };
}

const base = {
  auctionId: "a1",
  bidId: "b1",
  eventTimeUs: 1_767_225_600_000_000,
  region: "us",
  seat: "seat-1",
  segment: "segment-1",
  userKey: "",
  publisher: "",
  deviceType: 0,
  source: "",
  dealId: "",
} as const;

/** Bids as exchanges send them: 32-digit ids, `auctions` auctions, prices in whole micros of a CPM. */
export function randomBids(seed: number, count: number, auctions: number): BidEvent[] {
  const random = prng(seed);
  const hex = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return Array.from({ length: count }, (_, index) => {
    const bidId = hex() + hex() + hex() + hex();
    return aBid({
      bidId,
      eventId: `bid:${bidId}`,
      auctionId: `auction-${Math.floor(random() * auctions)}-0123456789abcdef`,
      eventTimeUs: base.eventTimeUs + index * 100,
      seat: `seat-${Math.floor(random() * 40)}`,
      segment: `segment-${Math.floor(random() * 300)}`,
      userKey: hex() + hex(),
      publisher: `publisher-${Math.floor(random() * 100)}`,
      deviceType: 1 + Math.floor(random() * 7),
      priceNanos: BigInt(Math.floor(random() * 5_000_000)) * 1_000n,
    });
  });
}

/** A flag of a minute that ended four minutes before `nowMs`. */
export function aFlag(nowMs: number): Flag {
  return {
    segment: "segment-1",
    startMs: nowMs - 300_000,
    endMs: nowMs - 240_000,
    detectedAtMs: nowMs - 240_000,
    nats: 14.5,
    severity: "medium",
    evidence: 20,
    reasons: [{ code: "activity-volume", class: "GIVT", says: "more bids", nats: 9 }],
    bidCount: 900,
    expectedBids: 100.5,
  };
}
