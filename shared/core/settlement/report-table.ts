import { formatNanos } from "../money.ts";
import {
  AGING_BUCKETS,
  type AgingRow,
  type DailyRow,
  type DiscrepancyRow,
  type TrialBalanceRow,
} from "./report.ts";

/** What a column holds: amounts are decimals of currency units as texts, so that none is ever rounded. */
export interface ReportColumn {
  readonly name: string;
  readonly kind: "text" | "amount" | "count" | "flag";
}

export type ReportCell = string | number | boolean | null;

/** A report as rows of cells, with a row of totals for each currency. */
export interface ReportTable {
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly ReportCell[])[];
  /** In the same columns; the first says `TOTAL`. Amounts of two currencies are never added up. */
  readonly totals: readonly (readonly ReportCell[])[];
}

const TOTAL = "TOTAL";

export function dailyTable(rows: readonly DailyRow[], totals: readonly DailyRow[]): ReportTable {
  return {
    columns: [
      ...columnsOf("text", "day seat region currency"),
      ...columnsOf("count", "bids"),
      ...columnsOf("amount", "won billed owed paid outstanding disputed"),
      ...columnsOf("count", "disputed_bids"),
      ...columnsOf("amount", "discrepancy_pct"),
      ...columnsOf("flag", "is_tolerance_breached"),
    ],
    rows: rows.map(dailyCells),
    totals: totals.map((row) => dailyCells({ ...row, day: TOTAL })),
  };
}

function dailyCells(row: DailyRow): ReportCell[] {
  const { wonNanos, billedNanos, owedNanos, paidNanos, outstandingNanos, disputedNanos } = row;
  const amounts = [wonNanos, billedNanos, owedNanos, paidNanos, outstandingNanos, disputedNanos];
  return [
    ...[row.day, row.seat, row.region, row.currency, row.bids],
    ...amounts.map(formatNanos),
    row.disputedBids,
    row.discrepancyPpm === undefined ? null : percentOf(row.discrepancyPpm),
    row.isToleranceBreached,
  ];
}

/** Millionths as a decimal of percent. */
function percentOf(ppm: number): string {
  return formatNanos(BigInt(ppm) * 100_000n);
}

export function agingTable(rows: readonly AgingRow[]): ReportTable {
  const byCurrency = Map.groupBy(rows, ({ currency }) => currency);
  const sumOf = (own: readonly AgingRow[], pick: (row: AgingRow) => bigint): string =>
    formatNanos(own.reduce((sum, row) => sum + pick(row), 0n));
  const cells = (seat: string, currency: string, own: readonly AgingRow[]): ReportCell[] => [
    seat,
    currency,
    own.reduce((sum, row) => sum + row.bids, 0),
    sumOf(own, (row) => row.outstandingNanos),
    ...AGING_BUCKETS.map((bucket) => sumOf(own, (row) => row.buckets[bucket])),
  ];
  const buckets = AGING_BUCKETS.map((name) => `days_${name.replace("-", "_").replace("+", "")}`);
  return {
    columns: [
      ...columnsOf("text", "seat currency"),
      ...columnsOf("count", "bids"),
      ...columnsOf("amount", `outstanding ${buckets.join(" ")}`),
    ],
    rows: rows.map((row) => cells(row.seat, row.currency, [row])),
    totals: [...byCurrency]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, own]) => cells(TOTAL, currency, own)),
  };
}

export function trialBalanceTable(rows: readonly TrialBalanceRow[]): ReportTable {
  const cells = ({ account, currency, debitNanos, creditNanos }: TrialBalanceRow): ReportCell[] => [
    account === "total" ? TOTAL : account,
    currency,
    formatNanos(debitNanos),
    formatNanos(creditNanos),
  ];
  return {
    columns: [...columnsOf("text", "account currency"), ...columnsOf("amount", "debit credit")],
    rows: rows.filter(({ account }) => account !== "total").map(cells),
    totals: rows.filter(({ account }) => account === "total").map(cells),
  };
}

export function discrepancyTable(rows: readonly DiscrepancyRow[]): ReportTable {
  const byCurrency = Map.groupBy(rows, ({ currency }) => currency);
  const amounts = (own: readonly DiscrepancyRow[]): string[] =>
    (["owedNanos", "paidNanos", "differenceNanos"] as const).map((field) =>
      formatNanos(own.reduce((sum, row) => sum + row[field], 0n)),
    );
  return {
    columns: [
      ...columnsOf("text", "bid_id seat region currency kind"),
      ...columnsOf("amount", "owed paid difference"),
      ...columnsOf("text", "reasons"),
    ],
    rows: rows.map((row) => [
      ...[row.bidId, row.seat, row.region, row.currency, row.kind],
      ...amounts([row]),
      row.reasons.join(" "),
    ]),
    totals: [...byCurrency]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, own]) => [
        TOTAL,
        "",
        "",
        currency,
        "",
        ...amounts(own),
        `${own.length} bids`,
      ]),
  };
}

function columnsOf(kind: ReportColumn["kind"], names: string): ReportColumn[] {
  return names.split(" ").map((name) => ({ name, kind }));
}

/**
 * A report as CSV (RFC 4180), totals last. A text that a spreadsheet would run as a formula gets an
 * apostrophe in front; amounts are decimals of our own making and stay numbers.
 */
export function csvOf({ columns, rows, totals }: ReportTable): string {
  const lines = [...rows, ...totals].map((cells) =>
    cells.map((cell, index) => quoted(cell, columns[index]?.kind === "text")).join(","),
  );
  return [columns.map(({ name }) => name).join(","), ...lines, ""].join("\r\n");
}

/** What spreadsheets take for the start of a formula. Source: OWASP, "CSV Injection". */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;

function quoted(cell: ReportCell, isText: boolean): string {
  const text = cell === null ? "" : String(cell);
  const safe = isText && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Each row as an object by column name. */
export function recordsOf(
  { columns }: ReportTable,
  rows: ReportTable["rows"],
): Record<string, ReportCell>[] {
  return rows.map((cells) =>
    Object.fromEntries(columns.map(({ name }, index) => [name, cells[index] ?? null])),
  );
}

/** A report for a person: columns aligned, amounts to the right. */
export function alignedOf({ columns, rows, totals }: ReportTable): string {
  const head = columns.map(({ name }) => name);
  const lines = [
    head,
    ...[...rows, ...totals].map((cells) => cells.map((cell) => String(cell ?? ""))),
  ];
  const widths = head.map((_, index) =>
    lines.reduce((width, line) => Math.max(width, line[index]?.length ?? 0), 0),
  );
  const written = lines.map((line) =>
    line
      .map((text, index) =>
        columns[index]?.kind === "text"
          ? text.padEnd(widths[index] ?? 0)
          : text.padStart(widths[index] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return `${written.join("\n")}\n`;
}
