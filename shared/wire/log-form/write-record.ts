import type { AuctionEvent } from "../../core/auction/event.ts";
import { formatNanos } from "../../core/money.ts";
import { SECOND_MS } from "../../core/time.ts";

/** Writes an event as one line of the JSON log form, without a line end. Absent texts are left out. */
export function writeRecord(event: AuctionEvent): string {
  const isPriced = "priceNanos" in event;
  return JSON.stringify({
    type: event.type,
    event_id: event.eventId,
    auction_id: event.auctionId,
    bid_id: event.bidId,
    timestamp: timestampOf(event.eventTimeUs),
    region: event.region,
    seat: event.seat || undefined,
    segment: event.segment || undefined,
    user_key: event.userKey || undefined,
    publisher: event.publisher || undefined,
    device_type: event.deviceType || undefined,
    source: event.source || undefined,
    deal_id: event.dealId || undefined,
    bid_price: isPriced ? formatNanos(event.priceNanos) : undefined,
    currency: isPriced ? event.currency : undefined,
    payment_id: event.type === "payment" ? event.paymentId : undefined,
    loss_reason: (event.type === "loss" && event.lossReason) || undefined,
  });
}

/** The second that was written last, and its text: neighbours in a log are mostly of one. */
let lastSecond = Number.NaN;
let lastText = "";

/** RFC 3339 in UTC: milliseconds, or microseconds where there are some. */
export function timestampOf(timeUs: number): string {
  const second = Math.floor(timeUs / 1_000_000);
  if (second !== lastSecond) {
    lastText = new Date(second * SECOND_MS).toISOString().slice(0, "2026-01-01T00:00:00".length);
    lastSecond = second;
  }
  const micros = timeUs - second * 1_000_000;
  const isWhole = micros % 1000 === 0;
  const fraction = isWhole
    ? String(micros / 1000).padStart(3, "0")
    : String(micros).padStart(6, "0");
  return `${lastText}.${fraction}Z`;
}
