import type { Posting } from "../core/settlement/ledger.ts";
import type { ClaimRow, SettlementRow } from "../core/settlement/settlement-row.ts";
import {
  balanceColumns,
  balanceFrom,
  type StoredEntryRow,
  storedEntryColumns,
  storedEntryRowFrom,
} from "./settlement-reads.ts";
import {
  claimColumns,
  claimRowFrom,
  settlementColumns,
  settlementRowFrom,
} from "./settlement-rows.ts";
import { SpannerRow } from "./spanner-row.ts";

/** A table with the columns that are read of it, and what a decoded row says. */
export interface ReadTable<Row> {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rowFrom: (decoded: object) => Row;
}

export interface PagedTable<Row> extends ReadTable<Row> {
  /** The row's primary key. */
  readonly keyOf: (row: Row) => string[];
}

/** When Pub/Sub took the event of a claim, and when it was committed; RFC 3339. */
export interface ClaimTimes {
  readonly publish_time: string;
  readonly committed_at: string;
}

/** A decision of a person as `AuditTrail` holds it. */
export interface TrailRecord {
  readonly action: string;
  readonly actor: string;
  readonly reason: string;
  /** JSON. */
  readonly detail: string;
  readonly committed_at: string;
}

export type StoredSettlementRow = SettlementRow & { readonly committed_at: string };

export const settlementTable: PagedTable<StoredSettlementRow> = {
  table: "Settlements",
  columns: [...settlementColumns, "committed_at"],
  rowFrom: (decoded) => ({
    ...settlementRowFrom(decoded),
    committed_at: new SpannerRow(decoded).time("committed_at"),
  }),
  keyOf: (row) => [row.bid_id],
};

export const claimTable: ReadTable<ClaimRow & ClaimTimes> = {
  table: "SettlementEvents",
  columns: [...claimColumns, "publish_time", "committed_at"],
  rowFrom: (decoded) => {
    const row = new SpannerRow(decoded);
    const times = {
      publish_time: row.time("publish_time"),
      committed_at: row.time("committed_at"),
    };
    return { ...claimRowFrom(decoded), ...times };
  },
};

export const entryTable: PagedTable<StoredEntryRow> = {
  table: "LedgerEntries",
  columns: storedEntryColumns,
  rowFrom: storedEntryRowFrom,
  keyOf: (row) => [row.bid_id, String(row.version), String(row.part)],
};

export const balanceTable: PagedTable<{ readonly posting: Posting; readonly shard: number }> = {
  table: "AccountBalances",
  columns: [...balanceColumns, "shard"],
  rowFrom: (decoded) => ({
    posting: balanceFrom(decoded),
    shard: new SpannerRow(decoded).integer("shard"),
  }),
  keyOf: ({ posting: { seat, currency }, shard }) => [seat, currency, String(shard)],
};

export const trailTable: ReadTable<TrailRecord> = {
  table: "AuditTrail",
  columns: ["action", "actor", "reason", "detail", "committed_at"],
  rowFrom: (decoded) => {
    const row = new SpannerRow(decoded);
    return {
      action: row.text("action"),
      actor: row.text("actor"),
      reason: row.text("reason"),
      detail: row.json("detail"),
      committed_at: row.time("committed_at"),
    };
  },
};
