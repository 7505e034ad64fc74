import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import { compile, type Scope } from "../language/compile.ts";
import { type Compiled, coerce, type Moment } from "../language/compiled.ts";
import type { Expression } from "../language/expression.ts";
import { type Column, findColumn, isKeyColumn, type Schema, type Table } from "../schema/schema.ts";
import { deleteRow } from "../transactions/row-effects.ts";
import type { StatementResult } from "../transactions/transaction.ts";
import { readColumn, rowOf, writableColumns, writeRow } from "../transactions/write-row.ts";
import type { WriteSet } from "../transactions/write-set.ts";
import type { Cell, Row } from "../values/cell.ts";
import { encodeRowKey } from "../values/key-codec.ts";
import { sameType, typeName } from "../values/type.ts";
import type { Parameter } from "./parameters.ts";
import { compileItems, planSelect, rowSource } from "./select.ts";
import type {
  DeleteStatement,
  DmlStatement,
  InsertStatement,
  SelectItem,
  UpdateStatement,
} from "./statement.ts";
import { sqlTable, tableScope } from "./table-scope.ts";

interface DmlContext {
  readonly schema: Schema;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly moment: Moment;
}

/** Runs a DML statement into a transaction's write set. The commit timestamp is not known yet then. */
export function runDml(
  writes: WriteSet,
  statement: DmlStatement,
  context: DmlContext,
): StatementResult {
  const table = sqlTable(context.schema, statement.table);
  const alias = statement.kind === "insert" ? undefined : statement.alias;
  const scope = tableScope(table, alias, context.parameters);
  const target = { table, scope, ...context };
  switch (statement.kind) {
    case "insert":
      return returned(statement.returning, target, insertRows(writes, statement, target));
    case "update":
      return returned(statement.returning, target, updateRows(writes, statement, target));
    case "delete":
      return returned(statement.returning, target, deleteRows(writes, statement, target));
  }
}

interface Target extends DmlContext {
  readonly table: Table;
  readonly scope: Scope;
}

/** The answer: how many rows, and of THEN RETURN what it asks of them. */
function returned(
  items: readonly SelectItem[] | undefined,
  { table, scope, moment }: Target,
  rows: readonly Row[],
): StatementResult {
  if (items === undefined) return { columns: [], rows: [], count: rows.length };
  const { columns, values } = compileItems(items, table, scope);
  const cells = rows.map((row) => values.map((value) => value.run(row, moment)));
  return { columns, rows: cells, count: rows.length };
}

const WRITE_KIND = { fail: "insert", ignore: "insert", update: "insertOrUpdate" } as const;

function insertRows(writes: WriteSet, statement: InsertStatement, target: Target): Row[] {
  const { table, moment } = target;
  const named = writableColumns(table, statement.columns);
  const inserted: Row[] = [];
  for (const { columns, cells } of sourceRows(writes, statement, named, target)) {
    const writeMoment = { ...moment, commitTimestamp: undefined };
    const given = rowOf(table, columns, (column, position) =>
      readColumn(table, column, cells[position] ?? null, writeMoment),
    );
    const key = encodeRowKey(table.primaryKey, given);
    if (statement.onExisting === "ignore" && writes.get(table.rows, key) !== undefined) {
      writes.lock(table.rows, key, false);
      continue;
    }
    const kind = WRITE_KIND[statement.onExisting];
    writeRow(writes, table, { kind, columns, given }, writeMoment);
    inserted.push(writes.get(table.rows, key) ?? given);
  }
  return inserted;
}

interface SourceRow {
  readonly columns: readonly Column[];
  readonly cells: readonly Cell[];
}

function* sourceRows(
  writes: WriteSet,
  { source }: InsertStatement,
  named: readonly Column[],
  target: Target,
): Generator<SourceRow> {
  const { schema, parameters, moment } = target;
  if (!("items" in source)) {
    for (const row of source) yield valuesRow(row, named, target);
    return;
  }
  const plan = planSelect(schema, source, parameters, moment);
  if (plan.columns.length !== named.length) throw wrongCount(plan.columns.length, named.length);
  for (const request of plan.locks(writes)) writes.lock(request.store, request.covers, false);
  for (const cells of plan.run(writes).rows) yield { columns: named, cells };
}

