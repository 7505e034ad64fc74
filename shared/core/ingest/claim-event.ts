import type { AuctionEvent } from "../auction/event.ts";
import { type Refusal, refuse } from "../auction/refusal.ts";

/**
 * The event as its sender's: the source is whose key signed the request, whatever the event says. A bid
 * id that starts with another source's name, as `ingest` makes them from notices, is refused: nobody
 * speaks for another's bids.
 */
export function claimEvent(
  event: AuctionEvent | Refusal,
  source: string,
  sources: ReadonlySet<string>,
): AuctionEvent | Refusal {
  if ("kind" in event) return event;
  const owner = event.bidId.slice(0, Math.max(0, event.bidId.indexOf("/")));
  if (owner !== source && sources.has(owner)) {
    const mend = `Bids of ${owner} are for its own keys to report.`;
    return refuse("foreignBid", "bid_id", event.bidId, mend);
  }
  return { ...event, source };
}
