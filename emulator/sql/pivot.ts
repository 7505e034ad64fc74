import { quoteName } from "./quoting.ts";
import { readAlias } from "./select.ts";
import type { Translation } from "./translation.ts";

/**
 * `PIVOT(SUM(x) AS s FOR y IN ('a', 'b' AS bee))` as one filtered aggregate for each value, grouped
 * by the columns that neither the aggregates nor FOR name.
 */
export function readPivot(t: Translation, relation: string): string {
  const { reader } = t;
  reader.expectWord("PIVOT");
  reader.expectSymbol("(");
  const marker = t.freshName();
  const columns = new Set<string>();
  t.pivot = { columns, filter: marker };
  const aggregates: { sql: string; alias: string | undefined }[] = [];
  do aggregates.push({ sql: t.expression().sql, alias: readAlias(t) });
  while (reader.acceptSymbol(","));
  reader.expectWord("FOR");
  const subject = reader.expectName();
  columns.add(subject);
  t.pivot = undefined;
  reader.expectWord("IN");
  reader.expectSymbol("(");
  const values = readPivotValues(t);
  reader.expectSymbol(")");
  reader.expectSymbol(")");
  const pivoted = values.flatMap((value) =>
    aggregates.map(({ sql, alias }) => {
      const filter = `${quoteName(subject)} IS NOT DISTINCT FROM ${value.sql}`;
      const name = alias === undefined ? value.name : `${alias}_${value.name}`;
      return `${sql.replaceAll(marker, filter)} AS ${quoteName(name)}`;
    }),
  );
  const excluded = [...columns].map(quoteName).join(", ");
  return `(SELECT * EXCLUDE (${excluded}), ${pivoted.join(", ")} FROM ${relation} GROUP BY ALL)`;
}

function readPivotValues(t: Translation): { sql: string; name: string }[] {
  const values: { sql: string; name: string }[] = [];
  do {
    const at = t.reader.peek();
    const value = t.expression();
    const name = readAlias(t) ?? literalName(value.literal);
    if (name === undefined) t.reader.refuse("The emulator needs AS on this PIVOT value", at);
    values.push({ sql: value.sql, name });
  } while (t.reader.acceptSymbol(","));
  return values;
}

/** BigQuery's column name for a pivoted literal: a string as it is, a number behind `_`. */
function literalName(literal: { kind: string; text: string } | undefined): string | undefined {
  if (literal?.kind === "string" && /^[A-Za-z_]\w*$/.test(literal.text)) return literal.text;
  return literal?.kind === "integer" ? `_${literal.text.replace("-", "minus_")}` : undefined;
}

/** `UNPIVOT(value FOR name IN (a, b AS 'bee'))`; rows of a NULL value are left out. */
export function readUnpivot(t: Translation, relation: string): string {
  const { reader } = t;
  reader.expectWord("UNPIVOT");
  reader.expectSymbol("(");
  const value = quoteName(reader.expectName());
  reader.expectWord("FOR");
  const name = quoteName(reader.expectName());
  reader.expectWord("IN");
  reader.expectSymbol("(");
  const columns: string[] = [];
  const labels: string[] = [];
  do {
    const column = reader.expectName();
    columns.push(quoteName(column));
    const label = reader.acceptWord("AS") ? reader.expectString("a string") : column;
    labels.push(`'${label.replaceAll("'", "''")}'`);
  } while (reader.acceptSymbol(","));
  reader.expectSymbol(")");
  reader.expectSymbol(")");
  const list = columns.join(", ");
  const pairs = `UNNEST([${list}]) AS ${value}, UNNEST([${labels.join(", ")}]) AS ${name}`;
  const wide = `SELECT * EXCLUDE (${list}), ${pairs} FROM ${relation}`;
  return `(SELECT * FROM (${wide}) WHERE ${value} IS NOT NULL)`;
}
