import { readPivot, readUnpivot } from "./pivot.ts";
import { quoteName } from "./quoting.ts";
import { readAlias } from "./select.ts";
import type { Translation } from "./translation.ts";

/** The FROM clause. A comma is a cross join; UNNEST sees the tables to its left. */
export function readFrom(t: Translation): string {
  let from = readItem(t);
  for (;;) {
    const join = readJoinWord(t);
    if (join === undefined) return from;
    from = `${from} ${join} ${readItem(t)}${readJoinCondition(t, join)}`;
  }
}

function readJoinWord(t: Translation): string | undefined {
  const { reader } = t;
  if (reader.acceptSymbol(",")) return "CROSS JOIN";
  if (reader.acceptWord("CROSS", "JOIN")) return "CROSS JOIN";
  for (const side of ["LEFT", "RIGHT", "FULL"]) {
    if (reader.acceptWord(side)) {
      reader.acceptWord("OUTER");
      reader.expectWord("JOIN");
      return `${side} JOIN`;
    }
  }
  if (reader.acceptWord("INNER", "JOIN") || reader.acceptWord("JOIN")) return "JOIN";
  return undefined;
}

function readJoinCondition(t: Translation, join: string): string {
  const { reader } = t;
  if (join === "CROSS JOIN") return "";
  if (reader.acceptWord("ON")) return ` ON ${t.expression().sql}`;
  if (!reader.acceptWord("USING")) return " ON TRUE";
  reader.expectSymbol("(");
  const names = [quoteName(reader.expectName())];
  while (reader.acceptSymbol(",")) names.push(quoteName(reader.expectName()));
  reader.expectSymbol(")");
  return ` USING (${names.join(", ")})`;
}

function readItem(t: Translation): string {
  const { reader } = t;
  if (reader.isWord("UNNEST")) return readUnnest(t);
  if (!reader.isSymbol("(")) return readTable(t);
  reader.expectSymbol("(");
  if (reader.isWord("SELECT") || reader.isWord("WITH") || reader.isSymbol("(")) {
    const query = t.query();
    reader.expectSymbol(")");
    return readRangeVariable(t, `(${query})`, undefined);
  }
  const joined = readFrom(t);
  reader.expectSymbol(")");
  return `(${joined})`;
}

function readTable(t: Translation): string {
  const { reader } = t;
  const at = reader.peek();
  const path = reader.expectName("a table").split(".");
  while (reader.acceptSymbol(".") || reader.acceptSymbol("-")) {
    const isDashed = reader.peek(-1).text === "-";
    const part = reader.take().text;
    if (isDashed) path.push(`${path.pop()}-${part}`);
    else path.push(...part.split("."));
  }
  const [first = ""] = path;
  if (path.length > 1 && t.isRangeVariable(first)) {
    return writeUnnest(t, path.map(quoteName).join("."), path.at(-1));
  }
  const isCommon = path.length === 1 && t.commonTables.includes(first.toLowerCase());
  const relation = isCommon ? quoteName(first) : t.options.resolveTable(path);
  if (relation === undefined) return reader.refuse(`Table not found: ${path.join(".")}`, at);
  skipTableHint(t);
  if (reader.isWord("FOR", "SYSTEM_TIME")) {
    reader.refuse("The emulator does not support FOR SYSTEM_TIME AS OF");
  }
  return readRangeVariable(t, relation, path.at(-1));
}

/** Spanner's `@{FORCE_INDEX=...}` says how, not what. */
function skipTableHint(t: Translation): void {
  if (t.options.dialect !== "spanner" || !t.reader.acceptSymbol("@{")) return;
  while (!t.reader.acceptSymbol("}")) {
    if (t.reader.take().kind === "end") t.reader.refuse("Syntax error: Unclosed hint");
  }
}

function readRangeVariable(t: Translation, relation: string, name: string | undefined): string {
  const before = readPivoting(t, relation);
  const alias = readAlias(t) ?? (before === relation ? name : undefined);
  const after = before === relation ? readPivoting(t, relation) : before;
  if (t.reader.isWord("TABLESAMPLE")) t.reader.refuse("The emulator does not support TABLESAMPLE");
  if (alias !== undefined) t.scopes.at(-1)?.add(alias.toLowerCase());
  return `${after} AS ${quoteName(alias ?? t.freshName())}`;
}

function readPivoting(t: Translation, relation: string): string {
  if (t.reader.isWord("PIVOT") && t.reader.isSymbol("(", 1)) return readPivot(t, relation);
  if (t.reader.isWord("UNPIVOT") && t.reader.isSymbol("(", 1)) return readUnpivot(t, relation);
  return relation;
}

function readUnnest(t: Translation): string {
  const { reader } = t;
  reader.expectWord("UNNEST");
  reader.expectSymbol("(");
  const array = t.expression();
  reader.expectSymbol(")");
  if (array.shape === "structs" || array.shape === "scalars") {
    return writeUnnest(t, array.sql, undefined, array.shape);
  }
  return writeUnnest(t, array.sql, undefined);
}

/**
 * An array's elements as a relation, one column named by the alias; `WITH OFFSET` adds the index.
 * Elements known to be STRUCTs become columns, as GoogleSQL shows them to `*`.
 */
function writeUnnest(
  t: Translation,
  array: string,
  name: string | undefined,
  shape?: "structs" | "scalars",
): string {
  const { reader } = t;
  const alias = readAlias(t) ?? name ?? t.freshName();
  const relation = t.freshName();
  const hasOffset = reader.acceptWord("WITH", "OFFSET");
  if (shape === "structs" && !hasOffset) {
    t.scopes.at(-1)?.add(alias.toLowerCase());
    return `(SELECT UNNEST(${array}, max_depth := 2)) AS ${quoteName(alias)}`;
  }
  t.scopes.at(-1)?.add(alias.toLowerCase());
  if (shape !== "scalars") t.hasOpaqueUnnest = true;
  const columns = [`UNNEST(${array}) AS ${quoteName(alias)}`];
  if (hasOffset) {
    const offset = quoteName(readAlias(t) ?? "offset");
    columns.push(`(GENERATE_SUBSCRIPTS(${array}, 1) - 1) AS ${offset}`);
  }
  return `LATERAL (SELECT ${columns.join(", ")}) AS ${relation}`;
}
