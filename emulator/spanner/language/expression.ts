import type { Cell } from "../values/cell.ts";
import { readInt64Text } from "../values/cell.ts";
import { readJsonText } from "../values/json-text.ts";
import { readNumericText } from "../values/numeric.ts";
import { readDateText, readTimestampText } from "../values/timestamp.ts";
import {
  BOOL,
  BYTES,
  DATE,
  FLOAT64,
  INT64,
  JSON_TYPE,
  NUMERIC,
  type SpannerType,
  STRING,
  TIMESTAMP,
} from "../values/type.ts";
import { parseType } from "./parse-type.ts";
import { syntaxError, type TokenReader } from "./tokens.ts";

/** The expressions of checks, generated columns, defaults, DML and single-table queries. */
export type Expression =
  | { readonly kind: "literal"; readonly type: SpannerType | undefined; readonly cell: Cell }
  | { readonly kind: "name"; readonly path: readonly string[] }
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "negate"; readonly operand: Expression }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "isNull"; readonly operand: Expression; readonly negated: boolean }
  | {
      readonly kind: "isTrue";
      readonly operand: Expression;
      readonly value: boolean;
      readonly negated: boolean;
    }
  | {
      readonly kind: "inList";
      readonly operand: Expression;
      readonly list: readonly Expression[];
      readonly negated: boolean;
    }
  | {
      readonly kind: "inArray";
      readonly operand: Expression;
      readonly array: Expression;
      readonly negated: boolean;
    }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "cast"; readonly type: SpannerType; readonly operand: Expression }
  | {
      readonly kind: "case";
      readonly branches: readonly CaseBranch[];
      readonly otherwise: Expression | undefined;
    }
  | { readonly kind: "array"; readonly elements: readonly Expression[] };

export type BinaryOperator =
  | "OR"
  | "AND"
  | "="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "LIKE"
  | "+"
  | "-"
  | "*"
  | "/"
  | "||";

interface CaseBranch {
  readonly when: Expression;
  readonly result: Expression;
}

/** A clause of ours has ended where one of these words comes: they are never column names unquoted. */
export function parseExpression(reader: TokenReader): Expression {
  return parseOr(reader);
}

function parseOr(reader: TokenReader): Expression {
  let left = parseAnd(reader);
  while (reader.take("OR")) left = binary("OR", left, parseAnd(reader));
  return left;
}

function parseAnd(reader: TokenReader): Expression {
  let left = parseNot(reader);
  while (reader.take("AND")) left = binary("AND", left, parseNot(reader));
  return left;
}

function parseNot(reader: TokenReader): Expression {
  if (reader.take("NOT")) return { kind: "not", operand: parseNot(reader) };
  return parseComparison(reader);
}

const COMPARISONS = ["=", "!=", "<", "<=", ">", ">="] as const;

function parseComparison(reader: TokenReader): Expression {
  let left = parseSum(reader);
  for (;;) {
    const next = parseComparisonTail(reader, left);
    if (next === undefined) return left;
    left = next;
  }
}

function parseComparisonTail(reader: TokenReader, left: Expression): Expression | undefined {
  if (reader.take("<>")) return binary("!=", left, parseSum(reader));
  for (const operator of COMPARISONS) {
    if (reader.take(operator)) return binary(operator, left, parseSum(reader));
  }
  if (reader.take("IS")) return parseIs(reader, left);
  const negated = reader.take("NOT");
  if (reader.take("LIKE")) return negateIf(negated, binary("LIKE", left, parseSum(reader)));
  if (reader.take("BETWEEN")) return negateIf(negated, parseBetween(reader, left));
  if (reader.take("IN")) return parseIn(reader, left, negated);
  if (negated) throw reader.unexpected("Expected BETWEEN, IN or LIKE");
  return undefined;
}

function parseIs(reader: TokenReader, operand: Expression): Expression {
  const negated = reader.take("NOT");
  if (reader.take("NULL")) return { kind: "isNull", operand, negated };
  if (reader.take("TRUE")) return { kind: "isTrue", operand, value: true, negated };
  reader.expect("FALSE");
  return { kind: "isTrue", operand, value: false, negated };
}

function parseBetween(reader: TokenReader, operand: Expression): Expression {
  const low = parseSum(reader);
  reader.expect("AND");
  return binary("AND", binary(">=", operand, low), binary("<=", operand, parseSum(reader)));
}

function parseIn(reader: TokenReader, operand: Expression, negated: boolean): Expression {
  if (reader.take("UNNEST", "(")) {
    const array = parseExpression(reader);
    reader.expect(")");
    return { kind: "inArray", operand, array, negated };
  }
  reader.expect("(");
  return { kind: "inList", operand, list: parseList(reader, ")"), negated };
}

function parseSum(reader: TokenReader): Expression {
  let left = parseProduct(reader);
  for (;;) {
    if (reader.take("+")) left = binary("+", left, parseProduct(reader));
    else if (reader.take("-")) left = binary("-", left, parseProduct(reader));
    else if (reader.take("||")) left = binary("||", left, parseProduct(reader));
    else return left;
  }
}

function parseProduct(reader: TokenReader): Expression {
  let left = parseUnary(reader);
  for (;;) {
    if (reader.take("*")) left = binary("*", left, parseUnary(reader));
    else if (reader.take("/")) left = binary("/", left, parseUnary(reader));
    else return left;
  }
}

function parseUnary(reader: TokenReader): Expression {
  if (reader.take("-")) {
    const operand = parseUnary(reader);
    return isNumberLiteral(operand) ? negateLiteral(operand) : { kind: "negate", operand };
  }
  reader.take("+");
  return parsePrimary(reader);
}

