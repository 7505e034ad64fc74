/**
 * GoogleSQL expressions, read by precedence climbing and written as DuckDB SQL in one pass. Every
 * operation is written in parentheses, so DuckDB's own precedence never matters.
 */
import { macroCall } from "./macro-call.ts";
import { readPrimary } from "./primary.ts";
import { quoteName } from "./quoting.ts";
import type { Expression, Translation } from "./translation.ts";

interface BinaryOperator {
  readonly level: number;
  readonly write: (left: string, right: string) => string;
}

const infix = (operator: string) => (left: string, right: string) =>
  `(${left} ${operator} ${right})`;
const macro = (name: string) => (left: string, right: string) => macroCall(name, [left, right]);

const comparisonLevel = 2;
const binaryOperators: Readonly<Record<string, BinaryOperator>> = {
  "=": { level: comparisonLevel, write: infix("=") },
  "!=": { level: comparisonLevel, write: infix("<>") },
  "<>": { level: comparisonLevel, write: infix("<>") },
  "<": { level: comparisonLevel, write: infix("<") },
  "<=": { level: comparisonLevel, write: infix("<=") },
  ">": { level: comparisonLevel, write: infix(">") },
  ">=": { level: comparisonLevel, write: infix(">=") },
  "|": { level: 3, write: infix("|") },
  "^": { level: 4, write: macro("xor") },
  "&": { level: 5, write: infix("&") },
  "<<": { level: 6, write: macro("gsql_shift_left") },
  ">>": { level: 6, write: macro("gsql_shift_right") },
  "+": { level: 7, write: macro("gsql_add") },
  "-": { level: 7, write: macro("gsql_subtract") },
  "*": { level: 8, write: macro("gsql_multiply") },
  "/": { level: 8, write: macro("gsql_divide") },
  "||": { level: 8, write: infix("||") },
};

export function readExpression(t: Translation): Expression {
  let left = readConjunction(t);
  while (t.reader.acceptWord("OR")) left = { sql: `(${left.sql} OR ${readConjunction(t).sql})` };
  return left;
}

function readConjunction(t: Translation): Expression {
  let left = readNegation(t);
  while (t.reader.acceptWord("AND")) left = { sql: `(${left.sql} AND ${readNegation(t).sql})` };
  return left;
}

function readNegation(t: Translation): Expression {
  if (!t.reader.acceptWord("NOT")) return readBinary(t, comparisonLevel);
  return { sql: `(NOT ${readNegation(t).sql})` };
}

function readBinary(t: Translation, level: number): Expression {
  if (level > 8) return readUnary(t);
  let left = readBinary(t, level + 1);
  for (;;) {
    const next = t.reader.peek();
    const operator = next.kind === "symbol" ? binaryOperators[next.text] : undefined;
    if (operator?.level === level) {
      t.reader.take();
      left = { sql: operator.write(left.sql, readBinary(t, level + 1).sql) };
    } else {
      const predicate = level === comparisonLevel ? readPredicate(t, left.sql) : undefined;
      if (predicate === undefined) return left;
      left = { sql: predicate };
    }
  }
}

/** IS, IN, LIKE and BETWEEN after their left side; undefined where none follows. */
function readPredicate(t: Translation, left: string): string | undefined {
  const { reader } = t;
  if (reader.acceptWord("IS")) return readIs(t, left);
  const isNegated =
    (reader.isWord("NOT", "IN") ||
      reader.isWord("NOT", "LIKE") ||
      reader.isWord("NOT", "BETWEEN")) &&
    reader.acceptWord("NOT");
  const predicate = readTest(t, left);
  return isNegated && predicate !== undefined ? `(NOT ${predicate})` : predicate;
}

