import type { AuctionEvent } from "../auction/event.ts";
import type { Refusal } from "../auction/refusal.ts";
import type { RequestFault } from "./request-fault.ts";

/** An answer: the status and the JSON document that goes with it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly document: object;
}

/** What became of publishing the events that were not refused. */
export type PublishOutcome = "published" | "unknown";

/**
 * The answer to a request whose events were looked at, one result for each in its order. 200: Pub/Sub has
 * all of them. 207: it has some, the others are refused. 400: all are refused. 503: it may not have those
 * marked `retry`; send them again, what arrived twice counts once.
 */
export function answerResults(
  events: readonly (AuctionEvent | Refusal)[],
  outcome: PublishOutcome,
): Answer {
  const refused = events.filter(isRefusal).length;
  const sent = events.length - refused;
  const isUnknown = outcome === "unknown" && sent > 0;
  const document = {
    accepted: isUnknown ? 0 : sent,
    refused,
    results: events.map((event, index) => resultOf(event, index, isUnknown)),
  };
  if (isUnknown) return { status: 503, headers: { "Retry-After": "5" }, document };
  if (refused === 0) return { status: 200, headers: {}, document };
  return { status: sent > 0 ? 207 : 400, headers: {}, document };
}

/** The answer to a request that was refused as a whole: none of its events is accepted. */
export function answerFault({ status, headers, reason, field, mend }: RequestFault): Answer {
  return { status, headers, document: { accepted: 0, error: { reason, field, mend } } };
}

/** Whether an event was refused rather than read. */
export function isRefusal(event: AuctionEvent | Refusal): event is Refusal {
  return "kind" in event;
}

function resultOf(event: AuctionEvent | Refusal, index: number, isUnknown: boolean): object {
  if (isRefusal(event)) {
    const { reason, field, value, mend } = event;
    return { index, status: "refused", reason, field, value, mend };
  }
  if (!isUnknown) return { index, status: "accepted" };
  const mend = "Pub/Sub did not confirm it in time: send it again.";
  return { index, status: "retry", reason: "unconfirmed", field: "", mend };
}
