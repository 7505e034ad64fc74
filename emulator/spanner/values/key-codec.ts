import type { Cell } from "./cell.ts";
import type { SpannerType } from "./type.ts";

/** One part of a primary or index key: where its cell stands in the row, its type, and its direction. */
export interface KeyPart {
  readonly ordinal: number;
  readonly type: SpannerType;
  readonly descending: boolean;
}

/** A half-open span of encoded keys. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

/** Sorts behind every encoded key: encoded keys have no character above U+00FF. */
const BEYOND = "\u0100";

export const ALL_KEYS: KeyRange = { from: "", to: BEYOND };

/** All keys that begin with the encoded parts `prefix`. */
export function prefixRange(prefix: string): KeyRange {
  return { from: prefix, to: prefix + BEYOND };
}

/** The first key behind all those that begin with `prefix`. */
export function after(prefix: string): string {
  return prefix + BEYOND;
}

/**
 * Encodes the leading parts of a key as text with one character for each byte. Comparing such texts
 * compares the keys in Spanner's order (NULL first, DESC reversed, strings by UTF-8), and no part's
 * code is a prefix of another's, so that a key's prefix is a range.
 */
export function encodeKey(parts: readonly KeyPart[], cells: readonly Cell[]): string {
  let key = "";
  const count = Math.min(parts.length, cells.length);
  for (let index = 0; index < count; index++) {
    const part = parts[index];
    if (part !== undefined) key += encodePart(part, cells[index] ?? null);
  }
  return key;
}

/** The key of a stored row: like {@link encodeKey}, the cells taken from the row's columns. */
export function encodeRowKey(parts: readonly KeyPart[], row: readonly Cell[]): string {
  let key = "";
  for (const part of parts) key += encodePart(part, row[part.ordinal] ?? null);
  return key;
}

function encodePart(part: KeyPart, cell: Cell): string {
  const code = cell === null ? "\u0000" : `\u0001${encodeCell(part.type, cell)}`;
  return part.descending ? complement(code) : code;
}

function encodeCell(type: SpannerType, cell: Cell): string {
  if (typeof cell === "string") {
    if (type.code === "INT64" || type.code === "NUMERIC") return encodeDecimal(cell);
    if (type.code === "BYTES") return terminated(Buffer.from(cell, "base64").toString("latin1"));
    if (type.code === "TIMESTAMP") return terminated(cell.slice(0, -1));
    return terminated(toByteText(cell));
  }
  if (typeof cell === "boolean") return cell ? "\u0001" : "\u0000";
  return typeof cell === "number" ? encodeFloat(cell) : "";
}

/** Digits behind a length, so that longer numbers sort later; all of it reversed where negative. */
function encodeDecimal(text: string): string {
  const negative = text.startsWith("-");
  const magnitude = negative ? text.slice(1) : text;
  const point = magnitude.indexOf(".");
  const wholeDigits = point < 0 ? magnitude.length : point;
  const code = `${String.fromCharCode(0x80 + wholeDigits)}${magnitude}\u0000`;
  return negative ? complement(code) : code;
}

const doubles = Buffer.alloc(8);

function encodeFloat(value: number): string {
  doubles.writeDoubleBE(value === 0 ? 0 : value);
  const code = doubles.toString("latin1");
  if (Number.isNaN(value)) return "\u0000".repeat(8);
  return value < 0
    ? complement(code)
    : `${String.fromCharCode(code.charCodeAt(0) | 0x80)}${code.slice(1)}`;
}

/** Ends a text of any length: zero bytes inside it are escaped so that the end sorts before them. */
function terminated(bytes: string): string {
  return bytes.includes("\u0000")
    ? `${bytes.replaceAll("\u0000", "\u0000\u00ff")}\u0000\u0001`
    : `${bytes}\u0000\u0001`;
}

/** The UTF-8 bytes of a text, one character each; plain ASCII is that already. */
function toByteText(text: string): string {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return Buffer.from(text, "utf8").toString("latin1");
  }
  return text;
}

function complement(code: string): string {
  let reversed = "";
  for (let index = 0; index < code.length; index++) {
    reversed += String.fromCharCode(0xff - code.charCodeAt(index));
  }
  return reversed;
}
