import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import { type Cell, isInt64 } from "../values/cell.ts";
import {
  addSmallNumerics,
  divideNanos,
  isNumericRange,
  multiplyNanos,
  nanosOfNumericText,
  numericTextOfNanos,
} from "../values/numeric.ts";
import { FLOAT64, type SpannerType } from "../values/type.ts";
import { type Compiled, coerce, computed, noSignature, unify } from "./compiled.ts";

/** `+ - * /` on INT64, NUMERIC and FLOAT64; INT64 divided is FLOAT64. Overflow is OUT_OF_RANGE. */
export function arithmetic(operator: string, leftSide: Compiled, rightSide: Compiled): Compiled {
  const unified = unify(operator, leftSide, rightSide);
  const type = resultType(operator, unified.type);
  if (type === undefined) throw noSignature(operator, [leftSide, rightSide]);
  const left = coerce(unified.left, type);
  const right = coerce(unified.right, type);
  return computed(type, (row, moment) => {
    const first = left.run(row, moment);
    const second = right.run(row, moment);
    return first === null || second === null ? null : calculate(type, operator, first, second);
  });
}

function resultType(operator: string, type: SpannerType | undefined): SpannerType | undefined {
  if (type?.code === "INT64") return operator === "/" ? FLOAT64 : type;
  return type?.code === "NUMERIC" || type?.code === "FLOAT64" ? type : undefined;
}

function calculate(type: SpannerType, operator: string, left: Cell, right: Cell): Cell {
  if (type.code === "INT64") {
    const result = integerOperations[operator]?.(BigInt(String(left)), BigInt(String(right))) ?? 0n;
    if (!isInt64(result)) throw overflow("int64", left, operator, right);
    return String(result);
  }
  if (type.code === "NUMERIC") return calculateNumeric(operator, left, right);
  const result = floatOperations[operator]?.(Number(left), Number(right)) ?? 0;
  if (operator === "/" && Number(right) === 0) throw divisionByZero(left, right);
  return result;
}

function calculateNumeric(operator: string, left: Cell, right: Cell): Cell {
  if (operator === "+" || operator === "-") {
    const small = addSmallNumerics(String(left), String(right), operator === "+" ? 1 : -1);
    if (small !== undefined) return small;
  }
  const first = nanosOfNumericText(String(left)) ?? 0n;
  const second = nanosOfNumericText(String(right)) ?? 0n;
  if (operator === "/" && second === 0n) throw divisionByZero(left, right);
  const result = numericOperations[operator]?.(first, second) ?? 0n;
  if (!isNumericRange(result)) throw overflow("numeric", left, operator, right);
  return numericTextOfNanos(result);
}

type Operations<Value> = Readonly<Record<string, (left: Value, right: Value) => Value>>;

const integerOperations: Operations<bigint> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
};

const numericOperations: Operations<bigint> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": multiplyNanos,
  "/": divideNanos,
};

const floatOperations: Operations<number> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
};

function overflow(type: string, left: Cell, operator: string, right: Cell): StatusError {
  return new StatusError(
    status.OUT_OF_RANGE,
    `${type} overflow: ${String(left)} ${operator} ${String(right)}`,
  );
}

function divisionByZero(left: Cell, right: Cell): StatusError {
  return new StatusError(
    status.OUT_OF_RANGE,
    `division by zero: ${String(left)} / ${String(right)}`,
  );
}
