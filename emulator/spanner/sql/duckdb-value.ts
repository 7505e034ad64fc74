import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from "@duckdb/node-api";
import { status } from "@grpc/grpc-js";
import { DAY_MS } from "../../../shared/core/time.ts";
import { StatusError } from "../../grpc/status-error.ts";
import type { Cell } from "../values/cell.ts";
import { nanosOfNumericText, numericTextOfNanos } from "../values/numeric.ts";
import { dateOfEpochMs, nanosOfTimestamp, timestampOfNanos } from "../values/timestamp.ts";
import type { SpannerType, TypeCode } from "../values/type.ts";

const COLUMN_TYPES: Readonly<Record<Exclude<TypeCode, "ARRAY" | "STRUCT">, string>> = {
  BOOL: "BOOLEAN",
  INT64: "BIGINT",
  FLOAT64: "DOUBLE",
  FLOAT32: "DOUBLE",
  TIMESTAMP: "TIMESTAMPTZ",
  DATE: "DATE",
  STRING: "VARCHAR",
  BYTES: "BLOB",
  NUMERIC: "DECIMAL(38,9)",
  JSON: "JSON",
};

/** The DuckDB type of the replica's column. */
export function duckdbTypeName(type: SpannerType): string {
  if (type.element !== undefined) return `${duckdbTypeName(type.element)}[]`;
  if (type.code === "ARRAY" || type.code === "STRUCT")
    throw unsupported(`a value of type ${type.code}`);
  return COLUMN_TYPES[type.code];
}

/** A cell for the replica. Times finer than a microsecond, which DuckDB would cut off, are refused. */
export function toDuckdb(type: SpannerType, cell: Cell): DuckDBValue {
  if (cell === null || typeof cell === "boolean" || typeof cell === "number") return cell;
  if (typeof cell !== "string") {
    const { element, fields = [] } = type;
    if (element !== undefined) {
      return new DuckDBListValue(cell.map((item) => toDuckdb(element, item)));
    }
    const entries = fields.map(({ name, type: of }, at) => [name, toDuckdb(of, cell[at] ?? null)]);
    return new DuckDBStructValue(Object.fromEntries(entries));
  }
  switch (type.code) {
    case "INT64":
      return BigInt(cell);
    case "NUMERIC":
      return new DuckDBDecimalValue(nanosOfNumericText(cell) ?? 0n, 38, 9);
    case "BYTES":
      return new DuckDBBlobValue(Buffer.from(cell, "base64"));
    case "DATE":
      return new DuckDBDateValue(Date.parse(`${cell}T00:00:00Z`) / DAY_MS);
    case "TIMESTAMP":
      return toTimestamp(cell);
    default:
      return cell;
  }
}

function toTimestamp(cell: string): DuckDBTimestampTZValue {
  const nanos = nanosOfTimestamp(cell);
  if (nanos % 1000n !== 0n) throw unsupported(`the timestamp ${cell}, finer than a microsecond,`);
  return new DuckDBTimestampTZValue(nanos / 1000n);
}

/** The type that a result's column has for the client. */
export function spannerTypeOf(type: DuckDBType): SpannerType {
  if (type instanceof DuckDBListType)
    return { code: "ARRAY", element: spannerTypeOf(type.valueType) };
  if (type instanceof DuckDBStructType) {
    const fields = type.entryNames.map((name, position) => ({
      name,
      type: spannerTypeOf(type.entryTypes[position] ?? type),
    }));
    return { code: "STRUCT", fields };
  }
  if (type.alias === "JSON") return { code: "JSON" };
  const code = RESULT_CODES.get(type.typeId);
  if (code === undefined) throw unsupported(`a result of DuckDB's type ${String(type)}`);
  return { code };
}

const RESULT_CODES = new Map<DuckDBTypeId, TypeCode>([
  [DuckDBTypeId.BOOLEAN, "BOOL"],
  [DuckDBTypeId.TINYINT, "INT64"],
  [DuckDBTypeId.SMALLINT, "INT64"],
  [DuckDBTypeId.INTEGER, "INT64"],
  [DuckDBTypeId.BIGINT, "INT64"],
  [DuckDBTypeId.HUGEINT, "INT64"],
  [DuckDBTypeId.FLOAT, "FLOAT64"],
  [DuckDBTypeId.DOUBLE, "FLOAT64"],
  [DuckDBTypeId.DECIMAL, "NUMERIC"],
  [DuckDBTypeId.VARCHAR, "STRING"],
  [DuckDBTypeId.BLOB, "BYTES"],
  [DuckDBTypeId.DATE, "DATE"],
  [DuckDBTypeId.TIMESTAMP_TZ, "TIMESTAMP"],
  [DuckDBTypeId.SQLNULL, "INT64"],
]);

/** A value of a result in the form in which Spanner sends it. */
export function fromDuckdb(value: DuckDBValue): Cell {
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "string") return String(value);
  if (value instanceof DuckDBDecimalValue) {
    return numericTextOfNanos(value.value * 10n ** BigInt(9 - value.scale));
  }
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString("base64");
  if (value instanceof DuckDBDateValue) return dateOfEpochMs(value.days * DAY_MS);
  if (value instanceof DuckDBTimestampTZValue)
    return timestampOfNanos(value.micros * 1000n) ?? null;
  if (value instanceof DuckDBListValue) return value.items.map(fromDuckdb);
  if (value instanceof DuckDBStructValue) return Object.values(value.entries).map(fromDuckdb);
  throw unsupported(`DuckDB's value ${String(value)}`);
}

function unsupported(what: string): StatusError {
  return new StatusError(
    status.UNIMPLEMENTED,
    `The emulator cannot hold ${what} in its SQL replica. Queries on one table do without the replica.`,
  );
}
