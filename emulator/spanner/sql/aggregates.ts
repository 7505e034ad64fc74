import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import { arithmetic } from "../language/arithmetic.ts";
import { compile, type Scope } from "../language/compile.ts";
import { type Compiled, constant, type Moment } from "../language/compiled.ts";
import type { Expression } from "../language/expression.ts";
import type { Cell, Row } from "../values/cell.ts";
import { compareCells } from "../values/compare.ts";
import { INT64, type SpannerType, type StructField } from "../values/type.ts";
import type { SelectItem } from "./statement.ts";

/** One aggregate over all rows of a query without GROUP BY. */
interface Aggregate {
  readonly type: SpannerType;
  readonly run: (rows: readonly Row[], moment: Moment) => Cell;
}

const AGGREGATES = new Set(["COUNT(*)", "COUNT", "SUM", "MIN", "MAX"]);

export function isAggregate(expression: Expression): boolean {
  return expression.kind === "call" && AGGREGATES.has(expression.name);
}

export function compileAggregates(
  items: readonly SelectItem[],
  scope: Scope,
): { columns: StructField[]; project: (rows: readonly Row[], moment: Moment) => Cell[][] } {
  const aggregates = items.map(({ expression }) => compileAggregate(expression, scope));
  const columns = aggregates.map(({ type }, position) => ({
    name: items[position]?.alias ?? "",
    type,
  }));
  return {
    columns,
    project: (rows, moment) => [aggregates.map((aggregate) => aggregate.run(rows, moment))],
  };
}

function compileAggregate(expression: Expression | undefined, scope: Scope): Aggregate {
  if (expression?.kind !== "call" || !AGGREGATES.has(expression.name)) {
    throw new StatusError(
      status.INVALID_ARGUMENT,
      "SELECT list expression references a column which is neither grouped nor aggregated",
    );
  }
  if (expression.name === "COUNT(*)") return { type: INT64, run: (rows) => String(rows.length) };
  const [argument] = expression.args;
  const value = argument === undefined ? constant(undefined, null) : compile(argument, scope);
  const type = value.type ?? INT64;
  if (expression.name === "COUNT") {
    return { type: INT64, run: (rows, moment) => String(present(value, rows, moment).length) };
  }
  if (expression.name === "SUM") {
    return { type, run: (rows, moment) => sum(type, present(value, rows, moment), moment) };
  }
  const sign = expression.name === "MAX" ? 1 : -1;
  const run: Aggregate["run"] = (rows, moment) =>
    present(value, rows, moment).reduce<Cell>(
      (best, cell) => (best === null || compareCells(type, cell, best) * sign > 0 ? cell : best),
      null,
    );
  return { type, run };
}

function present(value: Compiled, rows: readonly Row[], moment: Moment): Cell[] {
  return rows.map((row) => value.run(row, moment)).filter((cell) => cell !== null);
}

function sum(type: SpannerType, cells: readonly Cell[], moment: Moment): Cell {
  return cells.reduce<Cell>((total, cell) => {
    if (total === null) return cell;
    return arithmetic("+", constant(type, total), constant(type, cell)).run([], moment);
  }, null);
}
