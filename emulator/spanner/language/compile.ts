import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import type { Cell } from "../values/cell.ts";
import { compareCells } from "../values/compare.ts";
import { BOOL, type SpannerType, STRING } from "../values/type.ts";
import { arithmetic } from "./arithmetic.ts";
import { castCell } from "./cast.ts";
import {
  asBool,
  type Compiled,
  coerce,
  computed,
  constant,
  noSignature,
  unify,
  unifyAll,
} from "./compiled.ts";
import type { BinaryOperator, Expression } from "./expression.ts";
import { compileCall } from "./functions.ts";

export interface Scope {
  /** The column that a name means; throws where there is none. */
  column(path: readonly string[]): { readonly ordinal: number; readonly type: SpannerType };
  parameter(name: string): { readonly type: SpannerType | undefined; readonly cell: Cell };
}

/** Resolves names and types; throws INVALID_ARGUMENT where they do not fit. */
export function compile(expression: Expression, scope: Scope): Compiled {
  switch (expression.kind) {
    case "literal":
      return constant(expression.type, expression.cell);
    case "parameter": {
      const { type, cell } = scope.parameter(expression.name);
      return constant(type, cell);
    }
    case "name":
      return compileName(expression.path, scope);
    case "not":
      return logicalNot(asBool(compile(expression.operand, scope)));
    case "negate":
      return arithmetic("-", constant({ code: "INT64" }, "0"), compile(expression.operand, scope));
    case "binary":
      return compileBinary(expression.operator, expression.left, expression.right, scope);
    case "isNull":
      return compileTest(compile(expression.operand, scope), null, expression.negated);
    case "isTrue":
      return compileTest(compile(expression.operand, scope), expression.value, expression.negated);
    case "inList":
      return compileIn(expression, scope);
    case "inArray":
      return compileInArray(expression, scope);
    case "call":
      return compileCall(
        expression.name,
        expression.args.map((arg) => compile(arg, scope)),
      );
    case "cast":
      return compileCast(compile(expression.operand, scope), expression.type);
    case "case":
      return compileCase(expression, scope);
    case "array":
      return compileArray(expression.elements.map((element) => compile(element, scope)));
  }
}

function compileName(path: readonly string[], scope: Scope): Compiled {
  const { ordinal, type } = scope.column(path);
  return computed(type, (row) => row[ordinal] ?? null);
}

function logicalNot(operand: Compiled): Compiled {
  return computed(BOOL, (row, moment) => {
    const value = operand.run(row, moment);
    return value === null ? null : value !== true;
  });
}

function compileTest(operand: Compiled, value: Cell, negated: boolean): Compiled {
  return computed(BOOL, (row, moment) => (operand.run(row, moment) === value) !== negated);
}

const ARITHMETIC = new Set<BinaryOperator>(["+", "-", "*", "/"]);

function compileBinary(
  operator: BinaryOperator,
  leftSide: Expression,
  rightSide: Expression,
  scope: Scope,
): Compiled {
  const left = compile(leftSide, scope);
  const right = compile(rightSide, scope);
  if (OUTCOMES[operator] !== undefined && (isNullLiteral(leftSide) || isNullLiteral(rightSide))) {
    throw new StatusError(
      status.INVALID_ARGUMENT,
      `Operands of ${operator} cannot be literal NULL; use IS NULL`,
    );
  }
  if (operator === "AND" || operator === "OR") return logical(operator === "OR", left, right);
  if (operator === "||") return compileCall("CONCAT", [left, right]);
  if (operator === "LIKE") return like(left, right);
  if (ARITHMETIC.has(operator)) return arithmetic(operator, left, right);
  return comparison(operator, left, right);
}

function isNullLiteral(expression: Expression): boolean {
  return expression.kind === "literal" && expression.cell === null;
}

/** Three-valued AND and OR: the deciding value wins over NULL. */
function logical(decisive: boolean, leftSide: Compiled, rightSide: Compiled): Compiled {
  const left = asBool(leftSide);
  const right = asBool(rightSide);
  return computed(BOOL, (row, moment) => {
    const first = left.run(row, moment);
    if (first === decisive) return decisive;
    const second = right.run(row, moment);
    if (second === decisive) return decisive;
    return first === null || second === null ? null : !decisive;
  });
}

