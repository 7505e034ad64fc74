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
import type { LedgerBid } from "./ledger-reader.ts";
import type { Clock } from "./ports.ts";
import type { ExpectedVersion, SettlementStore, SettleResult } from "./settlement-store.ts";
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

/** What people's decisions came to; `changed` where a bid had another version than was expected. */
export type SettledReviews = Extract<SettleResult, { kind: "committed" | "changed" }>;

/**
 * Settles events that people and commands make, with the audit trail's records in the same commit, and
 * publishes what they changed; nothing where a bid is another than `expected`. The same records and events
 * again change nothing. Rejects with what the database said where it would not.
 */
export async function settleReviews(
  { store, writers, clock, random }: ReviewPorts,
  events: readonly SettlementEvent[],
  records: readonly AuditRecord[] = [],
  expected?: ExpectedVersion,
): Promise<SettledReviews> {
  for (let tries = 1; ; tries++) {
    const timed = events.map((event) => ({ event, publishTimeMs: clock.nowMs() }));
    const result = await store.settle(timed, records, expected);
    if (result.kind === "changed") return result;
    if (result.kind === "committed") {
      await publishBids(writers, result.bids);
      return result;
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
  /** Somebody or some notice came first: nothing was decided. */
  | { readonly kind: "changed"; readonly version: number }
  | { readonly kind: "resolved"; readonly settlement: Settlement };

/**
 * Resolves one bid's dispute as a person chose, on the audit trail; or says why that cannot be. The person
 * decided on what `seen` shows, so it takes effect on that version alone: of two at once one does.
 */
export async function resolveDispute(
  seen: LedgerBid | undefined,
  ports: ReviewPorts,
  request: ResolutionRequest,
): Promise<ResolvedDispute> {
  if (seen === undefined) return { kind: "unknownBid" };
  const { settlement } = seen;
  const { bidId, version } = settlement;
  if (settlement.claims.has(`resolution:${request.resolutionId}`)) {
    return { kind: "resolved", settlement };
  }
  const proposed = proposeResolution(settlement, request);
  if (proposed.kind !== "resolution") return proposed;
  const { resolutionId, by, reason, choice } = request;
  const { accepted, rejected } = proposed.event;
  const record: AuditRecord = {
    subject: `bid:${bidId}`,
    recordId: resolutionId,
    action: choice === "accept" ? "dispute.accept" : "dispute.writeOff",
    actor: by,
    reason,
    detail: { accepted, rejected, version },
  };
  const result = await settleReviews(ports, [proposed.event], [record], { bidId, version });
  if (result.kind === "changed") return result;
  return { kind: "resolved", settlement: result.bids[0]?.settlement ?? settlement };
}
