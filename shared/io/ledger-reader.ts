import type { Database } from "@google-cloud/spanner";
import type { ReadRequest, Snapshot } from "@google-cloud/spanner/build/src/transaction.js";
import {
  type AuditFinding,
  auditBalances,
  auditBid,
  auditPayments,
  isPaymentCounted,
  type RecordedPayment,
} from "../core/settlement/audit-ledger.ts";
import { microsOf } from "../core/settlement/calendar.ts";
import { ACCOUNTS, addedUp, type Posting } from "../core/settlement/ledger.ts";
import type { ReportedSettlement } from "../core/settlement/report.ts";
import type { Settlement } from "../core/settlement/settlement.ts";
import { type ClaimRow, settlementOf } from "../core/settlement/settlement-row.ts";
import { classified } from "./grpc-status.ts";
import {
  balanceTable,
  type ClaimTimes,
  claimTable,
  entryTable,
  type PagedTable,
  type ReadTable,
  type StoredSettlementRow,
  settlementTable,
  type TrailRecord,
  trailTable,
} from "./ledger-tables.ts";
import {
  balanceFrom,
  readBooks,
  readClaims,
  readEntries,
  readSettlements,
  type StoredEntry,
  storedEntryOf,
} from "./settlement-reads.ts";
import { SpannerRow } from "./spanner-row.ts";

/** All that the ledger holds of one bid. */
export interface LedgerBid {
  readonly settlement: Settlement;
  /** When its newest version was committed, microseconds since the Unix epoch. */
  readonly committedUs: number;
  readonly claims: readonly (ClaimRow & ClaimTimes)[];
  readonly entries: readonly StoredEntry[];
}

/**
 * The ledger as it stood at one instant: everything read through it is of the same timestamp, whatever
 * commits meanwhile, and takes no locks.
 */
export class LedgerReader {
  readonly #snapshot: Snapshot;

  private constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /** Opens the newest state. Call {@link close} after the last read. */
  static async open(database: Database): Promise<LedgerReader> {
    try {
      const [snapshot] = await database.getSnapshot();
      return new LedgerReader(snapshot);
    } catch (error) {
      throw classified(error, "open a snapshot of the ledger");
    }
  }

  /** Runs work on the newest state, and lets go of it. */
  static async with<Result>(
    database: Database,
    work: (reader: LedgerReader) => Promise<Result>,
  ): Promise<Result> {
    const reader = await LedgerReader.open(database);
    try {
      return await work(reader);
    } finally {
      reader.close();
    }
  }

  close(): void {
    this.#snapshot.end();
  }

