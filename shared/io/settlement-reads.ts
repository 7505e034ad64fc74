import type { Snapshot } from "@google-cloud/spanner/build/src/transaction.js";
import { microsOf } from "../core/settlement/calendar.ts";
import { ACCOUNTS, type LedgerEntry } from "../core/settlement/ledger.ts";
import type { PaymentHomes } from "../core/settlement/settle-bids.ts";
import type { Settlement } from "../core/settlement/settlement.ts";
import {
  type ClaimRow,
  type EntryRow,
  entryOfRow,
  type SettlementRow,
  settlementOf,
} from "../core/settlement/settlement-row.ts";
import { wireRowOf } from "./spanner-row.ts";

/** An entry as the ledger holds it. */
export interface StoredEntry {
  readonly entry: LedgerEntry;
  /** Its commit timestamp, microseconds since the Unix epoch. */
  readonly committedUs: number;
}

const READ_TIMEOUT_MS = 10_000;
const HOMES_MAX = 2;

export const settlementColumns = [
  "bid_id",
  "version",
  "state",
  "dispute_reasons",
  "is_overflowed",
  "auction_id",
  "region",
  "seat",
  "currency",
  "won",
  "billed",
  "paid",
  "owed",
  "tolerance",
  "first_event_time",
  "settled_time",
  "reserved_since",
  "posted",
] as const satisfies readonly (keyof SettlementRow)[];

export const claimColumns = [
  "bid_id",
  "claim_key",
  "identity",
  "type",
  "version",
  "auction_id",
  "region",
  "seat",
  "source",
  "event_time",
  "amount",
  "currency",
  "owes",
  "payment_id",
  "review",
] as const satisfies readonly (keyof ClaimRow)[];

export const entryColumns = [
  "bid_id",
  "version",
  "part",
  "seat",
  "currency",
  ...ACCOUNTS,
  "cause",
  "period",
  "committed_at",
];

export const balanceColumns = ["seat", "currency", ...ACCOUNTS];

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
  // The DDL promises these columns; the client types a row as an open record.
  return rows.map((row) => wireRowOf(row) as unknown as SettlementRow);
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
  const bidIds = (rows as { bid_id: string }[]).map((row) => row.bid_id);
  const found = await readSettlements(snapshot, bidIds);
  return found.map((row) => settlementOf(row, []));
}

/** Settlements with their claims, by bid. */
export async function readClaims(
  snapshot: Snapshot,
  settlements: readonly SettlementRow[],
): Promise<Map<string, Settlement>> {
  const rows = await readByBid<ClaimRow>(snapshot, {
    table: "SettlementEvents",
    columns: [...claimColumns],
    bidIds: settlements.map((row) => row.bid_id),
  });
  return new Map(
    settlements.map((row) => [row.bid_id, settlementOf(row, rows.get(row.bid_id) ?? [])]),
  );
}

/** All entries of some bids, in the order in which they were appended. */
export async function readEntries(
  snapshot: Snapshot,
  bidIds: readonly string[],
): Promise<Map<string, StoredEntry[]>> {
  const rows = await readByBid<EntryRow & { committed_at: string }>(snapshot, {
    table: "LedgerEntries",
    columns: entryColumns,
    bidIds,
  });
  return new Map([...rows].map(([bidId, own]) => [bidId, own.map(storedEntryOf)]));
}

export function storedEntryOf(row: EntryRow & { readonly committed_at: string }): StoredEntry {
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
  for (const row of rows as { payment_id: string; bid_id: string }[]) {
    const bids = homes.get(row.payment_id) ?? new Set();
    if (bids.size < HOMES_MAX) homes.set(row.payment_id, bids.add(row.bid_id));
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
  const books = rows as { currency: string; closed_through: string }[];
  return new Map(books.map((book) => [book.currency, book.closed_through]));
}

async function readByBid<Row extends { readonly bid_id: string }>(
  snapshot: Snapshot,
  read: {
    readonly table: string;
    readonly columns: string[];
    readonly bidIds: readonly string[];
  },
): Promise<Map<string, Row[]>> {
  if (read.bidIds.length === 0) return new Map();
  const [rows] = await snapshot.read(read.table, {
    ranges: read.bidIds.map((id) => ({ startClosed: [id], endClosed: [id] })),
    columns: read.columns,
    json: true,
    gaxOptions: { timeout: READ_TIMEOUT_MS },
  });
  // The DDL promises these columns; the client types a row as an open record.
  const typed = rows.map((row) => wireRowOf(row) as unknown as Row);
  return Map.groupBy(typed, (row) => row.bid_id);
}
