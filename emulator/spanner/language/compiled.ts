import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import { type Cell, type Row, readCell } from "../values/cell.ts";
import { BOOL, type SpannerType, sameType, typeName } from "../values/type.ts";
import { castCell } from "./cast.ts";

/** What an evaluation may ask about the world. */
export interface Moment {
  /** Time of the statement or commit, in microseconds since the epoch. */
  readonly nowMicros: number;
}

/** A typed expression, ready to run on rows. `type` is undefined for a bare NULL, which fits any type. */
export interface Compiled {
  readonly type: SpannerType | undefined;
  /** A literal or parameter: GoogleSQL lets such a STRING become what stands beside it. */
  readonly isConstant: boolean;
  run(row: Row, moment: Moment): Cell;
}

export function constant(type: SpannerType | undefined, cell: Cell): Compiled {
  return { type, isConstant: true, run: () => cell };
}

export function computed(type: SpannerType | undefined, run: Compiled["run"]): Compiled {
  return { type, isConstant: false, run };
}

export function asBool(operand: Compiled): Compiled {
  return coerce(operand, BOOL);
}

/** Brings all to one type, as COALESCE, CASE and IF do. */
export function unifyAll(
  what: string,
  operands: readonly Compiled[],
): { type: SpannerType | undefined; values: readonly Compiled[] } {
  let common: Compiled = constant(undefined, null);
  for (const operand of operands) {
    const { type } = unify(what, common, operand);
    common = { type, isConstant: common.isConstant && operand.isConstant, run: () => null };
  }
  const { type } = common;
  const values = operands.map((operand) => (type === undefined ? operand : coerce(operand, type)));
  return { type, values };
}

/** Brings two operands to one type: numbers to the wider, a constant STRING to what it is compared with. */
export function unify(
  operator: string,
  left: Compiled,
  right: Compiled,
): { type: SpannerType | undefined; left: Compiled; right: Compiled } {
  const type = commonType(left, right);
  if (type === null) throw noSignature(operator, [left, right]);
  if (type === undefined) return { type, left, right };
  return { type, left: coerce(left, type), right: coerce(right, type) };
}

const NUMBER_RANK: Readonly<Record<string, number>> = {
  INT64: 1,
  NUMERIC: 2,
  FLOAT32: 3,
  FLOAT64: 4,
};

function commonType(left: Compiled, right: Compiled): SpannerType | undefined | null {
  if (left.type === undefined) return right.type;
  if (right.type === undefined || sameType(left.type, right.type)) return left.type;
  const leftRank = NUMBER_RANK[left.type.code];
  const rightRank = NUMBER_RANK[right.type.code];
  if (leftRank !== undefined && rightRank !== undefined) {
    return leftRank > rightRank ? left.type : right.type;
  }
  if (left.isConstant && left.type.code === "STRING") return right.type;
  if (right.isConstant && right.type.code === "STRING") return left.type;
  return null;
}

/** The operand as `type`, where GoogleSQL converts it unasked; throws where it does not. */
export function coerce(operand: Compiled, type: SpannerType): Compiled {
  const from = operand.type;
  if (from === undefined || sameType(from, type)) return { ...operand, type };
  const convert = conversion(operand, from, type);
  const run: Compiled["run"] = (row, moment) => convert(operand.run(row, moment));
  return { type, isConstant: operand.isConstant, run };
}

function conversion(operand: Compiled, from: SpannerType, to: SpannerType): (cell: Cell) => Cell {
  const fromRank = NUMBER_RANK[from.code];
  const toRank = NUMBER_RANK[to.code];
  if (fromRank !== undefined && toRank !== undefined && (fromRank < toRank || operand.isConstant)) {
    return (cell) => castCell(cell, from, to);
  }
  if (operand.isConstant && (from.code === "STRING" || from.code === "ARRAY")) {
    return (cell) => readCell(to, cell) ?? unreadable(cell, to);
  }
  throw new StatusError(
    status.INVALID_ARGUMENT,
    `Expected type ${typeName(to)}; found ${typeName(from)}`,
  );
}

function unreadable(cell: Cell, type: SpannerType): never {
  throw new StatusError(
    status.INVALID_ARGUMENT,
    `Could not cast literal ${JSON.stringify(cell)} to type ${typeName(type)}`,
  );
}

export function noSignature(what: string, operands: readonly Compiled[]): StatusError {
  const types = operands.map(({ type }) => (type === undefined ? "NULL" : typeName(type)));
  return new StatusError(
    status.INVALID_ARGUMENT,
    `No matching signature for operator ${what} for argument types: ${types.join(", ")}.`,
  );
}
