/** Reads a plain series, `timestamp,value` rows of a CSV file, or says which line cannot be read. */
import { UsageError } from "../../../shared/core/errors.ts";
import { readTimestamp } from "../../../shared/wire/log-form/read-timestamp.ts";

export type SeriesRow = {
  readonly line: number;
  /** As it stands in the file. */
  readonly timestamp: string;
  readonly timeMs: number;
  readonly value: string;
  /** NaN where the file has no number: empty, NaN, null. */
  readonly number: number;
};

export type Series = {
  readonly rows: readonly SeriesRow[];
  /** What a reader of the result should know: gaps in values, repeated times, clocks put back. */
  readonly notices: readonly string[];
};

const MISSING = /^(|nan|null|none|na|n\/a)$/i;
const TIMESTAMP =
  /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?)?\s*([Zz]|[+-]\d\d:?\d\d)?$/;
/** A clock that is put back by an hour in autumn repeats that hour. */
const CLOCK_PUT_BACK_MS = 3_600_000;

/** Parses `text`, the file at `path`. Throws UsageError with the line where a row cannot be used. */
export function readSeries(text: string, path: string): Series {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const first = lines.findIndex((line) => line.trim() !== "");
  if (first === -1) throw new UsageError(`${path} is empty: give rows of timestamp,value.`);
  const columns = readHeader(lines[first] ?? "", `${path}:${first + 1}`);
  const rows: SeriesRow[] = [];
  const order = new OrderCheck(path);
  for (const [index, line] of lines.entries()) {
    if (index < first + (columns.isHeader ? 1 : 0) || line.trim() === "") continue;
    const row = readRow(line, columns, { path, line: index + 1 });
    order.check(row, rows.at(-1));
    rows.push(row);
  }
  if (rows.length === 0) {
    throw new UsageError(`${path} has a header and no rows: give rows of timestamp,value.`);
  }
  return { rows, notices: order.notices(rows) };
}

type Columns = { readonly timestamp: number; readonly value: number; readonly isHeader: boolean };

function readHeader(line: string, place: string): Columns {
  const cells = cellsOf(line);
  if (cells.length < 2) {
    throw new UsageError(
      `${place}: "${shown(line)}" has one column; separate timestamp and value by a comma.`,
    );
  }
  if (timeOf(cells[0] ?? "") !== undefined) return { timestamp: 0, value: 1, isHeader: false };
  const names = cells.map((cell) => cell.toLowerCase());
  const timestamp = names.indexOf("timestamp");
  const value = names.indexOf("value");
  if (timestamp === -1 || value === -1) {
    throw new UsageError(
      `${place}: "${shown(line)}" is neither the header "timestamp,value" nor a row; name the two columns so.`,
    );
  }
  return { timestamp, value, isHeader: true };
}

function readRow(
  line: string,
  columns: Columns,
  { path, line: number }: { path: string; line: number },
): SeriesRow {
  const cells = cellsOf(line);
  const place = `${path}:${number}`;
  const timestamp = cells[columns.timestamp] ?? "";
  const value = cells[columns.value];
  if (value === undefined) {
    throw new UsageError(`${place}: "${shown(line)}" has no value; give timestamp,value.`);
  }
  const timeMs = timeOf(timestamp);
  if (timeMs === undefined) {
    throw new UsageError(
      `${place}: "${shown(timestamp)}" is no time; use 2026-01-31 23:59:59, RFC 3339, or epoch seconds or milliseconds.`,
    );
  }
  const parsed = MISSING.test(value) ? Number.NaN : Number(value);
  if (!(MISSING.test(value) || Number.isFinite(parsed))) {
    throw new UsageError(
      `${place}: "${shown(value)}" is no number; give a decimal number, or nothing where it is unknown.`,
    );
  }
  return { line: number, timestamp, timeMs, value, number: parsed };
}

function cellsOf(line: string): string[] {
  return line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
}

/** Milliseconds since the Unix epoch, UTC where no zone is named; undefined where it is no time. */
function timeOf(text: string): number | undefined {
  const [match, date, minutes = "00:00", seconds = ":00", zone = "Z"] = TIMESTAMP.exec(text) ?? [];
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const time = readTimestamp(match === undefined ? text : `${date}T${minutes}${seconds}${offset}`);
  return typeof time === "number" ? time / 1000 : undefined;
}

/** Whether a timestamp says its zone: "zoned", "bare", or undefined for an epoch number. */
function zoneOf(timestamp: string): "zoned" | "bare" | undefined {
  const match = TIMESTAMP.exec(timestamp);
  if (match === null) return /^[\d.]+$/.test(timestamp) ? undefined : "zoned";
  return match[4] === undefined ? "bare" : "zoned";
}

/** Holds rows to one order and one way of telling the zone, and counts what is let pass. */
class OrderCheck {
  readonly #path: string;
  #zone: "zoned" | "bare" | undefined;
  #zoneLine = 0;
  readonly #repeated: number[] = [];
  readonly #putBack: number[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  check(row: SeriesRow, before: SeriesRow | undefined): void {
    this.#checkZone(row);
    if (before === undefined || row.timeMs > before.timeMs) return;
    if (row.timeMs === before.timeMs) this.#repeated.push(row.line);
    else if (before.timeMs - row.timeMs <= CLOCK_PUT_BACK_MS) this.#putBack.push(row.line);
    else {
      throw new UsageError(
        `${this.#path}:${row.line}: ${row.timestamp} is earlier than line ${before.line}, ${before.timestamp}; sort the rows by time.`,
      );
    }
  }

  #checkZone({ timestamp, line }: SeriesRow): void {
    const zone = zoneOf(timestamp);
    if (zone === undefined) return;
    if (this.#zone === undefined) this.#zoneLine = line;
    else if (this.#zone !== zone) {
      const [named, bare] = zone === "zoned" ? [line, this.#zoneLine] : [this.#zoneLine, line];
      throw new UsageError(
        `${this.#path}:${line}: line ${named} names its time zone and line ${bare} does not; name it on every line or on none (then it is UTC).`,
      );
    }
    this.#zone = zone;
  }

  notices(rows: readonly SeriesRow[]): string[] {
    const missing = rows.filter(({ number }) => Number.isNaN(number)).map(({ line }) => line);
    return [
      noticeOf(missing, "no value: such rows have score 0 and teach nothing"),
      noticeOf(this.#repeated, "the time of the line before: taken in the order of the file"),
      noticeOf(
        this.#putBack,
        "a time up to an hour back, as when a clock is put back: taken in the order of the file",
      ),
    ].filter((notice) => notice !== "");
  }
}

function noticeOf(lines: readonly number[], what: string): string {
  if (lines.length === 0) return "";
  const more = lines.length === 1 ? "" : ` and ${lines.length - 1} more`;
  return `line ${lines[0]}${more}: ${what}`;
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
