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
import { type Account, addedUp, type Posting } from "../core/settlement/ledger.ts";
import type { ReportedSettlement } from "../core/settlement/report.ts";
import type { Settlement } from "../core/settlement/settlement.ts";
import {
  amountsOfDecimals,
  type ClaimRow,
  type EntryRow,
  type SettlementRow,
  settlementOf,
} from "../core/settlement/settlement-row.ts";
import { classified } from "./grpc-status.ts";
import {
  balanceColumns,
  claimColumns,
  entryColumns,
  readBooks,
  readClaims,
  readEntries,
  readSettlements,
  type StoredEntry,
  settlementColumns,
  storedEntryOf,
} from "./settlement-reads.ts";
import { wireRowOf } from "./spanner-row.ts";

/** When Pub/Sub took the event of a claim, and when it was committed; RFC 3339. */
export interface ClaimTimes {
  readonly publish_time: string;
  readonly committed_at: string;
}

/** All that the ledger holds of one bid. */
export interface LedgerBid {
  readonly settlement: Settlement;
  readonly claims: readonly (ClaimRow & ClaimTimes)[];
  readonly entries: readonly StoredEntry[];
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
    const [row] = await readSettlements(this.#snapshot, [bidId]);
    if (row === undefined) return undefined;
    const claims = await this.#rows<ClaimRow & ClaimTimes>(
      "SettlementEvents",
      timedClaimColumns,
      bidId,
    );
    const entries = await readEntries(this.#snapshot, [bidId]);
    return { settlement: settlementOf(row, claims), claims, entries: entries.get(bidId) ?? [] };
  }

  /** The versions of those of some bids that have a settlement. */
  async versions(bidIds: readonly string[]): Promise<Map<string, number>> {
    const columns = ["bid_id", "version"];
    const request = { keys: [...bidIds], columns };
    const rows = await this.#read<VersionRow>("Settlements", request);
    return new Map(rows.map((row) => [row.bid_id, row.version]));
  }

  /** Every bid, by id, with its claims and entries; a page of bids at a time in memory. */
  async *bids(): AsyncGenerator<LedgerBid> {
    for await (const page of this.#pages<SettlementRow>(settlementTable)) {
      const span = [page[0]?.bid_id ?? "", page.at(-1)?.bid_id ?? ""] as const;
      const claims = await this.#rows<ClaimRow & ClaimTimes>(
        "SettlementEvents",
        timedClaimColumns,
        span,
      );
      const entries = await this.#rows<StoredEntryRow>("LedgerEntries", entryColumns, span);
      const claimsOf = Map.groupBy(claims, (row) => row.bid_id);
      const entriesOf = Map.groupBy(entries, (row) => row.bid_id);
      for (const row of page) {
        const own = claimsOf.get(row.bid_id) ?? [];
        const appended = (entriesOf.get(row.bid_id) ?? []).map(storedEntryOf);
        yield { settlement: settlementOf(row, own), claims: own, entries: appended };
      }
    }
  }

  /** Every settlement, by bid id, without its claims. */
  async *settlements(): AsyncGenerator<ReportedSettlement> {
    for await (const page of this.#pages<SettlementRow>(settlementTable)) {
      for (const row of page) yield settlementOf(row, []);
    }
  }

  /** Every entry, by bid and version. */
  async *entries(): AsyncGenerator<StoredEntry> {
    for await (const page of this.#pages<StoredEntryRow>(entryTable)) {
      for (const row of page) yield storedEntryOf(row);
    }
  }

  /** The balances of every seat and currency, over all shards. */
  async balances(): Promise<Posting[]> {
    const shards: Posting[] = [];
    for await (const page of this.#pages<BalanceRow>(balanceTable)) {
      for (const row of page) {
        const { seat, currency } = row;
        shards.push({ seat, currency, amounts: amountsOfDecimals(row) });
      }
    }
    return addedUp(shards);
  }

  /** The last closed month of each currency that has one. */
  closedMonths(): Promise<Map<string, string>> {
    return readBooks(this.#snapshot);
  }

  /** What people decided about a subject, `bid:<id>` or `period:<currency>:<month>`, oldest first. */
  async trail(subject: string): Promise<TrailRecord[]> {
    const columns = ["action", "actor", "reason", "detail", "committed_at"];
    const records = await this.#rows<TrailRecord>("AuditTrail", columns, subject);
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
    const homes = Map.groupBy(rows as PaymentRow[], (row) => row.payment_id);
    for (const [paymentId, bids] of homes) {
      yield await this.#recordedOn(
        paymentId,
        bids.map((row) => row.bid_id),
      );
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
    table: string,
    columns: readonly string[],
    span: string | readonly [string, string],
  ): Promise<Row[]> {
    const [first, last] = typeof span === "string" ? [span, span] : span;
    const ranges = [{ startClosed: [first], endClosed: [last] }];
    return await this.#read<Row>(table, { ranges, columns: [...columns] });
  }

  /**
   * A table from beginning to end, in pages. Pages, since the client's read stream hands out
   * empty rows when it is iterated over slowly.
   */
  async *#pages<Row>({ table, columns, key }: PagedTable): AsyncGenerator<Row[]> {
    let after: KeyRange = { startClosed: [], endClosed: [] };
    for (;;) {
      const page = await this.#read<Row & object>(table, {
        ranges: [after],
        columns: [...columns],
        limit: PAGE_ROWS,
      });
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (page.length < PAGE_ROWS || last === undefined) return;
      after = { startOpen: key.map((column) => String(Reflect.get(last, column))), endClosed: [] };
    }
  }

  async #read<Row>(table: string, request: ReadRequest): Promise<Row[]> {
    try {
      const [rows] = await this.#snapshot.read(table, { ...request, json: true });
      // The DDL promises these columns; the client types a row as an open record.
      return rows.map((row) => wireRowOf(row) as Row);
    } catch (error) {
      throw classified(error, `read ${table}`);
    }
  }
}

interface PagedTable {
  readonly table: string;
  readonly columns: readonly string[];
  readonly key: readonly string[];
}

interface KeyRange {
  startClosed?: string[];
  startOpen?: string[];
  endClosed: string[];
}

const PAGE_ROWS = 1000;
const SUMMED_TOGETHER = 10_000;
const timedClaimColumns = [...claimColumns, "publish_time", "committed_at"];

type StoredEntryRow = EntryRow & { readonly committed_at: string };
type BalanceRow = Readonly<Record<"seat" | "currency" | Account, string>>;

interface VersionRow {
  readonly bid_id: string;
  readonly version: number;
}

interface PaymentRow {
  readonly payment_id: string;
  readonly bid_id: string;
}

const settlementTable = { table: "Settlements", columns: settlementColumns, key: ["bid_id"] };
const entryTable = {
  table: "LedgerEntries",
  columns: entryColumns,
  key: ["bid_id", "version", "part"],
};
const balanceTable = {
  table: "AccountBalances",
  columns: [...balanceColumns, "shard"],
  key: ["seat", "currency", "shard"],
};
