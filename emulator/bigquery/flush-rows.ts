import { setImmediate as nextTurn } from "node:timers/promises";
import { type DuckDBConnection, DuckDBDataChunk, type DuckDBType } from "@duckdb/node-api";
import { quoteName } from "../sql/quoting.ts";
import type { Field } from "./schema.ts";
import type { Cells, WaitingRows } from "./table.ts";

/** A table as DuckDB holds it. */
export interface HeldTable {
  readonly relation: string;
  readonly schema: readonly Field[];
  readonly primaryKey: readonly string[];
  holdsChanges: boolean;
  changedRows: number;
}

/** What DuckDB keeps with each row of a table that change data capture writes. */
const SEQUENCE = "_gsql_sequence";
const DELETED = "_gsql_deleted";
const STAGING = "_gsql_staging";
const CHUNK_ROWS = 2048;
/** Changes of a table until DuckDB is told to give back the room of what they replaced, for which all wait. */
const CHECKPOINT_ROWS = 5_000_000;

/** What a query reads: deletions are kept, so that older upserts stay away, but not shown. */
export function readRelation(table: HeldTable): string {
  if (!table.holdsChanges) return table.relation;
  return `(SELECT ${columnsOf(table)} FROM ${table.relation} WHERE ${DELETED} IS NOT TRUE)`;
}

/** Gives DuckDB's table its columns for changes, once. */
export async function prepareForChanges(
  connection: DuckDBConnection,
  table: HeldTable,
): Promise<void> {
  if (table.holdsChanges) return;
  await connection.run(`ALTER TABLE ${table.relation} ADD COLUMN ${SEQUENCE} VARCHAR`);
  await connection.run(`ALTER TABLE ${table.relation} ADD COLUMN ${DELETED} BOOLEAN`);
  table.holdsChanges = true;
}

/** Adds rows to DuckDB's table, and replaces there, in place, what newer changes replace. */
export async function flushRows(
  connection: DuckDBConnection,
  table: HeldTable,
  { plain, changes }: WaitingRows,
): Promise<void> {
  if (changes.length > 0) await applyChanges(connection, table, changes);
  if (plain.length === 0) return;
  if (!table.holdsChanges) {
    await append(connection, table.relation.slice(1, -1).replaceAll('""', '"'), plain);
    return;
  }
  const columns = columnsOf(table);
  await stage(connection, table, columns, plain);
  await connection.run(
    `INSERT INTO ${table.relation} (${columns}) SELECT ${columns} FROM ${STAGING}`,
  );
}

async function applyChanges(
  connection: DuckDBConnection,
  table: HeldTable,
  changes: readonly Cells[],
): Promise<void> {
  const names = [...table.schema.map(({ name }) => quoteName(name)), SEQUENCE, DELETED];
  const keys = table.primaryKey.map(quoteName);
  await stage(connection, table, names.join(", "), changes);
  const isSame = table.schema
    .filter(({ name }) => table.primaryKey.includes(name))
    .map(isSameValue)
    .join(" AND ");
  const isNewer = `staged.${SEQUENCE} < held.${SEQUENCE} IS NOT TRUE`;
  const updates = names
    .filter((name) => !keys.includes(name))
    .map((name) => `${name} = staged.${name}`);
  await connection.run(
    `MERGE INTO ${table.relation} AS held USING ${STAGING} AS staged ON (${isSame})
WHEN MATCHED AND ${isNewer} THEN UPDATE SET ${updates.join(", ")}
WHEN NOT MATCHED THEN INSERT (${names.join(", ")})
  VALUES (${names.map((name) => `staged.${name}`).join(", ")})`,
  );
  table.changedRows += changes.length;
  if (table.changedRows < CHECKPOINT_ROWS) return;
  table.changedRows = 0;
  await connection.run("CHECKPOINT");
}

/** By `=`, where there is no NULL, DuckDB passes over the parts of its table that cannot have the value. */
function isSameValue({ name, mode }: Field): string {
  const equals = mode === "REQUIRED" ? "=" : "IS NOT DISTINCT FROM";
  return `held.${quoteName(name)} ${equals} staged.${quoteName(name)}`;
}

async function stage(
  connection: DuckDBConnection,
  table: HeldTable,
  columns: string,
  rows: readonly Cells[],
): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ${STAGING} AS SELECT ${columns} FROM ${table.relation} LIMIT 0`,
  );
  await append(connection, STAGING, rows);
}

async function append(
  connection: DuckDBConnection,
  name: string,
  rows: readonly Cells[],
): Promise<void> {
  const appender = await connection.createAppender(name);
  const types = Array.from({ length: appender.columnCount }, (_, at) => appender.columnType(at));
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    appender.appendDataChunk(chunkOf(types, rows.slice(start, start + CHUNK_ROWS)));
    // The servers of this process answer between two pieces.
    await nextTurn();
  }
  appender.closeSync();
}

function chunkOf(types: readonly DuckDBType[], rows: readonly Cells[]): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(types, rows.length);
  for (let column = 0; column < types.length; column++) {
    const vector = chunk.getColumnVector(column);
    for (let at = 0; at < rows.length; at++) vector.setItem(at, rows[at]?.[column] ?? null);
    vector.flush();
  }
  return chunk;
}

function columnsOf(table: HeldTable): string {
  return table.schema.map((field) => quoteName(field.name)).join(", ");
}
