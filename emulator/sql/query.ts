import { readFrom } from "./from-clause.ts";
import { readOrderItems } from "./ordering.ts";
import { quoteName } from "./quoting.ts";
import { readSelect } from "./select.ts";
import type { Translation } from "./translation.ts";

/** A query expression: WITH, set operations, ORDER BY, LIMIT. */
export function readQuery(t: Translation): string {
  const { reader } = t;
  const known = t.commonTables.length;
  const common = reader.acceptWord("WITH") ? `${readCommonTables(t)} ` : "";
  let query = readQueryTerm(t);
  let operator: string | undefined;
  for (let next = readSetOperator(t); next !== undefined; next = readSetOperator(t)) {
    if (operator !== undefined && operator !== next) {
      reader.refuse("Syntax error: Different set operations cannot be mixed without parentheses");
    }
    operator = next;
    query = `${query} ${operator} ${readQueryTerm(t)}`;
  }
  const tail = readTail(t);
  t.commonTables.length = known;
  return `${common}${query}${tail}`;
}

function readCommonTables(t: Translation): string {
  const { reader } = t;
  const recursive = reader.acceptWord("RECURSIVE") ? "RECURSIVE " : "";
  const tables: string[] = [];
  do {
    const name = reader.expectName("a name for the common table");
    if (recursive !== "") t.commonTables.push(name.toLowerCase());
    reader.expectWord("AS");
    reader.expectSymbol("(");
    tables.push(`${quoteName(name)} AS (${t.query()})`);
    reader.expectSymbol(")");
    t.commonTables.push(name.toLowerCase());
  } while (reader.acceptSymbol(","));
  return `WITH ${recursive}${tables.join(", ")}`;
}

function readSetOperator(t: Translation): string | undefined {
  const { reader } = t;
  if (reader.acceptWord("UNION", "ALL")) return "UNION ALL";
  for (const word of ["UNION", "INTERSECT", "EXCEPT"]) {
    if (reader.acceptWord(word)) {
      reader.expectWord("DISTINCT");
      return word;
    }
  }
  return undefined;
}

function readQueryTerm(t: Translation): string {
  if (!t.reader.acceptSymbol("(")) return readSelect(t, readFrom);
  const query = t.query();
  t.reader.expectSymbol(")");
  return `(${query})`;
}

function readTail(t: Translation): string {
  const { reader } = t;
  let tail = reader.acceptWord("ORDER", "BY") ? ` ORDER BY ${readOrderItems(t)}` : "";
  if (!reader.acceptWord("LIMIT")) return tail;
  tail += ` LIMIT ${readCount(t)}`;
  return reader.acceptWord("OFFSET") ? `${tail} OFFSET ${readCount(t)}` : tail;
}

function readCount(t: Translation): string {
  const { reader } = t;
  if (reader.peek().kind === "parameter") return t.parameter(reader.take().text);
  return reader.expectInteger("an integer literal or parameter");
}
