import { MINUTE_MS } from "../time.ts";
import type { AuctionEvent } from "./event.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** How far an event time may lie ahead of our clock, in milliseconds: one wrong clock must not push the watermark. */
export const MAX_FUTURE_SKEW_MS = 5 * MINUTE_MS;

/** The event, or its refusal where it says that it happened later than our clock can believe. */
export function refuseFuture(event: AuctionEvent | Refusal, nowMs: number): AuctionEvent | Refusal {
  if ("kind" in event || event.eventTimeUs <= (nowMs + MAX_FUTURE_SKEW_MS) * 1000) return event;
  const mend = "The time is over 5 min ahead of ours: mend the sender's clock.";
  return refuse("timestampInFuture", "timestamp", String(event.eventTimeUs), mend);
}
