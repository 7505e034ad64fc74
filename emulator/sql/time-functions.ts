import { type DatePart, writeBoundaries, writeElapsed, writeTrunc } from "./date-part.ts";
import {
  direct,
  operandsOf,
  type ScalarCall,
  type ScalarFunction,
  written,
} from "./function-form.ts";
import { macroCall } from "./macro-call.ts";
import { writeFormat, writeParse } from "./time-format.ts";
import type { TokenReader } from "./token-reader.ts";

type PartWriter = (reader: TokenReader, part: DatePart, operands: readonly string[]) => string;

/** A function that takes a date part at `partAt`. */
function parted(partAt: number, most: number, write: PartWriter): ScalarFunction {
  const fewest = Math.min(partAt, most);
  const writeCall = (call: ScalarCall) =>
    call.part === undefined ? "" : write(call.reader, call.part, operandsOf(call));
  return { fewest, most, partAt, write: writeCall };
}

const format: ScalarFunction = { fewest: 2, most: 3, write: writeFormat };

function parse(cast: (call: ScalarCall) => string): ScalarFunction {
  return { fewest: 2, most: 3, write: cast };
}

function parseTimestamp(call: ScalarCall): string {
  return macroCall("gsql_zoned", [writeParse(call), call.args[2]?.sql ?? "'UTC'"]);
}

/** `DATE(y, m, d)`, or the civil date of one value in a zone. */
function writeDate(operands: readonly string[]): string {
  if (operands.length === 3) return `make_date(${operands.join(", ")})`;
  const [value = "", zone = "'UTC'"] = operands;
  return `CAST(${macroCall("gsql_local", [value, zone])} AS DATE)`;
}

function writeDatetime(operands: readonly string[]): string {
  const [first = "", second] = operands;
  if (operands.length === 6) {
    return `make_timestamp(${operands.slice(0, 5).join(", ")}, CAST(${operands[5]} AS DOUBLE))`;
  }
  return macroCall("gsql_local", [first, second ?? "'UTC'"]);
}

function fromEpoch(factor: string): ScalarFunction {
  return written(1, 1, ([n]) => `timezone('UTC', make_timestamp(${n} * ${factor}))`);
}

function toEpoch(divisor: string): ScalarFunction {
  return written(1, 1, ([value]) => `gsql_floor_div(epoch_us(${value}), ${divisor})`);
}

const afterPart: Readonly<Record<string, string>> = {
  WEEK: "to_days(7)",
  ISOWEEK: "to_days(7)",
  MONTH: "to_months(1)",
  QUARTER: "to_months(3)",
  YEAR: "to_months(12)",
};

/** `LAST_DAY(date [, part])`: the day before the next part begins. */
function writeLastDay({ args, part, reader, token }: ScalarCall): string {
  const { name, firstDay } = part ?? { name: "MONTH", firstDay: 0 };
  const step = afterPart[name];
  if (step === undefined) reader.refuse(`LAST_DAY does not support the ${name} date part`, token);
  const date = `CAST(${args[0]?.sql ?? "NULL"} AS DATE)`;
  const start = writeTrunc(reader, { name, firstDay }, [date]);
  return `CAST(${start} + ${step} - to_days(1) AS DATE)`;
}

/** Every function of dates and times that is translated. */
export const timeFunctions: Readonly<Record<string, ScalarFunction>> = {
  CURRENT_TIMESTAMP: written(0, 0, () => "now()"),
  CURRENT_DATE: written(0, 1, ([zone = "'UTC'"]) => `CAST(gsql_local(now(), ${zone}) AS DATE)`),
  CURRENT_DATETIME: written(0, 1, ([zone = "'UTC'"]) => `gsql_local(now(), ${zone})`),
  TIMESTAMP_TRUNC: parted(1, 2, writeTrunc),
  DATETIME_TRUNC: parted(1, 1, writeTrunc),
  DATE_TRUNC: parted(1, 1, writeTrunc),
  TIMESTAMP_DIFF: parted(2, 2, writeElapsed),
  DATETIME_DIFF: parted(2, 2, writeBoundaries),
  DATE_DIFF: parted(2, 2, writeBoundaries),
  LAST_DAY: { fewest: 1, most: 1, partAt: 1, isPartOptional: true, write: writeLastDay },
  TIMESTAMP_ADD: direct("gsql_add", 2),
  TIMESTAMP_SUB: direct("gsql_subtract", 2),
  DATETIME_ADD: direct("gsql_add", 2),
  DATETIME_SUB: direct("gsql_subtract", 2),
  DATE_ADD: direct("gsql_date_add", 2),
  DATE_SUB: direct("gsql_date_subtract", 2),
  DATE: written(1, 3, writeDate),
  DATETIME: written(1, 6, writeDatetime),
  TIMESTAMP: written(1, 2, ([value = "", zone = "'UTC'"]) =>
    macroCall("gsql_zoned", [value, zone]),
  ),
  TIME: written(
    1,
    2,
    ([value = "", zone = "'UTC'"]) => `CAST(${macroCall("gsql_local", [value, zone])} AS TIME)`,
  ),
  TIMESTAMP_SECONDS: fromEpoch("1000000"),
  TIMESTAMP_MILLIS: fromEpoch("1000"),
  TIMESTAMP_MICROS: fromEpoch("1"),
  UNIX_SECONDS: toEpoch("1000000"),
  UNIX_MILLIS: toEpoch("1000"),
  UNIX_MICROS: written(1, 1, ([value]) => `epoch_us(${value})`),
  UNIX_DATE: written(1, 1, ([value]) => `date_diff('day', DATE '1970-01-01', ${value})`),
  DATE_FROM_UNIX_DATE: written(1, 1, ([n]) => `(DATE '1970-01-01' + CAST(${n} AS INTEGER))`),
  FORMAT_TIMESTAMP: format,
  FORMAT_DATETIME: format,
  FORMAT_DATE: format,
  PARSE_TIMESTAMP: parse(parseTimestamp),
  PARSE_DATETIME: parse((call) => `CAST(${writeParse(call)} AS TIMESTAMP)`),
  PARSE_DATE: parse((call) => `CAST(${writeParse(call)} AS DATE)`),
};
