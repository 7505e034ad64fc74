import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import { COMMIT_TIMESTAMP } from "../language/functions.ts";
import { type Column, columnOf, type Table } from "../schema/schema.ts";
import { type Cell, lengthOf, type Row, readCell } from "../values/cell.ts";
import { compareCells } from "../values/compare.ts";
import { encodeRowKey } from "../values/key-codec.ts";
import { timestampOfMicros } from "../values/timestamp.ts";
import { typeName } from "../values/type.ts";
import { formatKey } from "./format-key.ts";
import type { WriteKind, WriteMutation } from "./mutation.ts";
import { deleteRow, putRow } from "./row-effects.ts";
import type { WriteSet } from "./write-set.ts";

/** When a write happens. */
export interface WriteMoment {
  readonly nowMicros: number;
  /** The commit timestamp as text; undefined in DML, which runs before it is known. */
  readonly commitTimestamp: string | undefined;
}

/** Applies an insert, update, insert_or_update or replace to the write set; throws what the service answers. */
export function applyWrite(
  writes: WriteSet,
  table: Table,
  mutation: WriteMutation,
  moment: WriteMoment,
): void {
  const columns = writableColumns(table, mutation.columns);
  for (const values of mutation.rows) {
    if (values.length !== columns.length) {
      throw new StatusError(
        status.INVALID_ARGUMENT,
        "Mutation has mismatched number of columns and values.",
      );
    }
    const given = rowOf(table, columns, (column, position) =>
      readColumn(table, column, values[position] ?? null, moment),
    );
    writeRow(writes, table, { kind: mutation.kind, columns, given }, moment);
  }
}

/** A row with these columns' cells in their places, and NULL in the others. */
export function rowOf(
  table: Table,
  columns: readonly Column[],
  cellOf: (column: Column, position: number) => Cell,
): Cell[] {
  const row: Cell[] = new Array(table.nextOrdinal).fill(null);
  for (let position = 0; position < columns.length; position++) {
    const column = columns[position];
    if (column !== undefined) row[column.ordinal] = cellOf(column, position);
  }
  return row;
}

export function writableColumns(table: Table, names: readonly string[]): Column[] {
  const columns = names.map((name) => columnOf(table, name));
  const seen = new Set<Column>();
  for (const column of columns) {
    if (seen.has(column)) {
      throw new StatusError(status.INVALID_ARGUMENT, `Multiple values for column ${column.name}`);
    }
    if (column.generated !== undefined) {
      throw new StatusError(
        status.FAILED_PRECONDITION,
        `Cannot write into generated column \`${table.name}.${column.name}\`.`,
      );
    }
    seen.add(column);
  }
  return columns;
}

export interface RowWrite {
  readonly kind: WriteKind;
  readonly columns: readonly Column[];
  /** The row with the cells of these columns, checked; it may become the row that is stored. */
  readonly given: Cell[];
}

/** Writes one row whose cells are checked already. */
export function writeRow(
  writes: WriteSet,
  table: Table,
  write: RowWrite,
  moment: WriteMoment,
): void {
  const { given } = write;
  for (const column of table.columns) {
    if (
      column.generated !== undefined &&
      table.primaryKey.some((part) => part.ordinal === column.ordinal)
    ) {
      given[column.ordinal] = column.generated.compiled.run(given, moment);
    }
  }
  assertKeyPresent(table, given);
  const key = encodeRowKey(table.primaryKey, given);
  writes.lock(table.rows, key, true);
  writes.mutationCount += write.columns.length;
  const before = writes.get(table.rows, key);
  assertExistence(table, write.kind, before, given);
  if (before === undefined || write.kind === "replace") {
    if (before !== undefined) deleteRow(writes, table, key, before);
    fillNewRow(table, write.columns, given, moment);
    computeGenerated(table, given, moment);
    putRow(writes, table, key, { before: undefined, after: given });
    return;
  }
  const after = [...before];
  while (after.length < table.nextOrdinal) after.push(null);
  for (const column of write.columns) after[column.ordinal] = given[column.ordinal] ?? null;
  computeGenerated(table, after, moment);
  putRow(writes, table, key, { before, after });
}

function assertExistence(table: Table, kind: WriteKind, before: Row | undefined, given: Row): void {
  if (kind === "insert" && before !== undefined) {
    throw new StatusError(
      status.ALREADY_EXISTS,
      `Row ${formatKey(table.primaryKey, given)} in table ${table.name} already exists`,
    );
  }
  if (kind === "update" && before === undefined) {
    throw new StatusError(
      status.NOT_FOUND,
      `Row ${formatKey(table.primaryKey, given)} in table ${table.name} is missing. Row cannot be updated.`,
    );
  }
}

