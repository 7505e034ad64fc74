import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
  listValue,
  structValue,
} from "@duckdb/node-api";
import { canonicalType, type Field } from "./schema.ts";

const numericPattern = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*$/;
/** The usual case, read without a detour: at most nine decimals, no sign, no exponent. */
const plainNumeric = /^\d{1,28}(?:\.\d{1,9})?$/;
const numericScale = 9;

/** A value as a row of JSON, an insertAll row or a protobuf string writes it, in DuckDB's form. */
export function readCell(field: Field, value: unknown): DuckDBValue {
  if (value === null || value === undefined)
    return field.mode === "REPEATED" ? listValue([]) : null;
  if (field.mode !== "REPEATED") return readSingle(field, value);
  if (!Array.isArray(value))
    throw new TypeError(`Array specified for non-repeated field: ${field.name}.`);
  return listValue(value.map((item: unknown) => readSingle(field, item)));
}

type CellReader = (value: unknown, field: Field) => DuckDBValue;

const readers: Readonly<Record<string, CellReader>> = {
  STRING: (value) => String(value),
  JSON: readJson,
  BYTES: (value) =>
    new DuckDBBlobValue(Buffer.isBuffer(value) ? value : Buffer.from(String(value), "base64")),
  INTEGER: readInteger,
  FLOAT: (value, field) =>
    checked(
      Number(value),
      (number) => typeof value !== "string" || value === "NaN" || !Number.isNaN(number),
      field,
      value,
    ),
  NUMERIC: (value, field) => readNumeric(String(value), field),
  BOOLEAN: readBoolean,
  TIMESTAMP: (value, field) => new DuckDBTimestampTZValue(readTimestampMicros(value, field)),
  DATETIME: (value, field) => new DuckDBTimestampValue(readCivilMicros(String(value), field)),
  DATE: readDate,
  TIME: (value, field) =>
    new DuckDBTimeValue(readCivilMicros(`1970-01-01 ${String(value)}`, field)),
  RECORD: readRecord,
};

/** The reader of one value of a field's type, whatever its mode. */
export function cellReader(field: Field): (value: unknown) => DuckDBValue {
  const read = readers[canonicalType(field.type)];
  if (read === undefined) throw new TypeError(`Unsupported type ${field.type}`);
  return (value) => read(value, field);
}

function readSingle(field: Field, value: unknown): DuckDBValue {
  return value === null || value === undefined ? null : cellReader(field)(value);
}

function bad(field: Field, value: unknown): TypeError {
  return new TypeError(
    `Could not convert value '${String(value)}' to ${field.type}. Field: ${field.name}`,
  );
}

function checked<T extends DuckDBValue>(
  result: T,
  isGood: (result: T) => boolean,
  field: Field,
  value: unknown,
): T {
  if (!isGood(result)) throw bad(field, value);
  return result;
}

/** JSON text, checked here, since DuckDB would refuse it only when a query reads it. */
function readJson(value: unknown, field: Field): string {
  if (typeof value !== "string") return JSON.stringify(value);
  try {
    JSON.parse(value);
    return value;
  } catch (cause) {
    throw new TypeError(`Invalid JSON in field ${field.name}`, { cause });
  }
}

function readInteger(value: unknown, field: Field): bigint {
  if (typeof value === "bigint") return value;
  if (!/^\s*[+-]?\d+(\.0+)?\s*$/.test(String(value))) throw bad(field, value);
  return BigInt(
    String(value)
      .trim()
      .replace(/^\+|\.0+$/g, ""),
  );
}

function readBoolean(value: unknown, field: Field): boolean {
  if (typeof value === "boolean") return value;
  const text = String(value).toLowerCase();
  if (text !== "true" && text !== "false") throw bad(field, value);
  return text === "true";
}

/** Exactly, to nine decimals; more digits are rounded half away from zero, as the service does. */
export function readNumeric(text: string, field: Field): DuckDBDecimalValue {
  if (plainNumeric.test(text)) {
    const point = text.indexOf(".");
    const fraction = point < 0 ? "" : text.slice(point + 1);
    const whole = point < 0 ? text : text.slice(0, point);
    return new DuckDBDecimalValue(
      BigInt(whole + fraction.padEnd(numericScale, "0")),
      38,
      numericScale,
    );
  }
  const [, sign, whole = "", fraction = "", exponent = "0"] = numericPattern.exec(text) ?? [];
  if (sign === undefined || whole + fraction === "") throw bad(field, text);
  const shift = numericScale + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const scaled =
    shift >= 0 ? digits * 10n ** BigInt(shift) : roundedQuotient(digits, 10n ** BigInt(-shift));
  if (scaled >= 10n ** 38n) throw bad(field, text);
  return new DuckDBDecimalValue(sign === "-" ? -scaled : scaled, 38, numericScale);
}

function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator / 2n) / denominator;
}

const civilPattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?)?$/;
const zonedPattern = /^(.*?)\s*(?:Z|UTC|([+-])(\d{1,2})(?::?(\d{2}))?)?$/;

/** Integers are microseconds, as protobuf rows carry them; texts are RFC 3339 or seconds. */
function readTimestampMicros(value: unknown, field: Field): bigint {
  if (typeof value === "bigint") return value;
  const text = String(value).trim();
  if (/^-?\d+(\.\d+)?([eE]\+?\d+)?$/.test(text))
    return BigInt(Math.round(Number(text) * 1_000_000));
  const [, civil = "", sign, hours = "0", minutes = "0"] = zonedPattern.exec(text) ?? [];
  const offset = (BigInt(hours) * 60n + BigInt(minutes)) * 60_000_000n;
  return readCivilMicros(civil, field) - (sign === "-" ? -offset : offset);
}

function readCivilMicros(text: string, field: Field): bigint {
  const match = civilPattern.exec(text.trim());
  if (match === null) throw bad(field, text);
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = ""] = match;
  const ms = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  if (new Date(ms).getUTCDate() !== Number(day)) throw bad(field, text);
  return BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, "0").slice(0, 6));
}

function readDate(value: unknown, field: Field): DuckDBDateValue {
  if (typeof value === "bigint") return new DuckDBDateValue(Number(value));
  return new DuckDBDateValue(Number(readCivilMicros(String(value), field) / 86_400_000_000n));
}

function readRecord(value: unknown, field: Field): DuckDBValue {
  if (typeof value !== "object" || value === null) throw bad(field, value);
  const cells: [string, DuckDBValue][] = [];
  const entries = new Map<string, unknown>(Object.entries(value));
  for (const inner of field.fields ?? [])
    cells.push([inner.name, readCell(inner, entries.get(inner.name))]);
  return structValue(Object.fromEntries(cells));
}
