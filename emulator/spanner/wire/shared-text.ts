import type { Reader } from "protobufjs";

/** Longer texts are mostly of one row only. */
const SHARED_BYTES_MAX = 24;
/** A power of two. */
const PLACES = 4096;

/** Short texts read before, each at the place that its bytes stand for; a newer one takes that place. */
const known: string[] = new Array(PLACES).fill("");

/**
 * Reads a string field's text. What comes again and again (names of columns, currencies, states, amounts) is
 * one string in memory, however many rows have it, and is not decoded anew.
 */
export function readSharedText(reader: Reader): string {
  const before = reader.pos;
  const length = reader.uint32();
  const { buf, pos } = reader;
  if (length > SHARED_BYTES_MAX || pos + length > reader.len) {
    reader.pos = before;
    return reader.string();
  }
  let hash = length;
  for (let index = pos; index < pos + length; index++) {
    hash = (Math.imul(hash, 31) + (buf[index] ?? 0)) | 0;
  }
  const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
  const text = known[place] ?? "";
  if (isTextOf(text, buf, pos, length)) {
    reader.pos = pos + length;
    return text;
  }
  reader.pos = before;
  const read = reader.string();
  known[place] = read;
  return read;
}

/** Whether these are the text's bytes, of ASCII only. */
function isTextOf(text: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index++) {
    const byte = bytes[start + index] ?? 0;
    if (byte > 0x7f || text.charCodeAt(index) !== byte) return false;
  }
  return true;
}
