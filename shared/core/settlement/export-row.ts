import { formatNanos } from "../money.ts";
import { type Account, type LedgerEntry, linesOf } from "./ledger.ts";
import type { Settlement } from "./settlement.ts";
import { type SettlementRow, settlementRowOf } from "./settlement-row.ts";

/** A line of `settlements.ndjson`, in this order of fields. */
export type SettlementExport = Pick<
  SettlementRow,
  | "bid_id"
  | "auction_id"
  | "seat"
  | "region"
  | "currency"
  | "state"
  | "won"
  | "billed"
  | "paid"
  | "version"
  | "first_event_time"
  | "settled_time"
>;

/** A line of `ledger.ndjson`, in this order of fields: one account's line of one entry. */
export interface LedgerExport {
  readonly entry_id: string;
  readonly bid_id: string;
  readonly account: Account;
  readonly seat: string;
  readonly currency: string;
  /** Signed decimal of currency units; debits are above zero. */
  readonly amount: string;
  readonly cause: string;
  readonly commit_timestamp: string;
}

export function settlementExportOf(settlement: Settlement): SettlementExport {
  const row = settlementRowOf(settlement);
  return {
    bid_id: row.bid_id,
    auction_id: row.auction_id,
    seat: row.seat,
    region: row.region,
    currency: row.currency,
    state: row.state,
    won: row.won,
    billed: row.billed,
    paid: row.paid,
    version: row.version,
    first_event_time: row.first_event_time,
    settled_time: row.settled_time,
  };
}

/** The lines of an entry that was committed at `commitTimestamp`, RFC 3339. */
export function ledgerExportsOf(entry: LedgerEntry, commitTimestamp: string): LedgerExport[] {
  return linesOf(entry).map(({ entryId, account, nanos }) => ({
    entry_id: entryId,
    bid_id: entry.bidId,
    account,
    seat: entry.seat,
    currency: entry.currency,
    amount: formatNanos(nanos),
    cause: entry.cause,
    commit_timestamp: commitTimestamp,
  }));
}
