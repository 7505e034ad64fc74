import { messageOf } from "../core/errors.ts";
import {
  type ProposedResolution,
  proposeResolution,
  type ResolutionRequest,
} from "../core/settlement/propose-resolution.ts";
import type { Settlement } from "../core/settlement/settlement.ts";
import type { SettlementEvent } from "../core/settlement/settlement-event.ts";
import { jitteredMs } from "./backoff.ts";
import { type FinanceWriters, publishBids } from "./finance-upserts.ts";
import type { LedgerReader } from "./ledger-reader.ts";
import type { Clock } from "./ports.ts";
import type { SettlementStore, StoredBid } from "./settlement-store.ts";
import type { AuditRecord } from "./settlement-writes.ts";

/** What a person's decisions are written with. */
export interface ReviewPorts {
  readonly store: SettlementStore;
  readonly writers: FinanceWriters;
  readonly clock: Clock;
  /** Chance for full jitter, uniform in [0, 1). */
  readonly random: () => number;
}

const TRIES_MAX = 12;
const RETRY_BACKOFF = { minMs: 20, maxMs: 2000 };

/**
 * Settles events that people and commands make, with the audit trail's records in the same commit, and
 * publishes what they changed. The same records and events again change nothing. Rejects with what the
 * database said where it would not.
 */
export async function settleReviews(
  { store, writers, clock, random }: ReviewPorts,
  events: readonly SettlementEvent[],
  records: readonly AuditRecord[],
): Promise<readonly StoredBid[]> {
  for (let tries = 1; ; tries++) {
    const timed = events.map((event) => ({ event, publishTimeMs: clock.nowMs() }));
    const result = await store.settle(timed, records);
    if (result.kind === "committed") {
      await publishBids(writers, result.bids);
      return result.bids;
    }
    if (result.kind === "refused" || tries >= TRIES_MAX) {
      throw new Error(`the ledger did not take it: ${messageOf(result.reason)}`);
    }
    await clock.sleep(jitteredMs(RETRY_BACKOFF, tries, random));
  }
}

export type ResolvedDispute =
  | Exclude<ProposedResolution, { kind: "resolution" }>
  | { readonly kind: "unknownBid" }
  | { readonly kind: "resolved"; readonly settlement: Settlement };

/** Resolves one bid's dispute as a person chose, on the audit trail; or says why that cannot be. */
export async function resolveDispute(
  reader: LedgerReader,
  ports: ReviewPorts,
  bidId: string,
  request: ResolutionRequest,
): Promise<ResolvedDispute> {
  const bid = await reader.bid(bidId);
  if (bid === undefined) return { kind: "unknownBid" };
  const proposed = proposeResolution(bid.settlement, request);
  if (proposed.kind !== "resolution") return proposed;
  const { resolutionId, by, reason, choice } = request;
  const { accepted, rejected } = proposed.event;
  const record: AuditRecord = {
    subject: `bid:${bidId}`,
    recordId: resolutionId,
    action: choice === "accept" ? "dispute.accept" : "dispute.writeOff",
    actor: by,
    reason,
    detail: { accepted, rejected, version: bid.settlement.version },
  };
  const [settled] = await settleReviews(ports, [proposed.event], [record]);
  return { kind: "resolved", settlement: settled?.settlement ?? bid.settlement };
}
