import { readCall } from "./call.ts";
import { readArray, readStruct } from "./constructors.ts";
import type { Token } from "./lexer.ts";
import { quoteName, quoteText } from "./quoting.ts";
import { readCase, readCast, readExtract, readInterval } from "./special-forms.ts";
import type { Expression, Translation } from "./translation.ts";

/** An operand: literal, parameter, column path, call, constructor, subquery or parenthesis. */
export function readPrimary(t: Translation, sign: "" | "-"): Expression {
  const { reader } = t;
  const token = reader.peek();
  if (token.kind === "integer" || token.kind === "float") return numberLiteral(t, sign);
  if (token.kind === "string") {
    reader.take();
    return { sql: quoteText(token.text), literal: { kind: "string", text: token.text } };
  }
  if (token.kind === "bytes") return { sql: bytesLiteral(reader.take().text) };
  if (token.kind === "parameter") return { sql: t.parameter(reader.take().text) };
  if (reader.isSymbol("(")) return readParenthesis(t);
  if (reader.isSymbol("[")) return readArray(t);
  if (token.kind === "word") {
    const form = wordForms[token.text.toUpperCase()];
    const expression = form?.(t, token);
    if (expression !== undefined) return expression;
  }
  if (isCall(t)) return readCall(t);
  if (!reader.isName()) reader.refuse(`Syntax error: Unexpected ${describe(token)}`);
  return readPath(t);
}

function describe(token: Token): string {
  return token.kind === "end" ? "end of input" : `"${token.text}"`;
}

/** Forms that a word opens. One that returns undefined leaves the word to be read as a name. */
const wordForms: Readonly<
  Record<string, (t: Translation, token: Token) => Expression | undefined>
> = {
  TRUE: constant("TRUE"),
  FALSE: constant("FALSE"),
  NULL: (t) => {
    t.reader.take();
    return { sql: "NULL", literal: { kind: "null", text: "NULL" } };
  },
  CASE: readCase,
  CAST: (t) => readCast(t, "strict"),
  SAFE_CAST: (t) => readCast(t, "safe"),
  EXTRACT: readExtract,
  INTERVAL: readInterval,
  ARRAY: readArray,
  STRUCT: readStruct,
  EXISTS: readExists,
  DATE: typedLiteral("DATE"),
  TIMESTAMP: typedLiteral("TIMESTAMPTZ"),
  DATETIME: typedLiteral("TIMESTAMP"),
  TIME: typedLiteral("TIME"),
  NUMERIC: typedLiteral("DECIMAL(38,9)"),
  JSON: typedLiteral("JSON"),
};

function constant(sql: string): (t: Translation) => Expression {
  return (t) => {
    t.reader.take();
    return { sql };
  };
}

/** `DATE '2026-01-01'` and its like; without a string after it the word is a name or a call. */
function typedLiteral(type: string): (t: Translation) => Expression | undefined {
  return (t) => {
    if (t.reader.peek(1).kind !== "string") return undefined;
    t.reader.take();
    return { sql: `CAST(${quoteText(t.reader.take().text)} AS ${type})` };
  };
}

function readExists(t: Translation): Expression {
  t.reader.take();
  t.reader.expectSymbol("(");
  const query = t.query();
  t.reader.expectSymbol(")");
  return { sql: `EXISTS(${query})` };
}

const smallestInt64 = -(2n ** 63n);
const largestInt64 = 2n ** 63n - 1n;

function numberLiteral(t: Translation, sign: "" | "-"): Expression {
  const token = t.reader.take();
  if (token.kind === "float") return { sql: `(${sign}${doubleText(token.text)})` };
  const magnitude = BigInt(token.text);
  const value = sign === "-" ? -magnitude : magnitude;
  if (value < smallestInt64 || value > largestInt64) {
    return t.reader.refuse(`Syntax error: Invalid integer literal: ${sign}${token.text}`, token);
  }
  const text = String(value);
  return { sql: `CAST(${text} AS BIGINT)`, literal: { kind: "integer", text }, shape: "scalar" };
}

/** DuckDB reads `1.5` as a DECIMAL and `1.5e0` as a DOUBLE. */
function doubleText(text: string): string {
  return /e/i.test(text) ? text : `${text}e0`;
}

function bytesLiteral(text: string): string {
  return `from_hex('${Buffer.from(text, "latin1").toString("hex")}')`;
}

function readParenthesis(t: Translation): Expression {
  const { reader } = t;
  reader.expectSymbol("(");
  if (reader.isWord("SELECT") || reader.isWord("WITH")) {
    const query = t.query();
    reader.expectSymbol(")");
    return { sql: `(${query})` };
  }
  const items = t.expressions();
  reader.expectSymbol(")");
  const [first] = items;
  if (items.length === 1 && first !== undefined) return { ...first, sql: `(${first.sql})` };
  return { sql: `(${items.map((item) => item.sql).join(", ")})` };
}

function isCall(t: Translation): boolean {
  const { reader } = t;
  if (reader.peek().kind !== "word") return false;
  if (reader.isSymbol("(", 1)) return true;
  return reader.isSymbol(".", 1) && reader.peek(2).kind === "word" && reader.isSymbol("(", 3);
}

/** `column`, `table.column`, `column.field`: DuckDB resolves the same path the same way. */
function readPath(t: Translation): Expression {
  const { reader } = t;
  const parts = [reader.expectName()];
  while (reader.isSymbol(".") && !reader.isSymbol("*", 1)) {
    reader.take();
    parts.push(reader.take().text);
  }
  for (const part of parts) t.pivot?.columns.add(part);
  return { sql: parts.map(quoteName).join("."), name: parts.at(-1) ?? "" };
}
