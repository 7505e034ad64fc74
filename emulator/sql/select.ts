import { readWindowSpecification } from "./ordering.ts";
import { quoteName } from "./quoting.ts";
import type { Expression, Translation } from "./translation.ts";

interface SelectItem {
  readonly sql: string;
  /** The column's name; undefined for a star. */
  readonly name: string | undefined;
  readonly hasAlias: boolean;
}

/** One SELECT block. The select list is read before FROM, as it stands; DuckDB binds the names. */
export function readSelect(t: Translation, readFrom: (t: Translation) => string): string {
  const { reader } = t;
  reader.expectWord("SELECT");
  const distinct = reader.acceptWord("DISTINCT") ? "DISTINCT " : "";
  if (distinct === "") reader.acceptWord("ALL");
  const form = readSelectForm(t);
  t.scopes.push(new Set());
  const starAt = reader.peek();
  const items = readItems(t);
  const from = reader.acceptWord("FROM") ? ` FROM ${readFrom(t)}` : "";
  if (t.hasOpaqueUnnest && items.some((item) => item.sql.startsWith("*"))) {
    const sentence =
      "The emulator cannot expand * over UNNEST of an array it knows no element type of";
    reader.refuse(`${sentence}; name the columns`, starAt);
  }
  t.hasOpaqueUnnest = false;
  const clauses = readClauses(t, items);
  t.scopes.pop();
  return `SELECT ${distinct}${writeItems(t, items, form)}${from}${clauses}`;
}

function readSelectForm(t: Translation): "columns" | "struct" | "value" {
  if (t.reader.acceptWord("AS", "STRUCT")) return "struct";
  return t.reader.acceptWord("AS", "VALUE") ? "value" : "columns";
}

function readItems(t: Translation): SelectItem[] {
  const items: SelectItem[] = [];
  do {
    if (items.length > 0 && t.reader.isWord("FROM")) break;
    items.push(readItem(t));
  } while (t.reader.acceptSymbol(","));
  return items;
}

function readItem(t: Translation): SelectItem {
  const { reader } = t;
  if (reader.acceptSymbol("*")) return star("*", readStarChanges(t));
  const expression = t.expression();
  if (reader.isSymbol(".") && reader.isSymbol("*", 1)) {
    if (!/^"[^"]*"(?:\."[^"]*")*$/.test(expression.sql)) {
      reader.refuse("The emulator expands .* of tables and columns only");
    }
    reader.take();
    reader.take();
    return star(`${expression.sql}.*`, readStarChanges(t));
  }
  const alias = readAlias(t);
  const name = alias ?? expression.name;
  return { sql: expression.sql, name, hasAlias: alias !== undefined };
}

function star(sql: string, changes: string): SelectItem {
  return { sql: `${sql}${changes}`, name: undefined, hasAlias: true };
}

function readStarChanges(t: Translation): string {
  const { reader } = t;
  let changes = "";
  if (reader.acceptWord("EXCEPT")) {
    reader.expectSymbol("(");
    const names = [quoteName(reader.expectName())];
    while (reader.acceptSymbol(",")) names.push(quoteName(reader.expectName()));
    reader.expectSymbol(")");
    changes += ` EXCLUDE (${names.join(", ")})`;
  }
  if (!reader.acceptWord("REPLACE")) return changes;
  reader.expectSymbol("(");
  const replacements: string[] = [];
  do {
    const { sql } = t.expression();
    reader.expectWord("AS");
    replacements.push(`${sql} AS ${quoteName(reader.expectName())}`);
  } while (reader.acceptSymbol(","));
  reader.expectSymbol(")");
  return `${changes} REPLACE (${replacements.join(", ")})`;
}

/** An alias, with or without AS. */
export function readAlias(t: Translation): string | undefined {
  if (t.reader.acceptWord("AS")) return t.reader.expectName("an alias");
  return t.reader.isName() ? t.reader.take().text : undefined;
}

