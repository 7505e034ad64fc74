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
import type { Field } from "./schema.ts";

export type TimestampFormat = "seconds" | "micros" | "iso";

const typeNames: ReadonlyMap<DuckDBTypeId, string> = new Map([
  [DuckDBTypeId.BOOLEAN, "BOOLEAN"],
  [DuckDBTypeId.TINYINT, "INTEGER"],
  [DuckDBTypeId.SMALLINT, "INTEGER"],
  [DuckDBTypeId.INTEGER, "INTEGER"],
  [DuckDBTypeId.BIGINT, "INTEGER"],
  [DuckDBTypeId.HUGEINT, "INTEGER"],
  [DuckDBTypeId.UTINYINT, "INTEGER"],
  [DuckDBTypeId.USMALLINT, "INTEGER"],
  [DuckDBTypeId.UINTEGER, "INTEGER"],
  [DuckDBTypeId.SQLNULL, "INTEGER"],
  [DuckDBTypeId.DOUBLE, "FLOAT"],
  [DuckDBTypeId.FLOAT, "FLOAT"],
  [DuckDBTypeId.DECIMAL, "NUMERIC"],
  [DuckDBTypeId.VARCHAR, "STRING"],
  [DuckDBTypeId.BLOB, "BYTES"],
  [DuckDBTypeId.DATE, "DATE"],
  [DuckDBTypeId.TIME, "TIME"],
  [DuckDBTypeId.TIMESTAMP, "DATETIME"],
  [DuckDBTypeId.TIMESTAMP_S, "DATETIME"],
  [DuckDBTypeId.TIMESTAMP_MS, "DATETIME"],
  [DuckDBTypeId.TIMESTAMP_NS, "DATETIME"],
  [DuckDBTypeId.TIMESTAMP_TZ, "TIMESTAMP"],
  [DuckDBTypeId.INTERVAL, "INTERVAL"],
]);

/** The schema field of a result column. */
export function resultField(name: string, type: DuckDBType): Field {
  if (type instanceof DuckDBListType) {
    return { ...resultField(name, type.valueType), mode: "REPEATED" };
  }
  if (type instanceof DuckDBStructType) {
    const fields = type.entryNames.map((entry, index) =>
      resultField(entry, type.entryTypes[index] ?? type),
    );
    return { name, type: "RECORD", mode: "NULLABLE", fields };
  }
  const isJson = type.alias === "JSON";
  return {
    name,
    type: isJson ? "JSON" : (typeNames.get(type.typeId) ?? "STRING"),
    mode: "NULLABLE",
  };
}

export interface RestRow {
  readonly f: readonly { readonly v: RestValue }[];
}
export type RestValue = string | null | RestRow | readonly { readonly v: RestValue }[];

export function restRow(
  values: readonly DuckDBValue[],
  schema: readonly Field[],
  format: TimestampFormat,
): RestRow {
  return {
    f: schema.map((field, index) => ({ v: restValue(values[index] ?? null, field, format) })),
  };
}

/** A value as REST answers carry it: texts, nested rows, and lists. A NULL array is an empty one. */
function restValue(value: DuckDBValue, field: Field, format: TimestampFormat): RestValue {
  if (field.mode === "REPEATED") {
    const items = value instanceof DuckDBListValue ? value.items : [];
    const single = { ...field, mode: "NULLABLE" };
    return items.map((item) => ({ v: restValue(item, single, format) }));
  }
  if (value === null) return null;
  if (value instanceof DuckDBStructValue)
    return restRow(Object.values(value.entries), field.fields ?? [], format);
  if (value instanceof DuckDBTimestampTZValue) return timestampText(value.micros, format);
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString("base64");
  if (value instanceof DuckDBDecimalValue) return numericText(value);
  if (value instanceof DuckDBDateValue) return value.toString();
  if (field.type === "DATETIME") return String(value).replace(" ", "T");
  return String(value);
}

function timestampText(micros: bigint, format: TimestampFormat): string {
  if (format === "micros") return String(micros);
  if (format === "seconds") return String(Number(micros) / 1_000_000);
  const ms = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n);
  const rest = String(micros - ms * 1000n).padStart(3, "0");
  return new Date(Number(ms)).toISOString().replace("Z", `${rest}Z`);
}

/** At most nine decimals, rounded half away from zero, without trailing zeros. */
export function numericText(decimal: DuckDBDecimalValue): string {
  const excess = 10n ** BigInt(Math.max(0, decimal.scale - 9));
  const scale = Math.min(decimal.scale, 9);
  const isNegative = decimal.value < 0n;
  const magnitude = isNegative ? -decimal.value : decimal.value;
  const rounded = (magnitude + excess / 2n) / excess;
  const digits = String(rounded).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  const text = fraction === "" ? whole : `${whole}.${fraction}`;
  return isNegative && rounded !== 0n ? `-${text}` : text;
}
