import { createHash } from "node:crypto";
import { isCurrency } from "../../../shared/core/auction/currency.ts";
import { UsageError } from "../../../shared/core/errors.ts";
import { alignedOf } from "../../../shared/core/settlement/report-table.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import { readCommandLine } from "../command-line.ts";
import type { Streams } from "../streams.ts";
import { withLedger } from "./open-finance.ts";
import {
  openMonthsOf,
  REPORTS,
  type ReportName,
  type ReportScope,
  readReport,
} from "./report-data.ts";
import { readRange } from "./report-range.ts";
import { type ReportFormat, textOf, writeReport } from "./write-report.ts";

const USAGE = `usage: gavel report ${REPORTS.join("|")} [--from DAY] [--to DAY] [--currency CODE] [--csv|--json|--parquet] [--out FILE]`;
const ARGUMENTS = {
  allowPositionals: true,
  options: {
    from: { type: "string" },
    to: { type: "string" },
    currency: { type: "string" },
    csv: { type: "boolean" },
    json: { type: "boolean" },
    parquet: { type: "boolean" },
    out: { type: "string" },
  },
} as const;

/** `gavel report`: one of finance's reports off the ledger, as of one instant, to stdout or a file. */
export async function runReport(args: readonly string[], streams: Streams): Promise<number> {
  const { name, scope, format, out } = readArgs(args);
  return await withLedger(async (reader) => {
    const table = await readReport(reader, name, scope);
    const open = openMonthsOf(table, await reader.closedMonths(), scope.range);
    let sha256 = "";
    if (format === undefined) streams.stdout.write(alignedOf(table));
    else if (out !== undefined) sha256 = await writeReport(table, format, out);
    else if (format !== "parquet") {
      const text = textOf(table, format);
      sha256 = createHash("sha256").update(text).digest("hex");
      streams.stdout.write(text);
    }
    const said = sha256 === "" ? "" : `, sha256 ${sha256}`;
    streams.stderr.write(`${table.rows.length} rows${said}\n`);
    for (const { currency, closedThrough } of open)
      streams.stderr.write(openSaid(currency, closedThrough));
    return 0;
  });
}

function openSaid(currency: string, closedThrough: string | undefined): string {
  const closed = closedThrough === undefined ? "no month" : `months through ${closedThrough}`;
  return `${currency} is open: ${closed} closed, so late notices may change these figures (gavel period close)\n`;
}

function readArgs(args: readonly string[]): {
  readonly name: ReportName;
  readonly scope: ReportScope;
  readonly format: ReportFormat | undefined;
  readonly out: string | undefined;
} {
  const { values, positionals } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  const name = REPORTS.find((each) => each === positionals[0]);
  if (name === undefined || positionals.length > 1) throw new UsageError(USAGE);
  const formats = (["csv", "json", "parquet"] as const).filter((each) => values[each] === true);
  const [format] = formats;
  const { currency, out } = values;
  if (formats.length > 1) throw new UsageError(`give one of --${formats.join(", --")}`);
  if (format === "parquet" && out === undefined) {
    throw new UsageError("--parquet is no text: name a file with --out");
  }
  if (out !== undefined && format === undefined) {
    throw new UsageError("--out needs a form: --csv, --json or --parquet");
  }
  if (currency !== undefined && !isCurrency(currency)) {
    throw new UsageError(`--currency "${currency}": give an active ISO 4217 code, such as USD`);
  }
  const range = readRange(values.from, values.to);
  return { name, scope: { range, currency, asOfUs: systemClock.nowMs() * 1000 }, format, out };
}
