import { status } from "@grpc/grpc-js";
import { assert } from "../../../shared/core/assert.ts";
import { StatusError } from "../../grpc/status-error.ts";
import type { Check, Column, ForeignKey, Index, Schema, Table } from "../schema/schema.ts";
import type { Row } from "../values/cell.ts";
import { ALL_KEYS, encodeKey, prefixRange } from "../values/key-codec.ts";
import { formatKey } from "./format-key.ts";
import { assertChecks, deleteRow } from "./row-effects.ts";
import { WriteSet } from "./write-set.ts";

/** What must hold of all writes of a statement or commit together: unique indexes and foreign keys. */
export function assertFinalChecks(schema: Schema, writes: WriteSet): void {
  for (const table of schema.tables()) {
    for (const { table: referencing, foreignKey } of table.referencedBy) {
      followReferences(writes, table, referencing, foreignKey);
    }
  }
  const changes = writes.merged();
  for (const table of schema.tables()) {
    for (const index of table.indexes) {
      if (index.unique) assertUnique(index, changes.get(index.entries));
    }
    for (const foreignKey of table.foreignKeys) {
      assertReferences(writes, table, foreignKey, changes.get(table.rows));
    }
  }
}

function assertUnique(
  index: Index,
  changed: ReadonlyMap<string, Row | undefined> | undefined,
): void {
  const indexed = index.entryKey.slice(0, index.indexedCount);
  const seen = new Map<string, Row>();
  for (const [key, entry] of changed ?? []) {
    if (entry === undefined) continue;
    const prefix = encodeKey(indexed, entry);
    const twin = seen.get(prefix) ?? committedTwin(index, prefix, changed);
    if (twin !== undefined) throw uniqueViolation(index, entry, twin);
    seen.set(prefix, entry);
    assert(key.startsWith(prefix), "an index entry's key begins with its indexed columns");
  }
}

/** A committed entry with these values that the changes leave as it is. */
function committedTwin(
  index: Index,
  prefix: string,
  changed: ReadonlyMap<string, Row | undefined> | undefined,
): Row | undefined {
  for (const [key, entry] of index.entries.scan(prefixRange(prefix), Number.POSITIVE_INFINITY)) {
    if (changed?.has(key) !== true) return entry;
  }
  return undefined;
}

function uniqueViolation(index: Index, entry: Row, twin: Row): StatusError {
  return new StatusError(
    status.ALREADY_EXISTS,
    `Unique index violation on index ${index.name} at index key ${formatKey(index.entryKey, entry)}. It conflicts with row ${formatPrimaryKey(index, twin)} in table ${index.table.name}.`,
  );
}

/** The primary key of the row that an index entry stands for. */
function formatPrimaryKey(index: Index, entry: Row): string {
  const parts = index.table.primaryKey.map((part) => ({
    ...part,
    ordinal: index.columns.findIndex((column) => column.ordinal === part.ordinal),
  }));
  return formatKey(parts, entry);
}

function assertReferences(
  writes: WriteSet,
  table: Table,
  foreignKey: ForeignKey,
  changed: ReadonlyMap<string, Row | undefined> | undefined,
): void {
  for (const row of changed?.values() ?? []) {
    if (row === undefined) continue;
    const values = foreignKey.columns.map((column) => row[column.ordinal] ?? null);
    if (values.includes(null)) continue;
    if (findByColumns(writes, foreignKey.referenced, foreignKey.referencedColumns, values))
      continue;
    const columns = foreignKey.referencedColumns.map(({ name }) => name).join(", ");
    throw new StatusError(
      status.FAILED_PRECONDITION,
      `Foreign key constraint \`${foreignKey.name}\` is violated on table \`${table.name}\`. Cannot find referenced values in ${foreignKey.referenced.name}(${columns}).`,
    );
  }
}

/** Rows that point at what was deleted or changed: deleted along with ON DELETE CASCADE, else a refusal. */
function followReferences(
  writes: WriteSet,
  table: Table,
  referencing: Table,
  foreignKey: ForeignKey,
): void {
  for (const [key, after] of [...(writes.merged().get(table.rows) ?? [])]) {
    const before = table.rows.at(key, Number.POSITIVE_INFINITY);
    if (before === undefined) continue;
    const values = foreignKey.referencedColumns.map((column) => before[column.ordinal] ?? null);
    if (values.includes(null) || hasValues(after, foreignKey.referencedColumns, values)) continue;
    if (findByColumns(writes, table, foreignKey.referencedColumns, values)) continue;
    for (const [childKey, child] of [
      ...scanByColumns(writes, referencing, foreignKey.columns, values),
    ]) {
      if (foreignKey.onDelete === "cascade" && after === undefined) {
        deleteRow(writes, referencing, childKey, child);
        continue;
      }
      throw new StatusError(
        status.FAILED_PRECONDITION,
        `Foreign key constraint violation when deleting or updating referenced row(s): referencing row(s) found in table \`${referencing.name}\`.`,
      );
    }
  }
}

/** Holds existing rows against a check that is being added. */
export function assertChecksOf(table: Table, checks: readonly Check[]): void {
  for (const [, row] of table.rows.scan(ALL_KEYS, Number.POSITIVE_INFINITY)) {
    assertChecks(table, checks, row);
  }
}

/** Holds existing rows against a foreign key that is being added. */
export function assertForeignKey(table: Table, foreignKey: ForeignKey): void {
  const rows = new Map(table.rows.scan(ALL_KEYS, Number.POSITIVE_INFINITY));
  assertReferences(new WriteSet(), table, foreignKey, rows);
}

function findByColumns(
  writes: WriteSet,
  table: Table,
  columns: readonly Column[],
  values: Row,
): boolean {
  for (const _ of scanByColumns(writes, table, columns, values)) return true;
  return false;
}

function* scanByColumns(
  writes: WriteSet,
  table: Table,
  columns: readonly Column[],
  values: Row,
): Generator<readonly [string, Row]> {
  const leading = table.primaryKey.map((part) =>
    columns.findIndex((column) => column.ordinal === part.ordinal),
  );
  const count = leading.indexOf(-1) < 0 ? leading.length : leading.indexOf(-1);
  const prefix = leading.slice(0, count).map((position) => values[position] ?? null);
  const range = count === 0 ? ALL_KEYS : prefixRange(encodeKey(table.primaryKey, prefix));
  writes.lock(table.rows, range, false);
  for (const entry of writes.scan(table.rows, range)) {
    if (hasValues(entry[1], columns, values)) yield entry;
  }
}

function hasValues(row: Row | undefined, columns: readonly Column[], values: Row): boolean {
  return (
    row !== undefined &&
    columns.every((column, position) => (row[column.ordinal] ?? null) === values[position])
  );
}
