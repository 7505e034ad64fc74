import { macroCall } from "./macro-call.ts";
import type { TokenReader } from "./token-reader.ts";

/** A date part as written: `DAY`, `WEEK` with its first day, ... */
export interface DatePart {
  readonly name: string;
  /** For WEEK: the day it starts on, 0 Sunday to 6 Saturday. */
  readonly firstDay: number;
}

const weekDays = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"];

export function readDatePart(reader: TokenReader): DatePart {
  const token = reader.take();
  if (token.kind !== "word") reader.refuse("Syntax error: Expected a date part", token);
  const name = token.text.toUpperCase();
  if (name === "ISOWEEK") return { name, firstDay: 1 };
  if (name !== "WEEK" || !reader.acceptSymbol("(")) return { name, firstDay: 0 };
  const day = reader.take();
  const firstDay = weekDays.indexOf(day.text.toUpperCase());
  if (firstDay < 0) reader.refuse(`A valid date part is required but found WEEK(${day.text})`, day);
  reader.expectSymbol(")");
  return { name, firstDay };
}

const extracts: Readonly<Record<string, (local: string) => string>> = {
  MICROSECOND: (local) => `(microsecond(${local}) % 1000000)`,
  MILLISECOND: (local) => `(millisecond(${local}) % 1000)`,
  SECOND: (local) => `second(${local})`,
  MINUTE: (local) => `minute(${local})`,
  HOUR: (local) => `hour(${local})`,
  DAYOFWEEK: (local) => `(dayofweek(${local}) + 1)`,
  DAY: (local) => `day(${local})`,
  DAYOFYEAR: (local) => `dayofyear(${local})`,
  ISOWEEK: (local) => `weekofyear(${local})`,
  MONTH: (local) => `month(${local})`,
  QUARTER: (local) => `quarter(${local})`,
  YEAR: (local) => `year(${local})`,
  ISOYEAR: (local) => `isoyear(${local})`,
  DATE: (local) => `CAST(${local} AS DATE)`,
  TIME: (local) => `CAST(${local} AS TIME)`,
  DATETIME: (local) => local,
};

/** The value of `part` in the civil time `local`, a DuckDB TIMESTAMP. */
export function writeExtract(reader: TokenReader, part: DatePart, local: string): string {
  if (part.name === "WEEK") return `gsql_week_number(${local}, ${part.firstDay})`;
  const write = extracts[part.name];
  if (write === undefined) reader.refuse(`The emulator does not extract part ${part.name}`);
  return write(local);
}

function isWeek(part: DatePart): boolean {
  return part.name === "WEEK" || part.name === "ISOWEEK";
}

const dayUnits = new Set(["DAY", "MONTH", "QUARTER", "YEAR"]);
const clockUnits = new Set(["MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR"]);

/** The start of the part that holds `value`, in `zone` where it is a TIMESTAMP. */
export function writeTrunc(
  reader: TokenReader,
  part: DatePart,
  operands: readonly string[],
): string {
  const [value = "", zone = "'UTC'"] = operands;
  if (isWeek(part)) return macroCall("gsql_trunc_week", [value, String(part.firstDay), zone]);
  if (part.name === "ISOYEAR") return macroCall("gsql_trunc_isoyear", [value, zone]);
  if (dayUnits.has(part.name)) return macroCall("gsql_trunc_day", [value, `'${part.name}'`, zone]);
  if (clockUnits.has(part.name))
    return macroCall("gsql_trunc_clock", [value, `'${part.name}'`, zone]);
  return reader.refuse(`The emulator does not truncate to part ${part.name}`);
}

const unitMicros: Readonly<Record<string, string>> = {
  MICROSECOND: "1",
  MILLISECOND: "1000",
  SECOND: "1000000",
  MINUTE: "60000000",
  HOUR: "3600000000",
  DAY: "86400000000",
};

/** Whole parts of elapsed time between two instants, as TIMESTAMP_DIFF counts. */
export function writeElapsed(
  reader: TokenReader,
  part: DatePart,
  operands: readonly string[],
): string {
  const micros = unitMicros[part.name];
  if (micros === undefined)
    reader.refuse(`TIMESTAMP_DIFF does not support the ${part.name} date part`);
  return `gsql_elapsed(${operands.join(", ")}, ${micros})`;
}

/** Boundaries of the part crossed between two civil times, as DATE_DIFF and DATETIME_DIFF count. */
export function writeBoundaries(
  reader: TokenReader,
  part: DatePart,
  operands: readonly string[],
): string {
  const [later = "", earlier = ""] = operands;
  if (isWeek(part)) return `gsql_diff_weeks(${later}, ${earlier}, ${part.firstDay})`;
  if (part.name === "ISOYEAR") return `(isoyear(${later}) - isoyear(${earlier}))`;
  if (dayUnits.has(part.name) || clockUnits.has(part.name)) {
    return `date_diff('${part.name}', ${earlier}, ${later})`;
  }
  return reader.refuse(`The emulator does not count boundaries of part ${part.name}`);
}
