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
  removedRows: number;
}

/** What DuckDB keeps with each row of a table that change data capture writes. */
const SEQUENCE = "_gsql_sequence";
const DELETED = "_gsql_deleted";
const STAGING = "_gsql_staging";
const CHUNK_ROWS = 2048;
/** Rows removed until DuckDB is told to give their room back, which takes longer than removing them. */
const CHECKPOINT_ROWS = 500_000;

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

/** Adds rows to DuckDB's table, and replaces there what newer changes replace. */
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
  const columns = `${columnsOf(table)}, ${SEQUENCE}, ${DELETED}`;
  await stage(connection, table, columns, changes);
  const { relation } = table;
  const isSame = table.primaryKey
    .map(quoteName)
    .map((name) => `held.${name} IS NOT DISTINCT FROM staged.${name}`)
    .join(" AND ");
  await connection.run(
    `DELETE FROM ${STAGING} AS staged USING ${relation} AS held WHERE ${isSame} AND staged.${SEQUENCE} < held.${SEQUENCE}`,
  );
  const removed = await connection.run(
    `DELETE FROM ${relation} AS held USING ${STAGING} AS staged WHERE ${isSame}`,
  );
  await connection.run(`INSERT INTO ${relation} (${columns}) SELECT ${columns} FROM ${STAGING}`);
  table.removedRows += removed.rowsChanged;
  if (table.removedRows < CHECKPOINT_ROWS) return;
  table.removedRows = 0;
  await connection.run("CHECKPOINT");
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
