import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import { compile, type Scope } from "../language/compile.ts";
import { asBool, type Compiled, computed, type Moment } from "../language/compiled.ts";
import type { Expression } from "../language/expression.ts";
import type { Schema, Table } from "../schema/schema.ts";
import { toRange } from "../transactions/key-set.ts";
import type { LockRequest } from "../transactions/lock-table.ts";
import type { ResultRows } from "../transactions/read-rows.ts";
import type { View } from "../transactions/write-set.ts";
import type { Cell, Row } from "../values/cell.ts";
import { compareCells } from "../values/compare.ts";
import { encodeKey } from "../values/key-codec.ts";
import { INT64, type StructField } from "../values/type.ts";
import { type AccessPath, choosePath } from "./access-path.ts";
import { compileAggregates, isAggregate } from "./aggregates.ts";
import type { Parameter } from "./parameters.ts";
import type { SelectItem, SimpleSelect } from "./statement.ts";
import { sqlTable, tableScope } from "./table-scope.ts";

/** A query that is ready to run on any view of the rows. */
export interface PlannedSelect {
  readonly columns: readonly StructField[];
  /** The locks it needs in a read-write transaction, as the rows stand. */
  locks(view: View): LockRequest[];
  run(view: View): ResultRows;
}

/** Resolves a simple query; throws INVALID_ARGUMENT where names or types do not fit. */
export function planSelect(
  schema: Schema,
  select: SimpleSelect,
  parameters: ReadonlyMap<string, Parameter>,
  moment: Moment,
): PlannedSelect {
  const table = select.table === undefined ? undefined : sqlTable(schema, select.table);
  const scope = tableScope(table, select.alias, parameters);
  const source = table && rowSource(schema, table, select, scope);
  const rowsOf = (view: View): Row[] =>
    source === undefined ? [[]] : filterRows(source, view, moment);
  const page = pageOf(select, scope, moment);
  const { columns, project } = projection(select, table, scope);
  return {
    columns,
    locks: (view) => source?.locks(view, select.forUpdate) ?? [],
    run: (view) => {
      const rows = page(sortRows(rowsOf(view), select, scope, moment));
      return { columns, rows: project(rows, moment) };
    },
  };
}

/** The rows of one table that a WHERE holds for. */
export interface RowSource {
  readonly path: AccessPath;
  readonly condition: Compiled | undefined;
  /** Rows along the path, with their keys; the condition is not applied yet. */
  entries(view: View): Iterable<readonly [string, Row]>;
  locks(view: View, exclusive: boolean): LockRequest[];
}

export function rowSource(
  schema: Schema,
  table: Table,
  query: { readonly where: Expression | undefined; readonly forceIndex?: string | undefined },
  scope: Scope,
): RowSource {
  const forced = query.forceIndex === undefined ? undefined : schema.findIndex(query.forceIndex);
  if (query.forceIndex !== undefined && forced?.table !== table) {
    throw new StatusError(
      status.INVALID_ARGUMENT,
      `The table ${table.name} does not have a secondary index called ${query.forceIndex}`,
    );
  }
  const condition = query.where && asBool(compile(query.where, scope));
  const path = choosePath(table, query.where, scope, forced);
  const entries = (view: View) => visit(table, path, view);
  const locks = (view: View, exclusive: boolean) => {
    const store = path.index?.entries ?? table.rows;
    const requests: LockRequest[] = path.spans.map((covers) => ({ store, covers, exclusive }));
    if (path.index !== undefined) {
      for (const [key] of entries(view))
        requests.push({ store: table.rows, covers: key, exclusive });
    }
    return requests;
  };
  return { path, condition, entries, locks };
}

function* visit(table: Table, path: AccessPath, view: View): Generator<readonly [string, Row]> {
  const { index, spans } = path;
  for (const span of spans) {
    if (index !== undefined)
      yield* visitIndex(table, index, view.scan(index.entries, toRange(span)), view);
    else if (typeof span === "string") {
      const row = view.get(table.rows, span);
      if (row !== undefined) yield [span, row];
    } else yield* view.scan(table.rows, span);
  }
}