function valuesRow(
  row: readonly (Expression | undefined)[],
  named: readonly Column[],
  { table, parameters, moment }: Target,
): SourceRow {
  if (row.length !== named.length) throw wrongCount(row.length, named.length);
  const scope = tableScope(undefined, undefined, parameters);
  const columns = named.filter((_, position) => row[position] !== undefined);
  const given = row.filter((value) => value !== undefined);
  const cells = given.map((value, position) => {
    const column = columns[position];
    return column === undefined ? null : assigned(table, column, value, scope).run([], moment);
  });
  return { columns, cells };
}

/** An expression as the value of a column; refuses a type that does not convert by itself. */
function assigned(table: Table, column: Column, value: Expression, scope: Scope): Compiled {
  const compiled = compile(value, scope);
  if (compiled.type === undefined || sameType(compiled.type, column.type)) return compiled;
  if (compiled.isConstant || compiled.type.code === "INT64") return coerce(compiled, column.type);
  throw new StatusError(
    status.INVALID_ARGUMENT,
    `Value of type ${typeName(compiled.type)} cannot be assigned to ${table.name}.${column.name}, which has type ${typeName(column.type)}`,
  );
}

function updateRows(writes: WriteSet, statement: UpdateStatement, target: Target): Row[] {
  const { table, scope, moment } = target;
  const columns = writableColumns(
    table,
    statement.assignments.map(({ column }) => sqlColumn(table, column).name),
  );
  const keyColumn = columns.find((column) => isKeyColumn(table, column));
  if (keyColumn !== undefined) {
    throw new StatusError(
      status.INVALID_ARGUMENT,
      `Cannot UPDATE value on primary key column ${keyColumn.name}.`,
    );
  }
  const values = statement.assignments.map(({ value }, position) => {
    const column = columns[position];
    if (column === undefined || value === undefined) return column?.default?.compiled;
    return assigned(table, column, value, scope);
  });
  const keyColumns = table.columns.filter((column) => isKeyColumn(table, column));
  const writeMoment = { ...moment, commitTimestamp: undefined };
  return matchingRows(writes, statement.where, target).map(([key, row]) => {
    const given = rowOf(table, columns, (column, position) =>
      readColumn(table, column, values[position]?.run(row, moment) ?? null, writeMoment),
    );
    for (const { ordinal } of keyColumns) given[ordinal] = row[ordinal] ?? null;
    const named = [...keyColumns, ...columns];
    writeRow(writes, table, { kind: "update", columns: named, given }, writeMoment);
    return writes.get(table.rows, key) ?? row;
  });
}

function deleteRows(writes: WriteSet, statement: DeleteStatement, target: Target): Row[] {
  const { table } = target;
  return matchingRows(writes, statement.where, target).map(([key, row]) => {
    writes.lock(table.rows, key, true);
    writes.mutationCount++;
    if (writes.get(table.rows, key) !== undefined) deleteRow(writes, table, key, row);
    return row;
  });
}

/** The rows a WHERE holds for, all found before the first is written; what was looked at is locked. */
function matchingRows(
  writes: WriteSet,
  where: Expression,
  { schema, table, scope, moment }: Target,
): [string, Row][] {
  const source = rowSource(schema, table, { where }, scope);
  for (const { store, covers } of source.locks(writes, false)) writes.lock(store, covers, false);
  const rows: [string, Row][] = [];
  for (const [key, row] of source.entries(writes)) {
    if (source.condition?.run(row, moment) === true) rows.push([key, row]);
  }
  return rows;
}

function sqlColumn(table: Table, name: string): Column {
  const column = findColumn(table, name);
  if (column !== undefined) return column;
  throw new StatusError(status.INVALID_ARGUMENT, `Unrecognized name: ${name}`);
}

function wrongCount(given: number, wanted: number): StatusError {
  return new StatusError(
    status.INVALID_ARGUMENT,
    `Inserted row has wrong column count; Has ${given}, expected ${wanted}`,
  );
}
