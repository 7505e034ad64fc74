import { utcDayOf } from "../../../shared/core/settlement/calendar.ts";
import {
  AgingReport,
  DailyReport,
  type DiscrepancyRow,
  discrepancyRowOf,
  type ReportedSettlement,
  trialBalanceOf,
} from "../../../shared/core/settlement/report.ts";
import {
  agingTable,
  dailyTable,
  discrepancyTable,
  type ReportTable,
  trialBalanceTable,
} from "../../../shared/core/settlement/report-table.ts";
import type { LedgerReader } from "../../../shared/io/ledger-reader.ts";
import { financeTolerancePpm } from "../../../shared/names.ts";
import { monthsOf, type ReportRange } from "./report-range.ts";

export const REPORTS = ["daily", "aging", "trial-balance", "discrepancies"] as const;
export type ReportName = (typeof REPORTS)[number];

/** What a report is of. */
export interface ReportScope {
  readonly range: ReportRange;
  /** Undefined for all. */
  readonly currency: string | undefined;
  /** What aging counts back from. */
  readonly asOfUs: number;
}

/** Reads one report off the ledger as it stood at the reader's instant. */
export async function readReport(
  reader: LedgerReader,
  name: ReportName,
  scope: ReportScope,
): Promise<ReportTable> {
  switch (name) {
    case "daily":
      return await readDaily(reader, scope);
    case "aging":
      return await readAging(reader, scope);
    case "trial-balance":
      return await readTrialBalance(reader, scope);
    case "discrepancies":
      return await readDiscrepancies(reader, scope);
  }
}

async function readDaily(reader: LedgerReader, scope: ReportScope): Promise<ReportTable> {
  const report = new DailyReport();
  for await (const settlement of settlementsIn(reader, scope)) report.add(settlement);
  return dailyTable(report.rows(financeTolerancePpm), report.totals(financeTolerancePpm));
}

async function readAging(reader: LedgerReader, scope: ReportScope): Promise<ReportTable> {
  const report = new AgingReport(scope.asOfUs);
  for await (const settlement of settlementsIn(reader, scope)) report.add(settlement);
  return agingTable(report.rows());
}

async function readDiscrepancies(reader: LedgerReader, scope: ReportScope): Promise<ReportTable> {
  const rows: DiscrepancyRow[] = [];
  for await (const settlement of settlementsIn(reader, scope)) {
    const row = discrepancyRowOf(settlement);
    if (row !== undefined) rows.push(row);
  }
  return discrepancyTable(rows);
}

/** The entries posted in the months of the range. */
async function readTrialBalance(
  reader: LedgerReader,
  { range, currency }: ReportScope,
): Promise<ReportTable> {
  const sums = await reader.periodSums({ ...monthsOf(range), currency });
  return trialBalanceTable(trialBalanceOf(sums));
}

/** Settlements whose first event's day lies in the range. */
async function* settlementsIn(
  reader: LedgerReader,
  { range, currency }: ReportScope,
): AsyncGenerator<ReportedSettlement> {
  for await (const settlement of reader.settlements()) {
    const day = utcDayOf(settlement.firstEventTimeUs);
    const isOfCurrency = currency === undefined || settlement.currency === currency;
    if (isOfCurrency && day >= range.from && day <= range.to) yield settlement;
  }
}

/**
 * The months that a report's figures may still change in: by currency of its rows, the first open month
 * where the range reaches it.
 */
export function openMonthsOf(
  table: ReportTable,
  closedThrough: ReadonlyMap<string, string>,
  { to }: ReportRange,
): { readonly currency: string; readonly closedThrough: string | undefined }[] {
  const at = table.columns.findIndex(({ name }) => name === "currency");
  const currencies = new Set(table.rows.map((cells) => String(cells[at] ?? "")));
  return [...currencies]
    .filter((currency) => currency !== "" && (closedThrough.get(currency) ?? "") < to.slice(0, 7))
    .sort()
    .map((currency) => ({ currency, closedThrough: closedThrough.get(currency) }));
}