function readTest(t: Translation, left: string): string | undefined {
  const { reader } = t;
  if (reader.acceptWord("IN")) return readIn(t, left);
  if (reader.acceptWord("LIKE")) {
    if (reader.isWord("ANY") || reader.isWord("ALL") || reader.isWord("SOME")) {
      return reader.refuse("The emulator does not support quantified LIKE");
    }
    return `(${left} LIKE ${readBinary(t, comparisonLevel + 1).sql} ESCAPE '\\')`;
  }
  if (!reader.acceptWord("BETWEEN")) return undefined;
  const low = readBinary(t, comparisonLevel + 1).sql;
  reader.expectWord("AND");
  return `(${left} BETWEEN ${low} AND ${readBinary(t, comparisonLevel + 1).sql})`;
}

function readIs(t: Translation, left: string): string {
  const not = t.reader.acceptWord("NOT") ? "NOT " : "";
  if (t.reader.acceptWord("DISTINCT")) {
    t.reader.expectWord("FROM");
    return `(${left} IS ${not}DISTINCT FROM ${readBinary(t, comparisonLevel + 1).sql})`;
  }
  for (const word of ["NULL", "TRUE", "FALSE"]) {
    if (t.reader.acceptWord(word)) {
      const test = word === "NULL" ? "IS NULL" : `IS NOT DISTINCT FROM ${word}`;
      return not === "" ? `(${left} ${test})` : `(NOT (${left} ${test}))`;
    }
  }
  return t.reader.refuse("Syntax error: Expected NULL, TRUE, FALSE or DISTINCT FROM after IS");
}

function readIn(t: Translation, left: string): string {
  const { reader } = t;
  if (reader.acceptWord("UNNEST")) {
    reader.expectSymbol("(");
    const array = t.expressionToClose();
    return `(${left} IN (SELECT UNNEST(${array})))`;
  }
  reader.expectSymbol("(");
  if (reader.isWord("SELECT") || reader.isWord("WITH")) {
    const query = t.query();
    reader.expectSymbol(")");
    return `(${left} IN (${query}))`;
  }
  const items = t.expressions();
  reader.expectSymbol(")");
  return `(${left} IN (${items.map((item) => item.sql).join(", ")}))`;
}

function readUnary(t: Translation): Expression {
  const { reader } = t;
  if (reader.isSymbol("-") && /^(integer|float)$/.test(reader.peek(1).kind)) {
    reader.take();
    return readPostfix(t, readPrimary(t, "-"));
  }
  if (reader.acceptSymbol("-")) return { sql: `(- ${readUnary(t).sql})` };
  if (reader.acceptSymbol("+")) return readUnary(t);
  if (reader.acceptSymbol("~")) return { sql: `(~ ${readUnary(t).sql})` };
  return readPostfix(t, readPrimary(t, ""));
}

/** Field access and array elements: `.name`, `[OFFSET(i)]`, `[i]`. */
function readPostfix(t: Translation, base: Expression): Expression {
  let left = base;
  for (;;) {
    if (t.reader.isSymbol(".") && !t.reader.isSymbol("*", 1)) {
      t.reader.take();
      const name = t.reader.take().text;
      left = { sql: `(${left.sql}).${quoteName(name)}`, name };
    } else if (t.reader.acceptSymbol("[")) {
      left = { sql: readElement(t, left.sql) };
    } else {
      return left;
    }
  }
}

const elementForms: Readonly<Record<string, string>> = {
  OFFSET: "gsql_offset",
  SAFE_OFFSET: "gsql_safe_offset",
  ORDINAL: "gsql_ordinal",
  SAFE_ORDINAL: "gsql_safe_ordinal",
};

function readElement(t: Translation, array: string): string {
  const { reader } = t;
  const form = reader.isSymbol("(", 1) ? elementForms[reader.peek().text.toUpperCase()] : undefined;
  if (form !== undefined) {
    reader.take();
    reader.take();
  } else if (reader.peek().kind === "string") {
    reader.refuse("The emulator does not support JSON subscripts; use JSON_QUERY or JSON_VALUE");
  }
  const index = readExpression(t).sql;
  if (form !== undefined) reader.expectSymbol(")");
  reader.expectSymbol("]");
  return macroCall(form ?? "gsql_offset", [array, index]);
}
