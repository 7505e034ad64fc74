import type { AuctionEvent } from "../../core/auction/event.ts";
import { formatNanos } from "../../core/money.ts";

/** Writes an event as one line of the JSON log form, without a line end. Absent texts are left out. */
export function writeRecord(event: AuctionEvent): string {
  const record: Record<string, string | number> = {
    type: event.type,
    event_id: event.eventId,
    auction_id: event.auctionId,
    bid_id: event.bidId,
    timestamp: timestampOf(event.eventTimeUs),
    region: event.region,
  };
  if (event.seat !== "") record["seat"] = event.seat;
  if (event.segment !== "") record["segment"] = event.segment;
  if (event.userKey !== "") record["user_key"] = event.userKey;
  if (event.publisher !== "") record["publisher"] = event.publisher;
  if (event.deviceType !== 0) record["device_type"] = event.deviceType;
  if (event.source !== "") record["source"] = event.source;
  if (event.dealId !== "") record["deal_id"] = event.dealId;
  if ("priceNanos" in event) {
    record["bid_price"] = formatNanos(event.priceNanos);
    record["currency"] = event.currency;
  }
  if (event.type === "payment") record["payment_id"] = event.paymentId;
  if (event.type === "loss" && event.lossReason !== 0) record["loss_reason"] = event.lossReason;
  return JSON.stringify(record);
}

/** RFC 3339 in UTC: milliseconds, or microseconds where there are some. */
export function timestampOf(timeUs: number): string {
  const iso = new Date(Math.floor(timeUs / 1000)).toISOString();
  const micros = timeUs % 1000;
  return micros === 0 ? iso : `${iso.slice(0, -1)}${String(micros).padStart(3, "0")}Z`;
}
