import type { AuctionEvent, BidEvent, EventType, PaymentEvent } from "../auction/event.ts";
import type { OpenAuction } from "./auction-market.ts";
import type { Random } from "./random.ts";

/** An event and when its exchange sends it, which is its event time too. */
export interface DueEvent {
  readonly dueMs: number;
  readonly event: AuctionEvent;
}

/** OpenRTB 2.6, list 5.25: lost to a higher bid. */
const LOST_TO_HIGHER_BID = 102;
/** Wins that are taken back rather than shown. */
const VOID_SHARE = 0.02;
const CLICK_SHARE = 0.02;
/** What becomes of the payment of a billed bid; the rest is paid once, in full. */
const payments = { never: 0.01, conflicting: 0.01, duplicated: 0.02, partial: 0.05, late: 0.05 };
const BILLING_MEAN_MS = 2000;
const PAYMENT_MEAN_MS = 15_000;
const LATE_FACTOR = 12;

/**
 * What follows the close of an auction, in no order: the winner's notices, losers' notices, impression and
 * clicks, and payments. The winner pays the second price, or four fifths of his bid where he was alone;
 * the parts of a payment add up to it.
 */
export function outcomeOf(auction: OpenAuction, closedMs: number, random: Random): DueEvent[] {
  const { best, losers, secondNanos } = auction;
  if (best === undefined) return [];
  const priceNanos = secondNanos > 0n ? secondNanos : (best.priceNanos * 4n) / 5n;
  const followUps: DueEvent[] = losers.map((bid) => {
    const dueMs = closedMs + random.between(20, 200);
    return {
      dueMs,
      event: { ...plain(bid, dueMs, "loss"), type: "loss", lossReason: LOST_TO_HIGHER_BID },
    };
  });
  const won = { priceNanos, currency: best.currency };
  const wonMs = closedMs + random.between(5, 50);
  followUps.push({ dueMs: wonMs, event: { ...plain(best, wonMs, "win"), type: "win", ...won } });
  const shownMs = wonMs + 50 + random.exponential(BILLING_MEAN_MS);
  if (random.uniform() < VOID_SHARE) {
    followUps.push({ dueMs: shownMs, event: { ...plain(best, shownMs, "void"), type: "void" } });
    return followUps;
  }
  const billedMs = shownMs + random.between(1, 100);
  return [
    ...followUps,
    { dueMs: shownMs, event: { ...plain(best, shownMs, "impression"), type: "impression" } },
    { dueMs: billedMs, event: { ...plain(best, billedMs, "billing"), type: "billing", ...won } },
    ...clicksOf(best, shownMs, random),
    ...paymentsOf(best, priceNanos, billedMs, random),
  ];
}

function clicksOf(bid: BidEvent, shownMs: number, random: Random): DueEvent[] {
  if (random.uniform() > CLICK_SHARE) return [];
  const dueMs = shownMs + 500 + random.exponential(5000);
  return [{ dueMs, event: { ...plain(bid, dueMs, "click"), type: "click" } }];
}

function paymentsOf(
  bid: BidEvent,
  priceNanos: bigint,
  billedMs: number,
  random: Random,
): DueEvent[] {
  const fate = random.uniform();
  const paid = (part: string, nanos: bigint, meanMs: number): DueEvent =>
    paymentOf(bid, `${bid.bidId}-${part}`, nanos, billedMs + 1000 + random.exponential(meanMs));
  let upTo = payments.never;
  if (fate < upTo) return [];
  upTo += payments.conflicting;
  const once = paid("p1", priceNanos, PAYMENT_MEAN_MS);
  if (fate < upTo) return [once, paid("p1", priceNanos + 1_000n, PAYMENT_MEAN_MS)];
  upTo += payments.duplicated;
  if (fate < upTo) return [once, { ...once, dueMs: once.dueMs + random.between(100, 20_000) }];
  upTo += payments.partial;
  if (fate < upTo) {
    const first = (priceNanos * BigInt(random.integer(2, 8))) / 10n;
    const rest = priceNanos - first;
    return [paid("p1", first, PAYMENT_MEAN_MS), paid("p2", rest, PAYMENT_MEAN_MS)];
  }
  upTo += payments.late;
  return [fate < upTo ? paid("p1", priceNanos, LATE_FACTOR * PAYMENT_MEAN_MS) : once];
}

function paymentOf(bid: BidEvent, paymentId: string, priceNanos: bigint, dueMs: number): DueEvent {
  const event: PaymentEvent = {
    ...plain(bid, dueMs, "payment"),
    type: "payment",
    eventId: `payment:${paymentId}`,
    paymentId,
    priceNanos,
    currency: bid.currency,
  };
  return { dueMs, event };
}

/** What every event of a bid says; the rest is its type's. */
function plain(bid: BidEvent, timeMs: number, type: EventType) {
  const { priceNanos, currency, ...fields } = bid;
  return { ...fields, eventId: `${type}:${bid.bidId}`, eventTimeUs: Math.floor(timeMs * 1000) };
}