  /** One bid; undefined where no notice of it came. */
  async bid(bidId: string): Promise<LedgerBid | undefined> {
    const [row] = await this.#rows(settlementTable, bidId);
    if (row === undefined) return undefined;
    const claims = await this.#rows(claimTable, bidId);
    const entries = await readEntries(this.#snapshot, [bidId]);
    return ledgerBidOf(row, claims, entries.get(bidId) ?? []);
  }

  /** The versions of those of some bids that have a settlement. */
  async versions(bidIds: readonly string[]): Promise<Map<string, number>> {
    const request = { keys: [...bidIds], columns: ["bid_id", "version"] };
    const found = await this.#read("Settlements", request);
    const rows = found.map((row) => new SpannerRow(row));
    return new Map(rows.map((row) => [row.text("bid_id"), row.integer("version")]));
  }

  /** Every bid, by id, with its claims and entries; a page of bids at a time in memory. */
  async *bids(): AsyncGenerator<LedgerBid> {
    for await (const page of this.#pages(settlementTable)) {
      const span = [page[0]?.bid_id ?? "", page.at(-1)?.bid_id ?? ""] as const;
      const claims = await this.#rows(claimTable, span);
      const entries = await this.#rows(entryTable, span);
      const claimsOf = Map.groupBy(claims, (row) => row.bid_id);
      const entriesOf = Map.groupBy(entries, (row) => row.bid_id);
      for (const row of page) {
        const own = claimsOf.get(row.bid_id) ?? [];
        const appended = (entriesOf.get(row.bid_id) ?? []).map(storedEntryOf);
        yield ledgerBidOf(row, own, appended);
      }
    }
  }

  /** Every settlement, by bid id, without its claims. */
  async *settlements(): AsyncGenerator<ReportedSettlement> {
    for await (const page of this.#pages(settlementTable)) {
      for (const row of page) yield settlementOf(row, []);
    }
  }

  /** The sums of the entries posted in the months of a span, both ends included, by currency, over all seats. */
  async periodSums(span: {
    readonly from: string;
    readonly to: string;
    /** Undefined for all. */
    readonly currency: string | undefined;
  }): Promise<Posting[]> {
    const { from, to, currency } = span;
    const ofCurrency = currency === undefined ? "" : "AND currency = @currency";
    const sums = ACCOUNTS.map((account) => `SUM(${account}) AS ${account}`);
    try {
      const [rows] = await this.#snapshot.run({
        sql: `SELECT '' AS seat, currency, ${sums.join(", ")} FROM LedgerEntries
          WHERE period >= @from AND period <= @to ${ofCurrency} GROUP BY currency ORDER BY currency`,
        params: { from, to, ...(currency === undefined ? {} : { currency }) },
        json: true,
      });
      return rows.map(balanceFrom);
    } catch (error) {
      throw classified(error, "sum the entries of LedgerEntries");
    }
  }

  /** The balances of every seat and currency, over all shards. */
  async balances(): Promise<Posting[]> {
    const shards: Posting[] = [];
    for await (const page of this.#pages(balanceTable)) {
      for (const { posting } of page) shards.push(posting);
    }
    return addedUp(shards);
  }

  /** The last closed month of each currency that has one. */
  closedMonths(): Promise<Map<string, string>> {
    return readBooks(this.#snapshot);
  }

  /** What people decided about a subject, `bid:<id>` or `period:<currency>:<month>`, oldest first. */
  async trail(subject: string): Promise<TrailRecord[]> {
    const records = await this.#rows(trailTable, subject);
    return records.toSorted((a, b) => (a.committed_at < b.committed_at ? -1 : 1));
  }

  /** Audits everything: each bid, the balances, and that no payment counts twice. */
  async *audit(): AsyncGenerator<
    AuditFinding | { readonly bids: number; readonly entries: number }
  > {
    let sums: Posting[] = [];
    let unsummed: Posting[] = [];
    const counts = { bids: 0, entries: 0 };
    for await (const { settlement, entries } of this.bids()) {
      const own = entries.map(({ entry }) => entry);
      yield* auditBid(settlement, own);
      unsummed.push(...own);
      if (unsummed.length > SUMMED_TOGETHER) {
        sums = addedUp([...sums, ...unsummed]);
        unsummed = [];
      }
      counts.bids++;
      counts.entries += own.length;
    }
    yield* auditBalances([...sums, ...unsummed], await this.balances());
    for await (const payments of this.#sharedPayments()) yield* auditPayments(payments);
    yield counts;
  }

  /** Payments claimed by more than one bid, each with all of its bids. */
  async *#sharedPayments(): AsyncGenerator<RecordedPayment[]> {
    const shared = `SELECT payment_id FROM SettlementEvents WHERE payment_id IS NOT NULL
      GROUP BY payment_id HAVING COUNT(DISTINCT bid_id) > 1`;
    const [rows] = await this.#snapshot.run({
      sql: `SELECT DISTINCT payment_id, bid_id FROM SettlementEvents
        WHERE payment_id IN (${shared}) ORDER BY payment_id, bid_id`,
      json: true,
    });
    const payments = rows.map((row) => new SpannerRow(row));
    for (const [paymentId, own] of Map.groupBy(payments, (row) => row.text("payment_id"))) {
      const bidIds = own.map((row) => row.text("bid_id"));
      yield await this.#recordedOn(paymentId, bidIds);
    }
  }

  async #recordedOn(paymentId: string, bidIds: readonly string[]): Promise<RecordedPayment[]> {
    const rows = await readSettlements(this.#snapshot, bidIds);
    const settlements = await readClaims(this.#snapshot, rows);
    return [...settlements].map(([bidId, settlement]) => ({
      paymentId,
      bidId,
      isCounted: isPaymentCounted(settlement, paymentId),
    }));
  }

  /** The rows whose keys' first part lies between two, both included; or is that one. */
  async #rows<Row>(
    { table, columns, rowFrom }: ReadTable<Row>,
    span: string | readonly [string, string],
  ): Promise<Row[]> {
    const [first, last] = typeof span === "string" ? [span, span] : span;
    const ranges = [{ startClosed: [first], endClosed: [last] }];
    const rows = await this.#read(table, { ranges, columns: [...columns] });
    return rows.map(rowFrom);
  }

  /**
   * A table from beginning to end, in pages. Pages, since the client's read stream hands out
   * empty rows when it is iterated over slowly.
   */
  async *#pages<Row>({ table, columns, rowFrom, keyOf }: PagedTable<Row>): AsyncGenerator<Row[]> {
    let after: KeyRange = { startClosed: [], endClosed: [] };
    for (;;) {
      const read = { ranges: [after], columns: [...columns], limit: PAGE_ROWS };
      const page = (await this.#read(table, read)).map(rowFrom);
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (page.length < PAGE_ROWS || last === undefined) return;
      after = { startOpen: keyOf(last), endClosed: [] };
    }
  }

  async #read(table: string, request: ReadRequest): Promise<object[]> {
    try {
      const [rows] = await this.#snapshot.read(table, { ...request, json: true });
      return rows;
    } catch (error) {
      throw classified(error, `read ${table}`);
    }
  }
}

function ledgerBidOf(
  row: StoredSettlementRow,
  claims: LedgerBid["claims"],
  entries: readonly StoredEntry[],
): LedgerBid {
  const committedUs = microsOf(row.committed_at);
  return { settlement: settlementOf(row, claims), committedUs, claims, entries };
}

interface KeyRange {
  startClosed?: string[];
  startOpen?: string[];
  endClosed: string[];
}

const PAGE_ROWS = 1000;
const SUMMED_TOGETHER = 10_000;
