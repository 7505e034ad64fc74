import type { DuckDBValue } from "@duckdb/node-api";
import { readCell } from "./cell.ts";
import type { Field } from "./schema.ts";

/** A JSON row in column order. Throws a TypeError that names the field at fault. */
export function readJsonRow(
  schema: readonly Field[],
  json: Readonly<Record<string, unknown>>,
  ignoresUnknown: boolean,
): DuckDBValue[] {
  const known = new Set(schema.map((field) => field.name.toLowerCase()));
  const unknown = Object.keys(json).find((name) => !known.has(name.toLowerCase()));
  if (unknown !== undefined && !ignoresUnknown) throw new TypeError(`no such field: ${unknown}.`);
  const values = new Map(Object.entries(json).map(([name, value]) => [name.toLowerCase(), value]));
  return schema.map((field) => {
    const value = values.get(field.name.toLowerCase());
    if (field.mode === "REQUIRED" && (value === null || value === undefined)) {
      throw new TypeError(`Missing required field: ${field.name}.`);
    }
    return readCell(field, value);
  });
}
