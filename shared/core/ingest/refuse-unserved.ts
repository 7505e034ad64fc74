import type { AuctionEvent, Region } from "../auction/event.ts";
import { type Refusal, refuse } from "../auction/refusal.ts";

/** The event, or its refusal where it belongs to a region in which no worker would ever read it. */
export function refuseUnserved(
  event: AuctionEvent | Refusal,
  served: readonly Region[],
): AuctionEvent | Refusal {
  if ("kind" in event || served.includes(event.region)) return event;
  const mend = `This system runs in ${served.join(", ")}: send it events of those.`;
  return refuse("unknownRegion", "region", event.region, mend);
}
