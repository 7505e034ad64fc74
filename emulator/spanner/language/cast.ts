import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import { type Cell, isInt64, readCell } from "../values/cell.ts";
import { nanosOfNumericText, numericTextOfNanos } from "../values/numeric.ts";
import { type SpannerType, sameType, typeName } from "../values/type.ts";

/** CAST of GoogleSQL; OUT_OF_RANGE or INVALID_ARGUMENT where the value does not fit. */
export function castCell(cell: Cell, from: SpannerType, to: SpannerType): Cell {
  if (cell === null || sameType(from, to)) return cell;
  const value = convert(cell, from, to);
  if (value === undefined) {
    throw new StatusError(
      status.OUT_OF_RANGE,
      `Could not cast ${JSON.stringify(cell)} from ${typeName(from)} to ${typeName(to)}`,
    );
  }
  return value;
}

function convert(cell: Cell, from: SpannerType, to: SpannerType): Cell | undefined {
  if (to.code === "STRING") return toText(cell, from);
  if (from.code === "STRING") return fromText(String(cell), to);
  if (to.code === "INT64") return toInt64(cell, from);
  if (to.code === "NUMERIC") return toNumeric(cell);
  if (to.code === "FLOAT64") return Number(cell);
  if (to.code === "FLOAT32") return Math.fround(Number(cell));
  if (to.code === "BOOL" && from.code === "INT64") return cell !== "0";
  if (to.code === "DATE" && from.code === "TIMESTAMP") return String(cell).slice(0, 10);
  if (to.code === "TIMESTAMP" && from.code === "DATE") return `${String(cell)}T00:00:00Z`;
  return undefined;
}

function toText(cell: Cell, from: SpannerType): Cell | undefined {
  if (from.code === "BYTES") return Buffer.from(String(cell), "base64").toString("utf8");
  if (from.code === "ARRAY" || from.code === "STRUCT" || from.code === "TIMESTAMP")
    return undefined;
  return String(cell);
}

function fromText(text: string, to: SpannerType): Cell | undefined {
  if (to.code === "BYTES") return Buffer.from(text, "utf8").toString("base64");
  if (to.code === "FLOAT64" || to.code === "FLOAT32") {
    return text.trim() === "" ? undefined : readCell(to, Number(text));
  }
  if (to.code === "BOOL") return { true: true, false: false }[text.toLowerCase()];
  return readCell(to, text.trim());
}

function toInt64(cell: Cell, from: SpannerType): Cell | undefined {
  if (typeof cell === "boolean") return cell ? "1" : "0";
  if (from.code === "NUMERIC") {
    const nanos = nanosOfNumericText(String(cell)) ?? 0n;
    const half = nanos < 0n ? -500_000_000n : 500_000_000n;
    return inRange((nanos + half) / 1_000_000_000n);
  }
  if (typeof cell !== "number" || !Number.isFinite(cell)) return undefined;
  return inRange(BigInt(Math.sign(cell) * Math.round(Math.abs(cell))));
}

function inRange(integer: bigint): Cell | undefined {
  return isInt64(integer) ? String(integer) : undefined;
}

function toNumeric(cell: Cell): Cell | undefined {
  if (typeof cell === "string") return cell;
  if (typeof cell !== "number" || !Number.isFinite(cell)) return undefined;
  const nanos = nanosOfNumericText(cell.toFixed(9));
  return nanos === undefined ? undefined : numericTextOfNanos(nanos);
}
