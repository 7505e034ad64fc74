import type { Cell } from "./cell.ts";
import { compareNumericTexts } from "./numeric.ts";
import type { SpannerType } from "./type.ts";

/** Negative, zero or positive, in the order of ORDER BY; neither cell is null. */
export function compareCells(type: SpannerType, left: Cell, right: Cell): number {
  switch (type.code) {
    case "INT64":
      return compareIntegers(String(left), String(right));
    case "NUMERIC":
      return compareNumericTexts(String(left), String(right));
    case "FLOAT64":
    case "FLOAT32":
      return Number(left) - Number(right);
    case "BOOL":
      return Number(left) - Number(right);
    case "TIMESTAMP":
      return compareText(String(left).slice(0, -1), String(right).slice(0, -1));
    case "BYTES":
      return Buffer.compare(bytesOf(left), bytesOf(right));
    case "STRING":
      return compareStrings(String(left), String(right));
    default:
      return compareText(String(left), String(right));
  }
}

function compareIntegers(left: string, right: string): number {
  if (left === right) return 0;
  if (left.length < 16 && right.length < 16) return Number(left) - Number(right);
  return sign(BigInt(left) - BigInt(right));
}

function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  const count = Math.min(left.length, right.length);
  for (let index = 0; index < count; index++) {
    const difference = left.charCodeAt(index) - right.charCodeAt(index);
    if (difference === 0) continue;
    const isPlain = left.charCodeAt(index) < SURROGATES && right.charCodeAt(index) < SURROGATES;
    if (isPlain) return difference;
    return Buffer.compare(Buffer.from(left, "utf8"), Buffer.from(right, "utf8"));
  }
  return left.length - right.length;
}

/** Below them, the order of UTF-16 is that of UTF-8. */
const SURROGATES = 0xd8_00;

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function bytesOf(cell: Cell): Buffer {
  return Buffer.from(String(cell), "base64");
}

function sign(difference: bigint): number {
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}