const OUTCOMES: Readonly<Record<string, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

function comparison(operator: string, leftSide: Compiled, rightSide: Compiled): Compiled {
  const { type, left, right } = unify(operator, leftSide, rightSide);
  const outcome = OUTCOMES[operator];
  if (type === undefined || outcome === undefined) return constant(BOOL, null);
  if (type.code === "JSON" || type.code === "STRUCT" || type.code === "ARRAY") {
    throw noSignature(operator, [leftSide, rightSide]);
  }
  return computed(BOOL, (row, moment) => {
    const first = left.run(row, moment);
    const second = right.run(row, moment);
    return first === null || second === null ? null : outcome(compareCells(type, first, second));
  });
}

function like(leftSide: Compiled, pattern: Compiled): Compiled {
  const left = coerce(leftSide, STRING);
  return computed(BOOL, (row, moment) => {
    const text = left.run(row, moment);
    const wanted = pattern.run(row, moment);
    if (text === null || wanted === null) return null;
    return likePattern(String(wanted)).test(String(text));
  });
}

function likePattern(pattern: string): RegExp {
  const source = pattern.replace(/\\([\s\S])|%|_|[.*+?^${}()|[\]]/g, (found, escaped) => {
    if (escaped !== undefined) return escaped.replace(/[.*+?^${}()|[\]\\]/, "\\$&");
    if (found === "%") return "[\\s\\S]*";
    return found === "_" ? "[\\s\\S]" : `\\${found}`;
  });
  return new RegExp(`^${source}$`, "u");
}

function compileIn(expression: Extract<Expression, { kind: "inList" }>, scope: Scope): Compiled {
  const operand = compile(expression.operand, scope);
  const tests = expression.list.map((item) => comparison("=", operand, compile(item, scope)));
  const any = tests.reduce((left, right) => logical(true, left, right), constant(BOOL, false));
  return expression.negated ? logicalNot(any) : any;
}

function compileInArray(
  expression: Extract<Expression, { kind: "inArray" }>,
  scope: Scope,
): Compiled {
  const operand = compile(expression.operand, scope);
  const array = compile(expression.array, scope);
  const element = array.type?.element ?? operand.type;
  if (element === undefined) return constant(BOOL, null);
  const { type, left } = unify(
    "IN",
    operand,
    computed(element, () => null),
  );
  if (type === undefined) return constant(BOOL, null);
  const member = computed(BOOL, (row, moment) => {
    const value = left.run(row, moment);
    const values = array.run(row, moment);
    if (!Array.isArray(values)) return false;
    if (value === null) return values.length === 0 ? false : null;
    if (values.some((item) => item !== null && compareCells(type, value, item) === 0)) return true;
    return values.includes(null) ? null : false;
  });
  return expression.negated ? logicalNot(member) : member;
}

function compileCast(operand: Compiled, type: SpannerType): Compiled {
  const from = operand.type;
  if (from === undefined) return constant(type, null);
  return computed(type, (row, moment) => castCell(operand.run(row, moment), from, type));
}

function compileCase(expression: Extract<Expression, { kind: "case" }>, scope: Scope): Compiled {
  const whens = expression.branches.map((branch) => asBool(compile(branch.when, scope)));
  const results = expression.branches.map((branch) => compile(branch.result, scope));
  const { otherwise } = expression;
  const last = otherwise === undefined ? constant(undefined, null) : compile(otherwise, scope);
  const { type, values } = unifyAll("CASE", [...results, last]);
  return computed(type, (row, moment) => {
    const hit = whens.findIndex((when) => when.run(row, moment) === true);
    const chosen = values[hit < 0 ? values.length - 1 : hit];
    return chosen?.run(row, moment) ?? null;
  });
}

function compileArray(elements: readonly Compiled[]): Compiled {
  const { type, values } = unifyAll("ARRAY", elements);
  const arrayType: SpannerType = { code: "ARRAY", element: type ?? { code: "INT64" } };
  return computed(arrayType, (row, moment) => values.map((value) => value.run(row, moment)));
}