function writeItems(
  t: Translation,
  items: readonly SelectItem[],
  form: "columns" | "struct" | "value",
): string {
  if (form === "value") return items.map((item) => item.sql).join(", ");
  if (form === "struct") return writeStruct(t, items);
  let anonymous = 0;
  const columns = items.map((item) => {
    if (item.name === undefined && item.hasAlias) return item.sql;
    const name = item.name ?? anonymousName(t, anonymous++);
    return `${item.sql} AS ${quoteName(name)}`;
  });
  return columns.join(", ");
}

/** BigQuery calls unnamed columns `f0_`, `f1_`, ...; Spanner leaves them empty, which DuckDB cannot. */
function anonymousName(t: Translation, index: number): string {
  return t.options.dialect === "bigquery" ? `f${index}_` : `$col${index}`;
}

function writeStruct(t: Translation, items: readonly SelectItem[]): string {
  const fields = items.map((item) => {
    if (item.name === undefined) {
      t.reader.refuse(
        "The emulator needs named columns in SELECT AS STRUCT, not * or unnamed ones",
      );
    }
    return `${quoteName(item.name)} := ${item.sql}`;
  });
  return `struct_pack(${fields.join(", ")})`;
}

function readClauses(t: Translation, items: readonly SelectItem[]): string {
  const { reader } = t;
  let clauses = reader.acceptWord("WHERE") ? ` WHERE ${t.expression().sql}` : "";
  if (reader.acceptWord("GROUP", "BY")) clauses += ` GROUP BY ${readGrouping(t, items)}`;
  if (reader.acceptWord("HAVING")) clauses += ` HAVING ${t.expression().sql}`;
  if (reader.acceptWord("QUALIFY")) clauses += ` QUALIFY ${t.expression().sql}`;
  if (!reader.acceptWord("WINDOW")) return clauses;
  const windows: string[] = [];
  do {
    const name = quoteName(reader.expectName());
    reader.expectWord("AS");
    windows.push(`${name} AS ${readWindowSpecification(t)}`);
  } while (reader.acceptSymbol(","));
  return `${clauses} WINDOW ${windows.join(", ")}`;
}

function readGrouping(t: Translation, items: readonly SelectItem[]): string {
  const { reader } = t;
  if (reader.acceptWord("ALL")) return "ALL";
  if (reader.acceptWord("GROUPING", "SETS")) return readGroupingSets(t, items);
  for (const word of ["ROLLUP", "CUBE"]) {
    if (reader.acceptWord(word)) {
      reader.expectSymbol("(");
      const keys = readGroupingKeys(t, items);
      reader.expectSymbol(")");
      return `${word} (${keys})`;
    }
  }
  return readGroupingKeys(t, items);
}

/** `GROUPING SETS (a, (a, b), ())`: each set of keys by itself. */
function readGroupingSets(t: Translation, items: readonly SelectItem[]): string {
  const { reader } = t;
  const sets: string[] = [];
  reader.expectSymbol("(");
  do {
    if (reader.isWord("ROLLUP") || reader.isWord("CUBE")) {
      reader.refuse("The emulator does not support ROLLUP or CUBE within GROUPING SETS");
    }
    if (!reader.acceptSymbol("(")) sets.push(groupingKey(t.expression(), items));
    else if (reader.acceptSymbol(")")) sets.push("()");
    else {
      sets.push(`(${readGroupingKeys(t, items)})`);
      reader.expectSymbol(")");
    }
  } while (reader.acceptSymbol(","));
  reader.expectSymbol(")");
  return `GROUPING SETS (${sets.join(", ")})`;
}

function readGroupingKeys(t: Translation, items: readonly SelectItem[]): string {
  return t
    .expressions()
    .map((key) => groupingKey(key, items))
    .join(", ");
}

/** A position, or an alias of the select list, which GoogleSQL prefers to a column of that name. */
function groupingKey(key: Expression, items: readonly SelectItem[]): string {
  if (key.literal?.kind === "integer") {
    return items[Number(key.literal.text) - 1]?.sql ?? key.literal.text;
  }
  const aliased = items.find(
    (item) => item.hasAlias && item.name !== undefined && quoteName(item.name) === key.sql,
  );
  return aliased?.sql ?? key.sql;
}
