import { Spanner, type Transaction } from "@google-cloud/spanner";
import { rfc3339Of } from "../core/settlement/calendar.ts";
import { disputeRowOf } from "../core/settlement/dispute-row.ts";
import type { SettledBid } from "../core/settlement/settle-bids.ts";
import type { Settlement } from "../core/settlement/settlement.ts";
import type { SettlementEvent } from "../core/settlement/settlement-event.ts";
import { claimRowOf, entryRowOf, settlementRowOf } from "../core/settlement/settlement-row.ts";

/** An event with the time at which Pub/Sub took it, milliseconds; our own events have the time they were made. */
export interface TimedEvent {
  readonly event: SettlementEvent;
  readonly publishTimeMs: number;
}

/** A row of `AuditTrail`, written in the commit that takes effect. */
export interface AuditRecord {
  readonly subject: string;
  readonly recordId: string;
  readonly action: string;
  readonly actor: string;
  readonly reason: string;
  readonly detail: object;
}

/**
 * Queues the rows of what changed, for the transaction's commit: settlements, claims, entries, disputes, and
 * the audit trail's records.
 */
export function queueWrites(
  transaction: Transaction,
  changed: readonly SettledBid[],
  context: {
    readonly before: ReadonlyMap<string, Settlement>;
    readonly timed: readonly TimedEvent[];
    readonly records: readonly AuditRecord[];
  },
): void {
  const { records } = context;
  if (records.length > 0) transaction.upsert("AuditTrail", records.map(auditRowOf));
  if (changed.length === 0) return;
  const committed_at = Spanner.COMMIT_TIMESTAMP;
  const publishTimes = new Map(
    context.timed.map(({ event, publishTimeMs }) => [event, publishTimeMs]),
  );
  const newest = Math.max(...publishTimes.values());
  transaction.upsert(
    "Settlements",
    changed.map(({ settlement }) => {
      const row = settlementRowOf(settlement);
      return { ...row, version: String(row.version), committed_at };
    }),
  );
  const claims = changed.flatMap(({ settlement, claims: recorded }) =>
    [...recorded.values()].map(({ claim, event, version }) => ({
      ...claimRowOf(settlement.bidId, version, claim),
      version: String(version),
      publish_time: rfc3339Of((publishTimes.get(event) ?? newest) * 1000),
      committed_at,
    })),
  );
  if (claims.length > 0) transaction.upsert("SettlementEvents", claims);
  const entries = changed.flatMap((bid) => bid.entries).map(entryRowOf);
  if (entries.length > 0) {
    transaction.insert(
      "LedgerEntries",
      entries.map((row) => ({
        ...row,
        version: String(row.version),
        part: String(row.part),
        committed_at,
      })),
    );
  }
  const disputes = changed.flatMap(({ settlement }) => {
    const row = disputeRowOf(context.before.get(settlement.bidId), settlement);
    return row === undefined ? [] : [{ ...row, version: String(row.version), committed_at }];
  });
  if (disputes.length > 0) transaction.upsert("Disputes", disputes);
}

function auditRowOf({ subject, recordId, action, actor, reason, detail }: AuditRecord): object {
  return {
    ...{ subject, action, actor, reason },
    record_id: recordId,
    detail: JSON.stringify(detail),
    committed_at: Spanner.COMMIT_TIMESTAMP,
  };
}
