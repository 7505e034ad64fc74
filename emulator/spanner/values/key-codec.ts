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
  length = 0;
  const count = Math.min(parts.length, cells.length);
  for (let index = 0; index < count; index++) {
    const part = parts[index];
    if (part !== undefined) writePart(part, cells[index] ?? null);
  }
  return bytes.toString("latin1", 0, length);
}

/** The key of a stored row: like {@link encodeKey}, the cells taken from the row's columns. */
export function encodeRowKey(parts: readonly KeyPart[], row: readonly Cell[]): string {
  length = 0;
  for (const part of parts) writePart(part, row[part.ordinal] ?? null);
  return bytes.toString("latin1", 0, length);
}

/**
 * The key being written. As bytes, because texts put together are trees of their parts in memory, slow
 * to compare and heavy to keep.
 */
let bytes = Buffer.alloc(1024);
let length = 0;

function reserve(count: number): void {
  if (length + count <= bytes.length) return;
  const larger = Buffer.alloc(2 * (length + count));
  bytes.copy(larger, 0, 0, length);
  bytes = larger;
}

function writePart(part: KeyPart, cell: Cell): void {
  const start = length;
  reserve(1);
  bytes[length++] = cell === null ? 0 : 1;
  if (cell !== null) writeCell(part.type, cell);
  if (part.descending) complementFrom(start);
}

function writeCell(type: SpannerType, cell: Cell): void {
  if (typeof cell === "string") {
    if (type.code === "INT64" || type.code === "NUMERIC") writeDecimal(cell);
    else if (type.code === "BYTES") writeBytes(Buffer.from(cell, "base64"));
    else if (type.code === "TIMESTAMP") writeText(cell.slice(0, -1));
    else writeText(cell);
  } else if (typeof cell === "boolean") {
    reserve(1);
    bytes[length++] = cell ? 1 : 0;
  } else if (typeof cell === "number") writeFloat(cell);
}

/** Digits behind a length, so that longer numbers sort later; all of it reversed where negative. */
function writeDecimal(text: string): void {
  const start = length;
  const signs = text.startsWith("-") ? 1 : 0;
  const point = text.indexOf(".");
  reserve(text.length + 2);
  bytes[length++] = 0x80 + (point < 0 ? text.length : point) - signs;
  for (let index = signs; index < text.length; index++) bytes[length++] = text.charCodeAt(index);
  bytes[length++] = 0;
  if (signs > 0) complementFrom(start);
}

function writeFloat(value: number): void {
  const start = length;
  reserve(8);
  length += 8;
  if (Number.isNaN(value)) {
    bytes.fill(0, start, length);
    return;
  }
  bytes.writeDoubleBE(value === 0 ? 0 : value, start);
  if (value < 0) complementFrom(start);
  else bytes[start] = (bytes[start] ?? 0) | 0x80;
}

/** The UTF-8 bytes of a text; plain ASCII is copied as it stands. */
function writeText(text: string): void {
  const start = length;
  reserve(text.length + 2);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0 || code > 0x7f) {
      length = start;
      writeBytes(Buffer.from(text, "utf8"));
      return;
    }
    bytes[length++] = code;
  }
  writeEnd();
}

/** Ends a text of any length: zero bytes inside it are escaped so that the end sorts before them. */
function writeBytes(text: Buffer): void {
  reserve(2 * text.length + 2);
  for (const byte of text) {
    bytes[length++] = byte;
    if (byte === 0) bytes[length++] = 0xff;
  }
  writeEnd();
}

function writeEnd(): void {
  bytes[length++] = 0;
  bytes[length++] = 1;
}

function complementFrom(start: number): void {
  for (let index = start; index < length; index++) bytes[index] = 0xff - (bytes[index] ?? 0);
}
