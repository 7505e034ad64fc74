import { readJsonText } from "./json-text.ts";
import { readNumericText } from "./numeric.ts";
import { readDateText, readTimestampText } from "./timestamp.ts";
import type { SpannerType } from "./type.ts";

/**
 * One stored value, in the form in which Spanner sends it: INT64, NUMERIC, TIMESTAMP, DATE, JSON and
 * BYTES (base64) are text, each in one canonical form, so that equal values are equal text.
 */
export type Cell = null | boolean | number | string | readonly Cell[];

/** A row's cells by column ordinal; a column that was added later may be absent at the end. */
export type Row = readonly Cell[];

const SMALL_INTEGER = /^(?:0|-?[1-9]\d{0,17})$/;
const ANY_INTEGER = /^[+-]?\d{1,40}$/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The canonical cell of a value that came over the wire; undefined where it is none of that type. */
export function readCell(type: SpannerType, value: Cell): Cell | undefined {
  if (value === null) return null;
  switch (type.code) {
    case "STRING":
      return typeof value === "string" ? value : undefined;
    case "INT64":
      return typeof value === "string" ? readInt64Text(value) : undefined;
    case "BOOL":
      return typeof value === "boolean" ? value : undefined;
    case "FLOAT64":
      return readFloat(value);
    case "FLOAT32":
      return roundToFloat32(readFloat(value));
    case "ARRAY":
      return Array.isArray(value) ? readArray(type, value) : undefined;
    case "STRUCT":
      return Array.isArray(value) ? readStruct(type, value) : undefined;
    default:
      return typeof value === "string" ? readText(type.code, value) : undefined;
  }
}

function readText(
  code: "TIMESTAMP" | "DATE" | "BYTES" | "NUMERIC" | "JSON",
  text: string,
): string | undefined {
  switch (code) {
    case "TIMESTAMP":
      return readTimestampText(text);
    case "DATE":
      return readDateText(text);
    case "BYTES":
      return text.length % 4 === 0 && BASE64.test(text) ? text : undefined;
    case "NUMERIC":
      return readNumericText(text);
    case "JSON":
      return readJsonText(text);
  }
}

export function readInt64Text(text: string): string | undefined {
  if (SMALL_INTEGER.test(text)) return text;
  if (!ANY_INTEGER.test(text)) return undefined;
  const integer = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return isInt64(integer) ? String(integer) : undefined;
}

export function isInt64(integer: bigint): boolean {
  return integer >= INT64_MIN && integer <= INT64_MAX;
}

function readFloat(value: Cell): number | undefined {
  if (typeof value === "number") return value;
  if (value === "NaN") return Number.NaN;
  if (value === "Infinity") return Number.POSITIVE_INFINITY;
  return value === "-Infinity" ? Number.NEGATIVE_INFINITY : undefined;
}

function roundToFloat32(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.fround(value);
}

function readArray(type: SpannerType, values: readonly Cell[]): Cell | undefined {
  const { element } = type;
  if (element === undefined) return undefined;
  const cells: Cell[] = [];
  for (const value of values) {
    const cell = readCell(element, value);
    if (cell === undefined) return undefined;
    cells.push(cell);
  }
  return cells;
}

function readStruct(type: SpannerType, values: readonly Cell[]): Cell | undefined {
  const fields = type.fields ?? [];
  if (fields.length !== values.length) return undefined;
  const cells: Cell[] = [];
  for (const [position, field] of fields.entries()) {
    const cell = readCell(field.type, values[position] ?? null);
    if (cell === undefined) return undefined;
    cells.push(cell);
  }
  return cells;
}

/** Characters of a STRING, bytes of a BYTES: what a column's length limits. */
export function lengthOf(type: SpannerType, text: string): number {
  if (type.code === "BYTES") return byteLength(text);
  let surrogatePairs = 0;
  for (let index = 0; index < text.length; index++) {
    if ((text.charCodeAt(index) & 0xfc_00) === 0xd8_00) surrogatePairs++;
  }
  return text.length - surrogatePairs;
}

function byteLength(base64: string): number {
  let padding = 0;
  if (base64.endsWith("==")) padding = 2;
  else if (base64.endsWith("=")) padding = 1;
  return (base64.length / 4) * 3 - padding;
}