function parsePrimary(reader: TokenReader): Expression {
  const token = reader.peek();
  if (token.kind === "number") return numberLiteral(reader);
  if (token.kind === "string") return { kind: "literal", type: STRING, cell: reader.next().text };
  if (token.kind === "bytes") return { kind: "literal", type: BYTES, cell: reader.next().text };
  if (token.kind === "parameter") return { kind: "parameter", name: reader.next().text };
  if (reader.take("(")) {
    const inner = parseExpression(reader);
    reader.expect(")");
    return inner;
  }
  if (reader.take("[")) return { kind: "array", elements: parseList(reader, "]") };
  if (token.kind === "name") return parseWord(reader);
  if (token.kind === "quotedName") return parseName(reader);
  throw reader.unexpected("Expected an expression");
}

function parseWord(reader: TokenReader): Expression {
  if (reader.take("NULL")) return { kind: "literal", type: undefined, cell: null };
  if (reader.take("TRUE")) return { kind: "literal", type: BOOL, cell: true };
  if (reader.take("FALSE")) return { kind: "literal", type: BOOL, cell: false };
  if (reader.take("CASE")) return parseCase(reader);
  if (reader.isNext("CAST", "(")) return parseCast(reader);
  if (reader.take("ARRAY", "[")) return { kind: "array", elements: parseList(reader, "]") };
  const typed = parseTypedLiteral(reader);
  return typed ?? parseName(reader);
}

const TYPED_LITERALS: readonly [string, SpannerType, (text: string) => string | undefined][] = [
  ["TIMESTAMP", TIMESTAMP, readTimestampLiteral],
  ["DATE", DATE, readDateText],
  ["NUMERIC", NUMERIC, readNumericText],
  ["JSON", JSON_TYPE, readJsonText],
];

function parseTypedLiteral(reader: TokenReader): Expression | undefined {
  for (const [word, type, read] of TYPED_LITERALS) {
    if (!reader.isNext(word) || reader.peek(1).kind !== "string") continue;
    const { start } = reader.next();
    const text = reader.next().text;
    const cell = read(text);
    if (cell === undefined) throw syntaxError(reader.text, start, `Invalid ${word} literal`);
    return { kind: "literal", type, cell };
  }
  return undefined;
}

/** A literal may leave out the time and the zone; Spanner then reads it in America/Los_Angeles, so UTC is asked for. */
function readTimestampLiteral(text: string): string | undefined {
  return readTimestampText(text);
}

function parseCast(reader: TokenReader): Expression {
  reader.expect("CAST", "(");
  const operand = parseExpression(reader);
  reader.expect("AS");
  const type = parseType(reader).type;
  reader.expect(")");
  return { kind: "cast", type, operand };
}

function parseCase(reader: TokenReader): Expression {
  const subject = reader.isNext("WHEN") ? undefined : parseExpression(reader);
  const branches: CaseBranch[] = [];
  while (reader.take("WHEN")) {
    const condition = parseExpression(reader);
    reader.expect("THEN");
    const when = subject === undefined ? condition : binary("=", subject, condition);
    branches.push({ when, result: parseExpression(reader) });
  }
  const otherwise = reader.take("ELSE") ? parseExpression(reader) : undefined;
  reader.expect("END");
  return { kind: "case", branches, otherwise };
}

function parseName(reader: TokenReader): Expression {
  const path = [reader.takeName()];
  while (reader.take(".")) path.push(reader.takeName());
  if (!reader.take("(")) return { kind: "name", path };
  const name = path.join(".").toUpperCase();
  if (reader.take("*")) {
    reader.expect(")");
    return { kind: "call", name: `${name}(*)`, args: [] };
  }
  return { kind: "call", name, args: parseList(reader, ")") };
}

function parseList(reader: TokenReader, close: string): Expression[] {
  const list: Expression[] = [];
  if (reader.take(close)) return list;
  do list.push(parseExpression(reader));
  while (reader.take(","));
  reader.expect(close);
  return list;
}

function numberLiteral(reader: TokenReader): Expression {
  const { text, start } = reader.next();
  if (/^\d+$/.test(text))
    return { kind: "literal", type: INT64, cell: integerText(text, reader, start) };
  if (/^0[xX]/.test(text)) return { kind: "literal", type: INT64, cell: String(BigInt(text)) };
  return { kind: "literal", type: FLOAT64, cell: Number(text) };
}

/** One beyond the largest INT64 is kept: a minus may stand before it. */
function integerText(text: string, reader: TokenReader, start: number): string {
  const digits = String(BigInt(text));
  if (BigInt(text) <= 2n ** 63n) return digits;
  throw syntaxError(reader.text, start, `Invalid integer literal: ${text}`);
}

function isNumberLiteral(
  expression: Expression,
): expression is { kind: "literal"; type: SpannerType; cell: Cell } {
  return (
    expression.kind === "literal" &&
    (expression.type?.code === "INT64" || expression.type?.code === "FLOAT64")
  );
}

function negateLiteral(literal: { type: SpannerType; cell: Cell }): Expression {
  const { type, cell } = literal;
  if (typeof cell === "number") return { kind: "literal", type, cell: -cell };
  return { kind: "literal", type, cell: readInt64Text(String(-BigInt(String(cell)))) ?? cell };
}

function binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
  return { kind: "binary", operator, left, right };
}

function negateIf(negated: boolean, operand: Expression): Expression {
  return negated ? { kind: "not", operand } : operand;
}
