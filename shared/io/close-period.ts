import { createHash } from "node:crypto";
import { type Database, Spanner } from "@google-cloud/spanner";
import type { Snapshot } from "@google-cloud/spanner/build/src/transaction.js";
import { status } from "@grpc/grpc-js";
import { RetryableError } from "../core/errors.ts";
import { microsOf, nextMonthOf, rfc3339Of, utcMonthOf } from "../core/settlement/calendar.ts";
import { type CloseDecision, decideClose } from "../core/settlement/decide-close.ts";
import type { Posting } from "../core/settlement/ledger.ts";
import { trialBalanceOf } from "../core/settlement/report.ts";
import { csvOf, recordsOf, trialBalanceTable } from "../core/settlement/report-table.ts";
import { jitteredMs } from "./backoff.ts";
import { classified, grpcCodeOf } from "./grpc-status.ts";
import { LedgerReader } from "./ledger-reader.ts";
import type { Clock } from "./ports.ts";
import { SpannerRow } from "./spanner-row.ts";

export interface CloseRequest {
  readonly currency: string;
  /** `YYYY-MM`. */
  readonly month: string;
  readonly by: string;
  readonly reason: string;
  /** Of the audit trail's record; unique. */
  readonly recordId: string;
}

export type ClosedPeriod =
  | Exclude<CloseDecision, { kind: "close" | "finish" | "alreadyClosed" }>
  | {
      readonly kind: "alreadyClosed";
      readonly with: string;
      readonly by: string;
      readonly at: string;
    }
  | { readonly kind: "nothingPosted" }
  /** `from` is the month after the one closed before; undefined where it is the first: it holds all. */
  | {
      readonly kind: "closed";
      readonly from: string | undefined;
      readonly sha256: string;
      readonly csv: string;
    };

const TRIES_MAX = 8;
const RETRY_BACKOFF = { minMs: 50, maxMs: 2000 };
/** How long the client tries an aborted transaction again. */
const TRANSACTION = { timeout: 30_000 };

/**
 * Closes a month of a currency: nothing is posted in it from then on, and what it came to is written with
 * the hash of its report. Two steps, each a transaction; a crash between them is made good by calling
 * again. Of two closes at once one finds the other's row.
 */
export async function closePeriod(
  ports: { readonly database: Database; readonly clock: Clock; readonly random: () => number },
  request: CloseRequest,
): Promise<ClosedPeriod> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(ports.database, request, utcMonthOf(ports.clock.nowMs() * 1000));
    } catch (error) {
      const failure = classified(error, `close ${request.currency} ${request.month}`);
      if (!(failure instanceof RetryableError) || tries >= TRIES_MAX) throw failure;
      await ports.clock.sleep(jitteredMs(RETRY_BACKOFF, tries, ports.random));
    }
  }
}

async function attempt(
  database: Database,
  request: CloseRequest,
  currentMonth: string,
): Promise<ClosedPeriod> {
  const { currency, month } = request;
  if (!(await hasEntries(database, request))) return { kind: "nothingPosted" };
  const decision = await database.runTransactionAsync(TRANSACTION, async (transaction) => {
    const [books] = await transaction.read("Books", {
      keys: [currency],
      columns: ["closed_through"],
      json: true,
    });
    const periods = await readPeriods(transaction, currency);
    const [book] = books.map((row) => new SpannerRow(row));
    const state = {
      closedThrough: book?.text("closed_through"),
      closedMonths: periods.map(({ period }) => period),
    };
    const decided = decideClose(state, month, currentMonth);
    if (decided.kind !== "close") {
      await transaction.rollback();
      return { decided, periods };
    }
    const committed_at = Spanner.COMMIT_TIMESTAMP;
    transaction.upsert("Books", { currency, closed_through: month, committed_at });
    await transaction.commit();
    return { decided, periods };
  });
  const { decided, periods } = decision;
  if (decided.kind === "alreadyClosed") return alreadyClosed(periods, decided.with);
  if (decided.kind !== "close" && decided.kind !== "finish") return decided;
  return await writeTotals(database, request, periods.at(-1)?.period);
}

async function writeTotals(
  database: Database,
  request: CloseRequest,
  after: string | undefined,
): Promise<ClosedPeriod> {
  const { currency, month, by, reason, recordId } = request;
  const table = trialBalanceTable(trialBalanceOf(await postedIn(database, request, after)));
  const csv = csvOf(table);
  const sha256 = createHash("sha256").update(csv).digest("hex");
  const totals = JSON.stringify(recordsOf(table, [...table.rows, ...table.totals]));
  const committed_at = Spanner.COMMIT_TIMESTAMP;
  try {
    await database.runTransactionAsync(TRANSACTION, async (transaction) => {
      transaction.insert("Periods", {
        ...{ currency, period: month, closed_by: by, totals, report_sha256: sha256, committed_at },
      });
      transaction.insert("AuditTrail", {
        subject: `period:${currency}:${month}`,
        record_id: recordId,
        action: "period.close",
        actor: by,
        reason,
        detail: JSON.stringify({ sha256 }),
        committed_at,
      });
      await transaction.commit();
    });
  } catch (error) {
    if (grpcCodeOf(error) !== status.ALREADY_EXISTS) throw error;
    const [snapshot] = await database.getSnapshot();
    const periods = await readPeriods(snapshot, currency);
    snapshot.end();
    return alreadyClosed(periods, month);
  }
  return { kind: "closed", from: after, sha256, csv };
}

interface PeriodRow {
  readonly period: string;
  readonly closed_by: string;
  readonly committed_at: string;
}

async function readPeriods(reads: Snapshot, currency: string): Promise<PeriodRow[]> {
  const [rows] = await reads.read("Periods", {
    ranges: [{ startClosed: [currency], endClosed: [currency] }],
    columns: ["period", "closed_by", "committed_at"],
    json: true,
  });
  return rows.map(periodRowFrom);
}

function periodRowFrom(decoded: object): PeriodRow {
  const row = new SpannerRow(decoded);
  return {
    period: row.text("period"),
    closed_by: row.text("closed_by"),
    committed_at: rfc3339Of(microsOf(row.time("committed_at"))),
  };
}

function alreadyClosed(periods: readonly PeriodRow[], month: string): ClosedPeriod {
  const row = periods.find(({ period }) => period === month);
  return {
    kind: "alreadyClosed",
    with: month,
    by: row?.closed_by ?? "",
    at: row?.committed_at ?? "",
  };
}

/** Whether anything of the currency was posted up to the month: a mistyped currency has no books. */
async function hasEntries(database: Database, { currency, month }: CloseRequest): Promise<boolean> {
  const [rows] = await database.run({
    sql: "SELECT 1 AS one FROM LedgerEntries WHERE currency = @currency AND period <= @month LIMIT 1",
    params: { currency, month },
  });
  return rows.length > 0;
}

/** The sums of the entries posted after one month and up to another. */
async function postedIn(
  database: Database,
  { currency, month }: CloseRequest,
  after: string | undefined,
): Promise<Posting[]> {
  const from = after === undefined ? "" : nextMonthOf(after);
  return await LedgerReader.with(database, async (reader) => {
    return await reader.periodSums({ from, to: month, currency });
  });
}
