import { quoteName } from "./quoting.ts";
import type { TokenReader } from "./token-reader.ts";

/** The DuckDB type that carries each GoogleSQL scalar type. NUMERIC's scale is exactly 9. */
const scalarTypes: Readonly<Record<string, string>> = {
  INT64: "BIGINT",
  INT: "BIGINT",
  INTEGER: "BIGINT",
  BIGINT: "BIGINT",
  SMALLINT: "BIGINT",
  FLOAT64: "DOUBLE",
  NUMERIC: "DECIMAL(38,9)",
  DECIMAL: "DECIMAL(38,9)",
  BOOL: "BOOLEAN",
  BOOLEAN: "BOOLEAN",
  STRING: "VARCHAR",
  BYTES: "BLOB",
  DATE: "DATE",
  TIME: "TIME",
  DATETIME: "TIMESTAMP",
  TIMESTAMP: "TIMESTAMPTZ",
  JSON: "JSON",
};

/** A type as GoogleSQL names it (`INT64`, `ARRAY`, ...) and as DuckDB spells it. */
export interface SqlType {
  readonly name: string;
  readonly duckdb: string;
}

const canonicalNames: Readonly<Record<string, string>> = {
  INT: "INT64",
  INTEGER: "INT64",
  BIGINT: "INT64",
  SMALLINT: "INT64",
  DECIMAL: "NUMERIC",
  BOOLEAN: "BOOL",
};

/** Reads a type, e.g. `ARRAY<STRUCT<a INT64, b STRING(10)>>`. Refuses types DuckDB has no equal of. */
export function readType(reader: TokenReader): SqlType {
  const token = reader.take();
  const name = token.text.toUpperCase();
  if (name === "ARRAY") return { name, duckdb: readArrayType(reader) };
  if (name === "STRUCT") return { name, duckdb: readStructType(reader) };
  const duckdb = scalarTypes[name];
  if (token.kind !== "word" || duckdb === undefined) {
    return reader.refuse(`The emulator does not support type ${token.text}`, token);
  }
  if (reader.acceptSymbol("(")) {
    while (!reader.acceptSymbol(")")) reader.take();
  }
  return { name: canonicalNames[name] ?? name, duckdb };
}

function readArrayType(reader: TokenReader): string {
  reader.expectSymbol("<");
  const element = readType(reader);
  reader.expectClosingAngle();
  return `${element.duckdb}[]`;
}

function readStructType(reader: TokenReader): string {
  reader.expectSymbol("<");
  const fields: string[] = [];
  while (!reader.isSymbol(">") && !reader.isSymbol(">>")) {
    const name = reader.expectName("a field name");
    fields.push(`${quoteName(name)} ${readType(reader).duckdb}`);
    if (!reader.acceptSymbol(",")) break;
  }
  reader.expectClosingAngle();
  return `STRUCT(${fields.join(", ")})`;
}
