import { UsageError } from "../../../shared/core/errors.ts";

/** Days or months, `YYYY-MM-DD` or `YYYY-MM`, both ends included. */
export interface ReportRange {
  readonly from: string;
  readonly to: string;
}

const EARLIEST = "0000-01-01";
const LATEST = "9999-12-31";

/** Reads `--from` and `--to`; a month stands for its first day or its last. Without them: all of time. */
export function readRange(from: string | undefined, to: string | undefined): ReportRange {
  const range = {
    from: from === undefined ? EARLIEST : dayOf("--from", from, "first"),
    to: to === undefined ? LATEST : dayOf("--to", to, "last"),
  };
  if (range.from > range.to) throw new UsageError(`--from ${from} lies after --to ${to}`);
  return range;
}

/** The months of a range that holds whole months only. Throws UsageError on any other. */
export function monthsOf({ from, to }: ReportRange): ReportRange {
  const isWhole = from.endsWith("-01") && (to === LATEST || to === lastDayOf(to.slice(0, 7)));
  if (!isWhole) {
    throw new UsageError(
      `a trial balance is by whole months: give --from and --to as YYYY-MM, not ${from} to ${to}`,
    );
  }
  return { from: from.slice(0, 7), to: to.slice(0, 7) };
}

function dayOf(option: string, text: string, end: "first" | "last"): string {
  const isMonth = /^\d{4}-\d\d$/.test(text);
  const firstDay = isMonth ? `${text}-01` : text;
  if (!isDay(firstDay)) {
    throw new UsageError(`${option} "${text}": give a UTC day as YYYY-MM-DD or a month as YYYY-MM`);
  }
  return isMonth && end === "last" ? lastDayOf(text) : firstDay;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function lastDayOf(month: string): string {
  const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5))];
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}
