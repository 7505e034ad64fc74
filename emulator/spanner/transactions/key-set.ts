import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import { type Cell, readCell } from "../values/cell.ts";
import { ALL_KEYS, after, encodeKey, type KeyPart, type KeyRange } from "../values/key-codec.ts";
import { typeName } from "../values/type.ts";
import type { KeyRangeBounds, KeySet } from "./mutation.ts";

/** Encoded keys and ranges to visit, each once and in key order. */
export type KeySpan = string | KeyRange;

/** Where a key set lies in a table or index: `parts` of its key, and how many of them clients may name. */
export function keySpans(
  owner: string,
  parts: readonly KeyPart[],
  nameable: number,
  keySet: KeySet,
): KeySpan[] {
  if (keySet.all) return [ALL_KEYS];
  const named = parts.slice(0, nameable);
  const points = keySet.keys.map((key) => {
    const cells = readKey(owner, named, key);
    if (cells.length === nameable) return encodeKey(named, cells);
    throw new StatusError(
      status.INVALID_ARGUMENT,
      `Wrong number of key parts in ${owner}. Expected: ${nameable}. Got: [${key.map(String).join(",")}].`,
    );
  });
  const isWholeKey = nameable === parts.length;
  const spans: KeySpan[] = isWholeKey
    ? [...new Set(points)]
    : points.map((from) => ({ from, to: after(from) }));
  for (const bounds of keySet.ranges) spans.push(encodeRange(owner, named, bounds));
  return spans.length > 1 ? inOrder(spans) : spans;
}

function encodeRange(owner: string, parts: readonly KeyPart[], bounds: KeyRangeBounds): KeyRange {
  const start = encodeKey(parts, readKey(owner, parts, bounds.start));
  const end = encodeKey(parts, readKey(owner, parts, bounds.end));
  return {
    from: bounds.startClosed ? start : after(start),
    to: bounds.endClosed ? after(end) : end,
  };
}

function readKey(owner: string, parts: readonly KeyPart[], key: readonly Cell[]): Cell[] {
  return key.map((value, position) => {
    const part = parts[position];
    const cell = part === undefined ? undefined : readCell(part.type, value);
    if (cell !== undefined) return cell;
    throw new StatusError(
      status.INVALID_ARGUMENT,
      part === undefined
        ? `Wrong number of key parts in ${owner}. Expected: ${parts.length}. Got: [${key.map(String).join(",")}].`
        : `Invalid value for key part ${position + 1} of ${owner}: Expected ${typeName(part.type)}.`,
    );
  });
}

function inOrder(spans: KeySpan[]): KeySpan[] {
  if (spans.every((span) => typeof span === "string")) return spans.sort(compareStart);
  const sorted = spans.map(toRange).sort(compareStart);
  const merged: KeyRange[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && range.from < last.to) {
      merged[merged.length - 1] = { from: last.from, to: range.to > last.to ? range.to : last.to };
    } else if (range.from < range.to) merged.push(range);
  }
  return merged;
}

/** The smallest range that holds one key: nothing sorts between a key and itself with a zero character. */
export function toRange(span: KeySpan): KeyRange {
  return typeof span === "string" ? { from: span, to: `${span}\u0000` } : span;
}

function compareStart(left: KeySpan, right: KeySpan): number {
  const first = typeof left === "string" ? left : left.from;
  const second = typeof right === "string" ? right : right.from;
  if (first === second) return 0;
  return first < second ? -1 : 1;
}
