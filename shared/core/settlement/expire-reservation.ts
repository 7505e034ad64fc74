import type { Settlement } from "./settlement.ts";
import type { ExpiryEvent } from "./settlement-event.ts";

/**
 * The event that ends a reservation which nobody billed within `reservationUs` microseconds of its first
 * event; undefined for any other settlement. Source: OpenRTB's `exp`, and its usual times from win to
 * billing: a minute on the web, 30 and more for video.
 */
export function expiryOf(
  settlement: Settlement,
  nowUs: number,
  reservationUs: number,
): ExpiryEvent | undefined {
  const { state, bidId, auctionId, region, seat, firstEventTimeUs } = settlement;
  if (state !== "reserved" || nowUs < firstEventTimeUs + reservationUs) return undefined;
  return { type: "expiry", bidId, auctionId, region, seat, eventTimeUs: nowUs };
}
