import type { Snapshot } from "@google-cloud/spanner/build/src/transaction.js";
import { microsOf } from "../core/settlement/calendar.ts";
import { ACCOUNTS, type LedgerEntry, type Posting } from "../core/settlement/ledger.ts";
import type { PaymentHomes } from "../core/settlement/settle-bids.ts";
import type { Settlement } from "../core/settlement/settlement.ts";
import {
  amountsOfDecimals,
  type EntryRow,
  entryOfRow,
  type SettlementRow,
  settlementOf,
} from "../core/settlement/settlement-row.ts";
import {
  accountsFrom,
  claimColumns,
  claimRowFrom,
  entryColumns,
  entryRowFrom,
  settlementColumns,
  settlementRowFrom,
} from "./settlement-rows.ts";
import { SpannerRow } from "./spanner-row.ts";

/** An entry as the ledger holds it. */
export interface StoredEntry {
  readonly entry: LedgerEntry;
  /** Its commit timestamp, microseconds since the Unix epoch. */
  readonly committedUs: number;
}

const READ_TIMEOUT_MS = 10_000;
const HOMES_MAX = 2;

export const balanceColumns = ["seat", "currency", ...ACCOUNTS];

/** What a row of {@link balanceColumns} says. */
export function balanceFrom(decoded: object): Posting {
  const row = new SpannerRow(decoded);
  const amounts = amountsOfDecimals(accountsFrom(row));
  return { seat: row.text("seat"), currency: row.text("currency"), amounts };
}

/** The rows of those bids that have a settlement. */
export async function readSettlements(
  snapshot: Snapshot,
  bidIds: readonly string[],
): Promise<SettlementRow[]> {
  if (bidIds.length === 0) return [];
  const [rows] = await snapshot.read("Settlements", {
    keys: [...bidIds],
    columns: [...settlementColumns],
    json: true,
    gaxOptions: { timeout: READ_TIMEOUT_MS },
  });
  return rows.map(settlementRowFrom);
}

/** Settlements of a region that are reserved since before a time (RFC 3339), at most `limit`, without claims. */
export async function readReservations(
  snapshot: Snapshot,
  { region, before, limit }: { region: string; before: string; limit: number },
): Promise<Settlement[]> {
  const [rows] = await snapshot.read("Settlements", {
    index: "Reservations",
    ranges: [{ startClosed: [region], endOpen: [region, before] }],
    columns: ["bid_id"],
    limit,
    json: true,
    gaxOptions: { timeout: READ_TIMEOUT_MS },
  });
  const bidIds = rows.map((row) => new SpannerRow(row).text("bid_id"));
  const found = await readSettlements(snapshot, bidIds);
  return found.map((row) => settlementOf(row, []));
}

/** Settlements with their claims, by bid. */
export async function readClaims(
  snapshot: Snapshot,
  settlements: readonly SettlementRow[],
): Promise<Map<string, Settlement>> {
  const read = { table: "SettlementEvents", columns: [...claimColumns], rowFrom: claimRowFrom };
  const bidIds = settlements.map((row) => row.bid_id);
  const rows = await readByBid(snapshot, { ...read, bidIds });
  return new Map(
    settlements.map((row) => [row.bid_id, settlementOf(row, rows.get(row.bid_id) ?? [])]),
  );
}

/** All entries of some bids, in the order in which they were appended. */
export async function readEntries(
  snapshot: Snapshot,
  bidIds: readonly string[],
): Promise<Map<string, StoredEntry[]>> {
  const read = { table: "LedgerEntries", columns: storedEntryColumns, rowFrom: storedEntryRowFrom };
  const rows = await readByBid(snapshot, { ...read, bidIds });
  return new Map([...rows].map(([bidId, own]) => [bidId, own.map(storedEntryOf)]));
}

export const storedEntryColumns = [...entryColumns, "committed_at"];

/** A row of {@link storedEntryColumns}. */
export type StoredEntryRow = EntryRow & { readonly committed_at: string };

export function storedEntryRowFrom(decoded: object): StoredEntryRow {
  const committed_at = new SpannerRow(decoded).time("committed_at");
  return { ...entryRowFrom(decoded), committed_at };
}

export function storedEntryOf(row: StoredEntryRow): StoredEntry {
  return { entry: entryOfRow(row), committedUs: microsOf(row.committed_at) };
}

/**
 * Up to two of the bids that claim each payment id: the commit that recorded a second one challenged both,
 * and each that came after.
 */
export async function readHomes(
  snapshot: Snapshot,
  paymentIds: readonly string[],
): Promise<PaymentHomes> {
  const homes = new Map<string, Set<string>>();
  if (paymentIds.length === 0) return homes;
  const [rows] = await snapshot.read("SettlementEvents", {
    index: "SettlementEventsByPayment",
    ranges: paymentIds.map((id) => ({ startClosed: [id], endClosed: [id] })),
    columns: ["payment_id", "bid_id"],
    json: true,
    gaxOptions: { timeout: READ_TIMEOUT_MS },
  });
  for (const decoded of rows) {
    const row = new SpannerRow(decoded);
    const paymentId = row.text("payment_id");
    const bids = homes.get(paymentId) ?? new Set();
    if (bids.size < HOMES_MAX) homes.set(paymentId, bids.add(row.text("bid_id")));
  }
  return homes;
}

/** The last closed month of each currency that has one. */
export async function readBooks(snapshot: Snapshot): Promise<Map<string, string>> {
  const [rows] = await snapshot.read("Books", {
    keySet: { all: true },
    columns: ["currency", "closed_through"],
    json: true,
    gaxOptions: { timeout: READ_TIMEOUT_MS },
  });
  const books = rows.map((row) => new SpannerRow(row));
  return new Map(books.map((book) => [book.text("currency"), book.text("closed_through")]));
}

async function readByBid<Row extends { readonly bid_id: string }>(
  snapshot: Snapshot,
  read: {
    readonly table: string;
    readonly columns: string[];
    readonly bidIds: readonly string[];
    readonly rowFrom: (decoded: object) => Row;
  },
): Promise<Map<string, Row[]>> {
  if (read.bidIds.length === 0) return new Map();
  const [rows] = await snapshot.read(read.table, {
    ranges: read.bidIds.map((id) => ({ startClosed: [id], endClosed: [id] })),
    columns: read.columns,
    json: true,
    gaxOptions: { timeout: READ_TIMEOUT_MS },
  });
  return Map.groupBy(rows.map(read.rowFrom), (row) => row.bid_id);
}