function assertKeyPresent(table: Table, given: Row): void {
  for (const part of table.primaryKey) {
    if (given[part.ordinal] !== null) continue;
    const column = table.columns.find((each) => each.ordinal === part.ordinal);
    if (column?.notNull === true) throw mustNotBeNull(table, column);
  }
}

/** Gives the columns that were not named their default; each NOT NULL one must have a value then. */
function fillNewRow(
  table: Table,
  named: readonly Column[],
  given: Cell[],
  moment: WriteMoment,
): void {
  const missing: string[] = [];
  for (const column of table.columns) {
    if (column.generated !== undefined || named.includes(column)) continue;
    const value = column.default?.compiled.run(given, moment) ?? null;
    given[column.ordinal] =
      value === COMMIT_TIMESTAMP ? (moment.commitTimestamp ?? COMMIT_TIMESTAMP) : value;
    if (value === null && column.notNull) missing.push(column.name);
  }
  if (missing.length === 0) return;
  throw new StatusError(
    status.FAILED_PRECONDITION,
    `A new row in table ${table.name} does not specify a non-null value for these NOT NULL columns: ${missing.join(",")}`,
  );
}

function computeGenerated(table: Table, row: Cell[], moment: WriteMoment): void {
  for (const column of table.columns) {
    if (column.generated === undefined) continue;
    const value = column.generated.compiled.run(row, moment);
    if (value === null && column.notNull) throw mustNotBeNull(table, column);
    assertLength(table, column, value);
    row[column.ordinal] = value;
  }
}

/** A value for a column, in canonical form; throws what the service says of one that does not fit. */
export function readColumn(table: Table, column: Column, value: Cell, moment: WriteMoment): Cell {
  if (value === null) {
    if (column.notNull) throw mustNotBeNull(table, column);
    return null;
  }
  if (value === COMMIT_TIMESTAMP && column.type.code === "TIMESTAMP") {
    return commitTimestampFor(table, column, moment);
  }
  const cell = readCell(column.type, value);
  if (cell === undefined) {
    throw new StatusError(
      status.FAILED_PRECONDITION,
      `Invalid value for column ${column.name} in table ${table.name}: Expected ${typeName(column.type)}.`,
    );
  }
  assertLength(table, column, cell);
  if (column.allowCommitTimestamp === true) assertNotFuture(table, column, cell, moment);
  return cell;
}

function commitTimestampFor(table: Table, column: Column, moment: WriteMoment): Cell {
  if (column.allowCommitTimestamp !== true) {
    throw new StatusError(
      status.FAILED_PRECONDITION,
      `Cannot write commit timestamp because the allow_commit_timestamp column option is not set to true for column ${table.name}.${column.name}, or for all corresponding shared key columns in this table's interleaved table hierarchy.`,
    );
  }
  return moment.commitTimestamp ?? COMMIT_TIMESTAMP;
}

function assertNotFuture(table: Table, column: Column, cell: Cell, moment: WriteMoment): void {
  const now = timestampOfMicros(moment.nowMicros);
  if (compareCells(column.type, cell, now) <= 0) return;
  throw new StatusError(
    status.FAILED_PRECONDITION,
    `Cannot write timestamps in the future ${String(cell)} at column ${table.name}.${column.name}`,
  );
}

/** What MAX stands for: 2.5 M characters of STRING, 10 MB of BYTES. */
const MAX_CHARACTERS = 2_621_440;
const MAX_BYTES = 10_485_760;

function assertLength(table: Table, column: Column, cell: Cell): void {
  if (Array.isArray(cell)) {
    for (const element of cell) assertLength(table, column, element);
    return;
  }
  if (typeof cell !== "string") return;
  const type = column.type.element ?? column.type;
  if (type.code !== "STRING" && type.code !== "BYTES") return;
  const limit = column.maxLength ?? (type.code === "STRING" ? MAX_CHARACTERS : MAX_BYTES);
  if (cell.length <= limit) return;
  const size = lengthOf(type, cell);
  if (size <= limit) return;
  throw new StatusError(
    status.FAILED_PRECONDITION,
    `New value exceeds the maximum size limit for this column: ${table.name}.${column.name}, size: ${size}, limit: ${limit}.`,
  );
}

function mustNotBeNull(table: Table, column: Column): StatusError {
  return new StatusError(
    status.FAILED_PRECONDITION,
    `${column.name} must not be NULL in table ${table.name}.`,
  );
}
