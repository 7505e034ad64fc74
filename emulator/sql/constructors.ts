import { quoteName } from "./quoting.ts";
import { readType } from "./sql-type.ts";
import type { Expression, Translation } from "./translation.ts";

/** `[a, b]`, `ARRAY[a, b]`, `ARRAY<T>[a, b]` and `ARRAY(SELECT ...)`. */
export function readArray(t: Translation): Expression {
  const { reader } = t;
  const type = readTypeBefore(t, "[");
  if (type === "" && reader.acceptWord("ARRAY") && reader.acceptSymbol("(")) {
    const query = t.query();
    reader.expectSymbol(")");
    return { sql: `ARRAY(${query})` };
  }
  reader.expectSymbol("[");
  const items = reader.isSymbol("]") ? [] : t.expressions();
  reader.expectSymbol("]");
  const list = `[${items.map((item) => item.sql).join(", ")}]`;
  const shape = items[0]?.shape === "struct" ? "structs" : "scalars";
  const isKnown = items.every((item) => item.shape !== undefined || item.literal !== undefined);
  return {
    sql: type === "" ? list : `CAST(${list} AS ${type})`,
    ...(isKnown && items.length > 0 ? { shape } : {}),
  };
}

/** DuckDB's type of `ARRAY<...>` or `STRUCT<...>` ahead; empty where the word stands alone. */
function readTypeBefore(t: Translation, opening: string): string {
  if (!t.reader.isSymbol("<", 1)) return "";
  const { duckdb } = readType(t.reader);
  if (!t.reader.isSymbol(opening)) t.reader.expectSymbol(opening);
  return duckdb;
}

/** `STRUCT(1 AS a, t.b)` and `STRUCT<a INT64, b STRING>(1, 'x')`. Fields need names here. */
export function readStruct(t: Translation): Expression {
  const { reader } = t;
  const type = readTypeBefore(t, "(");
  if (type === "") reader.take();
  reader.expectSymbol("(");
  const fields: { name: string | undefined; sql: string }[] = [];
  while (!reader.isSymbol(")")) {
    const value = t.expression();
    const isNamed = type === "" && reader.acceptWord("AS");
    fields.push({ sql: value.sql, name: isNamed ? reader.expectName("a field name") : value.name });
    if (!reader.acceptSymbol(",")) break;
  }
  reader.expectSymbol(")");
  const list = fields.map((field) => field.sql).join(", ");
  if (type !== "") return { sql: `CAST(ROW(${list}) AS ${type})`, shape: "struct" };
  return { sql: writeUntypedStruct(t, fields), shape: "struct" };
}

/** All fields named, or none: `STRUCT(2, 'y')` takes its names from the array's first element. */
function writeUntypedStruct(
  t: Translation,
  fields: readonly { name: string | undefined; sql: string }[],
): string {
  const named = fields.filter((field) => field.name !== undefined);
  if (named.length === 0) return `ROW(${fields.map((field) => field.sql).join(", ")})`;
  if (named.length < fields.length) {
    t.reader.refuse("The emulator does not support a STRUCT of which only some fields have names");
  }
  const pairs = fields.map((field) => `${quoteName(field.name ?? "")} := ${field.sql}`);
  return `struct_pack(${pairs.join(", ")})`;
}
