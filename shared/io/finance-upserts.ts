import { formatNanos } from "../core/money.ts";
import { linesOf } from "../core/settlement/ledger.ts";
import type { Settlement } from "../core/settlement/settlement.ts";
import type { StoredEntry } from "./settlement-reads.ts";
import type { StoredBid } from "./settlement-store.ts";
import type { TableWriter, Upsert } from "./table-writer.ts";

/** The BigQuery tables that hold copies of settlements and ledger. */
export interface FinanceWriters {
  readonly settlements: TableWriter;
  readonly ledger: TableWriter;
}

/** Publishes what transactions left: absolute rows by version, so that doing it again changes nothing. */
export async function publishBids(
  { settlements, ledger }: FinanceWriters,
  bids: readonly StoredBid[],
): Promise<number> {
  const rows = bids.map(({ settlement }) => settlementUpsert(settlement));
  const lines = bids.flatMap(({ entries }) => entries.flatMap(ledgerUpserts));
  await Promise.all([settlements.upsert(rows), ledger.upsert(lines)]);
  return rows.length + lines.length;
}

function settlementUpsert(settlement: Settlement): Upsert {
  const { bidId, auctionId, seat, region, currency, state, disputeReasons, version } = settlement;
  const settled = state === "settled" ? { settled_time: settlement.settledTimeUs } : {};
  return {
    row: {
      bid_id: bidId,
      auction_id: auctionId,
      ...{ seat, region, currency, state, version },
      dispute_reasons: disputeReasons,
      won: formatNanos(settlement.wonNanos),
      billed: formatNanos(settlement.billedNanos),
      owed: formatNanos(settlement.owedNanos),
      paid: formatNanos(settlement.paidNanos),
      first_event_time: settlement.firstEventTimeUs,
      ...settled,
    },
    sequence: version.toString(16),
  };
}

function ledgerUpserts({ entry, committedUs }: StoredEntry): Upsert[] {
  const { bidId, seat, currency, cause, period } = entry;
  return linesOf(entry).map(({ entryId, account, nanos }) => ({
    row: {
      entry_id: entryId,
      bid_id: bidId,
      ...{ account, seat, currency, cause, period },
      amount: formatNanos(nanos),
      commit_timestamp: committedUs,
    },
    sequence: "0",
  }));
}