function* visitIndex(
  table: Table,
  index: NonNullable<AccessPath["index"]>,
  entries: Iterable<readonly [string, Row]>,
  view: View,
): Generator<readonly [string, Row]> {
  const positions = table.primaryKey.map((part) =>
    index.columns.findIndex((column) => column.ordinal === part.ordinal),
  );
  for (const [, entry] of entries) {
    const key = encodeKey(
      table.primaryKey,
      positions.map((position) => entry[position] ?? null),
    );
    const row = view.get(table.rows, key);
    if (row !== undefined) yield [key, row];
  }
}

function filterRows(source: RowSource, view: View, moment: Moment): Row[] {
  const rows: Row[] = [];
  for (const [, row] of source.entries(view)) {
    if (source.condition === undefined || source.condition.run(row, moment) === true)
      rows.push(row);
  }
  return rows;
}

function sortRows(rows: Row[], select: SimpleSelect, scope: Scope, moment: Moment): Row[] {
  const keys = select.orderBy.map(({ expression, descending }) => ({
    key: compile(orderExpression(expression, select.items), scope),
    direction: descending ? -1 : 1,
  }));
  if (keys.length === 0) return rows;
  return rows.sort((left, right) => {
    for (const { key, direction } of keys) {
      const order = compareNullable(key, left, right, moment);
      if (order !== 0) return order * direction;
    }
    return 0;
  });
}

/** ORDER BY may name a column of the SELECT list by its alias or its position. */
function orderExpression(expression: Expression, items: readonly SelectItem[]): Expression {
  if (expression.kind === "literal" && expression.type === INT64) {
    return items[Number(expression.cell) - 1]?.expression ?? expression;
  }
  if (expression.kind !== "name" || expression.path.length !== 1) return expression;
  const alias = expression.path[0]?.toLowerCase();
  const named = items.find(
    (item) => item.alias !== undefined && item.alias.toLowerCase() === alias,
  );
  return named?.expression ?? expression;
}

function compareNullable(key: Compiled, left: Row, right: Row, moment: Moment): number {
  const first = key.run(left, moment);
  const second = key.run(right, moment);
  if (first === null || second === null) return Number(first !== null) - Number(second !== null);
  return key.type === undefined ? 0 : compareCells(key.type, first, second);
}

function pageOf(select: SimpleSelect, scope: Scope, moment: Moment): (rows: Row[]) => Row[] {
  const count = (expression: Expression | undefined, absent: number) => {
    if (expression === undefined) return absent;
    const value = Number(compile(expression, scope).run([], moment));
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new StatusError(status.INVALID_ARGUMENT, "LIMIT and OFFSET need a non-negative INT64.");
  };
  const offset = count(select.offset, 0);
  const limit = count(select.limit, Number.POSITIVE_INFINITY);
  const whole = offset === 0 && limit === Number.POSITIVE_INFINITY;
  return (rows) => (whole ? rows : rows.slice(offset, offset + limit));
}

interface Projection {
  readonly columns: readonly StructField[];
  readonly project: (rows: readonly Row[], moment: Moment) => Cell[][];
}

function projection(select: SimpleSelect, table: Table | undefined, scope: Scope): Projection {
  const { items } = select;
  if (items.some(({ expression }) => expression !== undefined && isAggregate(expression))) {
    return compileAggregates(items, scope);
  }
  const { columns, values } = compileItems(items, table, scope);
  const project: Projection["project"] = (rows, moment) =>
    rows.map((row) => values.map((value) => value.run(row, moment)));
  return { columns, project };
}

export function compileItems(
  items: readonly SelectItem[],
  table: Table | undefined,
  scope: Scope,
): { columns: StructField[]; values: Compiled[] } {
  const columns: StructField[] = [];
  const values: Compiled[] = [];
  for (const { expression, alias } of items) {
    if (expression !== undefined) {
      const value = compile(expression, scope);
      columns.push({ name: alias ?? impliedName(expression), type: value.type ?? INT64 });
      values.push(value);
      continue;
    }
    for (const { name, type, ordinal, hidden } of table?.columns ?? []) {
      if (hidden) continue;
      columns.push({ name, type });
      values.push(computed(type, (row) => row[ordinal] ?? null));
    }
  }
  return { columns, values };
}

function impliedName(expression: Expression): string {
  return expression.kind === "name" ? (expression.path.at(-1) ?? "") : "";
}
