import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import type { Check, Index, Table } from "../schema/schema.ts";
import type { Row } from "../values/cell.ts";
import { encodeKey, encodeRowKey, prefixRange } from "../values/key-codec.ts";
import { formatKey, keyTexts } from "./format-key.ts";
import type { WriteSet } from "./write-set.ts";

interface Change {
  readonly before: Row | undefined;
  readonly after: Row;
}

/** Puts a row, with all that hangs on it: its parent must exist, its checks hold, its index entries follow. */
export function putRow(writes: WriteSet, table: Table, key: string, change: Change): void {
  const { before, after } = change;
  if (before === undefined) assertParent(writes, table, after);
  assertChecks(table, table.checks, after);
  writes.put(table.rows, key, after);
  for (const index of table.indexes) updateIndex(writes, index, before, after);
}

/** Deletes a row, its index entries, and the rows interleaved in it or refuses where those forbid it. */
export function deleteRow(writes: WriteSet, table: Table, key: string, before: Row): void {
  for (const child of table.children) {
    if (child.parent?.enforced === true) deleteChildren(writes, child, key);
  }
  writes.put(table.rows, key, undefined);
  for (const index of table.indexes) updateIndex(writes, index, before, undefined);
}

function deleteChildren(writes: WriteSet, child: Table, parentKey: string): void {
  const range = prefixRange(parentKey);
  writes.lock(child.rows, range, true);
  for (const [key, row] of [...writes.scan(child.rows, range)]) {
    if (child.parent?.onDelete !== "cascade") {
      throw new StatusError(
        status.FAILED_PRECONDITION,
        `Integrity constraint violation during DELETE/REPLACE. Found child row ${formatKey(child.primaryKey, row)} in table ${child.name}.`,
      );
    }
    deleteRow(writes, child, key, row);
  }
}

function assertParent(writes: WriteSet, table: Table, row: Row): void {
  const { parent } = table;
  if (parent === undefined || !parent.enforced) return;
  const keyCells = parent.table.primaryKey.map(
    (_, position) => row[table.primaryKey[position]?.ordinal ?? -1] ?? null,
  );
  const key = encodeKey(parent.table.primaryKey, keyCells);
  writes.lock(parent.table.rows, key, false);
  if (writes.get(parent.table.rows, key) !== undefined) return;
  throw new StatusError(
    status.NOT_FOUND,
    `Parent row for row ${formatKey(table.primaryKey, row)} in table ${table.name} is missing. Row cannot be written.`,
  );
}

/** A check that is NULL holds, as in all of SQL. */
export function assertChecks(table: Table, checks: readonly Check[], row: Row): void {
  for (const check of checks) {
    if (check.expression.compiled.run(row, { nowMicros: 0 }) !== false) continue;
    throw new StatusError(
      status.OUT_OF_RANGE,
      `Check constraint \`${table.name}\`.\`${check.name}\` is violated for key (${keyTexts(table.primaryKey, row).join(",")})`,
    );
  }
}

function updateIndex(
  writes: WriteSet,
  index: Index,
  before: Row | undefined,
  after: Row | undefined,
): void {
  const oldEntry = before === undefined ? undefined : indexEntry(index, before);
  const newEntry = after === undefined ? undefined : indexEntry(index, after);
  if (oldEntry === undefined && newEntry === undefined) return;
  const oldKey = oldEntry && encodeRowKey(index.entryKey, oldEntry);
  const newKey = newEntry && encodeRowKey(index.entryKey, newEntry);
  if (oldKey !== undefined && oldKey !== newKey) {
    lockEntry(writes, index, oldKey, oldEntry);
    writes.put(index.entries, oldKey, undefined);
  }
  if (newKey === undefined) return;
  if (oldKey === newKey && sameCells(oldEntry, newEntry)) return;
  lockEntry(writes, index, newKey, newEntry);
  writes.put(index.entries, newKey, newEntry);
}

/** A unique index is locked for all entries of those values: another row may be taking them. */
function lockEntry(writes: WriteSet, index: Index, key: string, entry: Row | undefined): void {
  writes.mutationCount += index.columns.length;
  if (!index.unique || entry === undefined) {
    writes.lock(index.entries, key, true);
    return;
  }
  const prefix = encodeKey(index.entryKey.slice(0, index.indexedCount), entry);
  writes.lock(index.entries, prefixRange(prefix), true);
}

/** The entry that a row has in an index; undefined where a null-filtered index leaves it out. */
export function indexEntry(index: Index, row: Row): Row | undefined {
  const entry = index.columns.map((column) => row[column.ordinal] ?? null);
  if (index.nullFiltered && entry.slice(0, index.indexedCount).includes(null)) return undefined;
  return entry;
}

function sameCells(left: Row | undefined, right: Row | undefined): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
