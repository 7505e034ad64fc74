import { readDatePart, writeExtract } from "./date-part.ts";
import { attempt, macroCall } from "./macro-call.ts";
import { readType, type SqlType } from "./sql-type.ts";
import type { Expression, Translation } from "./translation.ts";

export function readCase(t: Translation): Expression {
  const { reader } = t;
  reader.expectWord("CASE");
  const subject = reader.isWord("WHEN") ? "" : `${t.expression().sql} `;
  const branches: string[] = [];
  while (reader.acceptWord("WHEN")) {
    const condition = t.expression().sql;
    reader.expectWord("THEN");
    branches.push(`WHEN ${condition} THEN ${t.expression().sql}`);
  }
  const otherwise = reader.acceptWord("ELSE") ? ` ELSE ${t.expression().sql}` : "";
  reader.expectWord("END");
  return { sql: `(CASE ${subject}${branches.join(" ")}${otherwise} END)` };
}

export function readCast(t: Translation, mode: "strict" | "safe"): Expression {
  const { reader } = t;
  reader.take();
  reader.expectSymbol("(");
  const value = t.expression().sql;
  reader.expectWord("AS");
  const at = reader.peek();
  const type = readType(reader);
  if (type.name === "JSON") reader.refuse("Invalid cast to JSON; use PARSE_JSON or TO_JSON", at);
  if (reader.isWord("FORMAT")) reader.refuse("The emulator does not support CAST with FORMAT");
  reader.expectSymbol(")");
  if (mode === "strict") return { sql: writeCast(value, type) };
  return { sql: attempt([value], ([plain = ""]) => writeCast(plain, type)) };
}

/** Casts whose rules differ between the two languages; the rest DuckDB does alike. */
const castMacros: Readonly<Record<string, string>> = {
  INT64: "gsql_to_int64",
  BOOL: "gsql_to_bool",
  STRING: "gsql_to_string",
  BYTES: "gsql_to_bytes",
};

function writeCast(value: string, type: SqlType): string {
  const macro = value === "NULL" ? undefined : castMacros[type.name];
  return macro === undefined ? `CAST(${value} AS ${type.duckdb})` : macroCall(macro, [value]);
}

/** `EXTRACT(part FROM value [AT TIME ZONE zone])`. */
export function readExtract(t: Translation): Expression {
  const { reader } = t;
  reader.take();
  reader.expectSymbol("(");
  const part = readDatePart(reader);
  reader.expectWord("FROM");
  const value = t.expression().sql;
  const zone = reader.acceptWord("AT", "TIME", "ZONE") ? t.expression().sql : "'UTC'";
  reader.expectSymbol(")");
  return { sql: writeExtract(reader, part, macroCall("gsql_local", [value, zone])) };
}

const intervalUnits: Readonly<Record<string, (amount: string) => string>> = {
  MICROSECOND: (amount) => `to_microseconds(${amount})`,
  MILLISECOND: (amount) => `to_microseconds(${amount} * 1000)`,
  SECOND: (amount) => `to_microseconds(${amount} * 1000000)`,
  MINUTE: (amount) => `to_minutes(${amount})`,
  HOUR: (amount) => `to_hours(${amount})`,
  DAY: (amount) => `to_days(CAST(${amount} AS INTEGER))`,
  WEEK: (amount) => `to_days(CAST(${amount} * 7 AS INTEGER))`,
  MONTH: (amount) => `to_months(CAST(${amount} AS INTEGER))`,
  QUARTER: (amount) => `to_months(CAST(${amount} * 3 AS INTEGER))`,
  YEAR: (amount) => `to_months(CAST(${amount} * 12 AS INTEGER))`,
};

/** `INTERVAL n PART`. The string form (`'1-2' YEAR TO MONTH`) is refused. */
export function readInterval(t: Translation): Expression {
  const { reader } = t;
  reader.take();
  const at = reader.peek();
  const amount = t.expression();
  if (amount.literal?.kind === "string") {
    reader.refuse("The emulator does not support INTERVAL of a string; write INTERVAL n PART", at);
  }
  const unit = reader.peek();
  const write = intervalUnits[unit.text.toUpperCase()];
  if (write === undefined) {
    return reader.refuse(`The emulator does not support interval part ${unit.text}`, unit);
  }
  reader.take();
  return { sql: write(amount.sql) };
}
