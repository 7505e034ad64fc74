import { quoteName } from "../sql/quoting.ts";
import { invalid } from "./api-error.ts";

/** A column or struct field as the REST API writes it. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly fields?: readonly Field[];
  readonly [other: string]: unknown;
}

const duckdbTypes: Readonly<Record<string, string>> = {
  STRING: "VARCHAR",
  BYTES: "BLOB",
  INTEGER: "BIGINT",
  INT64: "BIGINT",
  FLOAT: "DOUBLE",
  FLOAT64: "DOUBLE",
  NUMERIC: "DECIMAL(38,9)",
  BOOLEAN: "BOOLEAN",
  BOOL: "BOOLEAN",
  TIMESTAMP: "TIMESTAMPTZ",
  DATE: "DATE",
  TIME: "TIME",
  DATETIME: "TIMESTAMP",
  JSON: "JSON",
};

const canonicalTypes: Readonly<Record<string, string>> = {
  INT64: "INTEGER",
  FLOAT64: "FLOAT",
  BOOL: "BOOLEAN",
  STRUCT: "RECORD",
};

const sqlNames: Readonly<Record<string, string>> = {
  INTEGER: "INT64",
  FLOAT: "FLOAT64",
  BOOLEAN: "BOOL",
};

/** One name for each type, as the real service answers: `INTEGER` for `INT64`. */
export function canonicalType(type: string): string {
  const upper = type.toUpperCase();
  return canonicalTypes[upper] ?? upper;
}

export function canonicalField(field: Field): Field {
  const fields = field.fields?.map(canonicalField);
  const mode = field.mode?.toUpperCase() ?? "NULLABLE";
  return { ...field, type: canonicalType(field.type), mode, ...(fields && { fields }) };
}

/** A field's type as GoogleSQL writes it: `ARRAY<STRUCT<a INT64>>`. */
export function typeText(field: Field): string {
  const inner = field.fields?.map((each) => `${each.name} ${typeText(each)}`).join(", ");
  const type = canonicalType(field.type);
  const text = type === "RECORD" ? `STRUCT<${inner ?? ""}>` : (sqlNames[type] ?? type);
  return field.mode === "REPEATED" ? `ARRAY<${text}>` : text;
}

export function duckdbType(field: Field): string {
  const base = baseType(field);
  return field.mode?.toUpperCase() === "REPEATED" ? `${base}[]` : base;
}

function baseType(field: Field): string {
  const type = canonicalType(field.type);
  if (type === "RECORD") {
    const fields = field.fields?.map((inner) => `${quoteName(inner.name)} ${duckdbType(inner)}`);
    return `STRUCT(${fields?.join(", ") ?? ""})`;
  }
  const duckdb = duckdbTypes[type];
  if (duckdb === undefined) {
    throw invalid(`The emulator does not support type ${field.type} of field ${field.name}`);
  }
  return duckdb;
}
