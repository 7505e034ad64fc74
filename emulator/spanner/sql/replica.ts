import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { status } from "@grpc/grpc-js";
import { messageOf } from "../../grpc/message-of.ts";
import { StatusError } from "../../grpc/status-error.ts";
import { macroStatements, sessionStatements } from "../../sql/macros.ts";
import { translateQuery } from "../../sql/translate.ts";
import { TranslationError } from "../../sql/translation-error.ts";
import type { Schema, Table } from "../schema/schema.ts";
import type { ResultRows } from "../transactions/read-rows.ts";
import type { View } from "../transactions/write-set.ts";
import type { Row } from "../values/cell.ts";
import { ALL_KEYS } from "../values/key-codec.ts";
import { typeName } from "../values/type.ts";
import { duckdbTypeName, fromDuckdb, spannerTypeOf, toDuckdb } from "./duckdb-value.ts";
import { type Parameter, parameterOf } from "./parameters.ts";
import { sqlTable } from "./table-scope.ts";

/** A query that names its tables, still in GoogleSQL. */
export interface ReplicaQuery {
  readonly sql: string;
  readonly parameters: ReadonlyMap<string, Parameter>;
}

/** Rows deleted in DuckDB until it is told to give their room back, which takes longer than deleting them. */
const CHECKPOINT_ROWS = 500_000;

/** What a replica's table was filled from. */
interface Copy {
  readonly relation: string;
  readonly table: Table;
  /** Columns at the time: another set of them makes another copy. */
  readonly signature: string;
  /** The newest change it holds. */
  lastChange: number;
  /** The number under which each row's key is held. */
  readonly numbers: Map<string, bigint>;
  nextNumber: bigint;
}

/**
 * Answers what the rows themselves cannot (joins, grouping, windows) from copies of the tables in
 * DuckDB, made when a query first names them, and brought up to date with what changed since.
 */
export class SqlReplica {
  #connection: Promise<DuckDBConnection> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #copies = new Map<Table, Copy>();
  #nextRelation = 1;
  /** Since DuckDB last gave back the room of deleted rows. */
  #replacedRows = 0;

  /** The tables that a query reads; throws where it cannot be translated. */
  tablesOf(schema: Schema, query: ReplicaQuery): Table[] {
    const tables = new Set<Table>();
    translate(query, (name) => {
      tables.add(sqlTable(schema, name));
      return "t";
    });
    return [...tables];
  }

  /**
   * Runs a query on the rows that `view` shows. `timestamp` is the time it shows; undefined where a
   * transaction looks, whose own writes may be among them.
   */
  run(
    schema: Schema,
    query: ReplicaQuery,
    at: { readonly view: View; readonly timestamp: number | undefined },
  ): Promise<ResultRows> {
    const result = this.#last.then(() => this.#runNext(schema, query, at));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await this.#last;
    (await this.#connection)?.closeSync();
  }

  async #runNext(
    schema: Schema,
    query: ReplicaQuery,
    { view, timestamp }: { readonly view: View; readonly timestamp: number | undefined },
  ): Promise<ResultRows> {
    this.#connection ??= connect();
    const connection = await this.#connection;
    const relations = new Map<Table, string>();
    const passing: string[] = [];
    for (const table of this.tablesOf(schema, query)) {
      const isNewest = timestamp !== undefined && timestamp >= table.rows.lastChange;
      if (isNewest && schema.findTable(table.name) === table) {
        relations.set(table, await this.#upToDate(connection, table));
        continue;
      }
      const copy = await this.#fill(connection, table, view.scan(table.rows, ALL_KEYS));
      passing.push(copy.relation);
      relations.set(table, copy.relation);
    }
    try {
      return await execute(connection, query, (name) => relations.get(sqlTableIn(relations, name)));
    } finally {
      for (const relation of passing) await connection.run(dropRelation(relation));
    }
  }

  /** The lasting copy of a table's newest rows. */
  async #upToDate(connection: DuckDBConnection, table: Table): Promise<string> {
    const known = this.#copies.get(table);
    const isCurrent = known?.lastChange === table.rows.lastChange;
    if (known !== undefined && known.signature === signatureOf(table)) {
      if (isCurrent) return known.relation;
      const changed = table.rows.takeChangedKeys();
      if (changed !== undefined) {
        await this.#catchUp(connection, known, changed);
        return known.relation;
      }
    }
    if (known !== undefined) await connection.run(dropRelation(known.relation));
    table.rows.takeChangedKeys();
    const rows = table.rows.scan(ALL_KEYS, Number.POSITIVE_INFINITY);
    const copy = await this.#fill(connection, table, rows);
    this.#copies.set(table, copy);
    return copy.relation;
  }

  async #catchUp(
    connection: DuckDBConnection,
    copy: Copy,
    changed: ReadonlySet<string>,
  ): Promise<void> {
    const { table } = copy;
    const replaced: bigint[] = [];
    const rows: [string, Row][] = [];
    copy.lastChange = table.rows.lastChange;
    for (const key of changed) {
      const number = copy.numbers.get(key);
      if (number !== undefined) replaced.push(number);
      copy.numbers.delete(key);
      const row = table.rows.at(key, Number.POSITIVE_INFINITY);
      if (row !== undefined) rows.push([key, row]);
    }
    if (replaced.length > 0) {
      await connection.run(
        `DELETE FROM ${copy.relation}_rows WHERE "#" IN (${replaced.join(",")})`,
      );
    }
    await append(connection, copy, rows);
    this.#replacedRows += replaced.length;
    if (this.#replacedRows < CHECKPOINT_ROWS) return;
    this.#replacedRows = 0;
    await connection.run("CHECKPOINT");
  }

  async #fill(
    connection: DuckDBConnection,
    table: Table,
    rows: Iterable<readonly [string, Row]>,
  ): Promise<Copy> {
    const relation = `r${this.#nextRelation++}`;
    const columns = table.columns.map(
      ({ name, type }) => `${quoted(name)} ${duckdbTypeName(type)}`,
    );
    const names = table.columns.map(({ name }) => quoted(name));
    await connection.run(`CREATE TABLE ${relation}_rows ("#" BIGINT, ${columns.join(", ")})`);
    await connection.run(
      `CREATE VIEW ${relation} AS SELECT ${names.join(", ")} FROM ${relation}_rows`,
    );
    const copy: Copy = {
      relation,
      table,
      signature: signatureOf(table),
      lastChange: table.rows.lastChange,
      numbers: new Map(),
      nextNumber: 1n,
    };
    await append(connection, copy, rows);
    return copy;
  }
}

async function connect(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const statement of [...sessionStatements, ...macroStatements])
    await connection.run(statement);
  return connection;
}

async function append(
  connection: DuckDBConnection,
  copy: Copy,
  rows: Iterable<readonly [string, Row]>,
): Promise<void> {
  const appender = await connection.createAppender(`${copy.relation}_rows`);
  try {
    for (const [key, row] of rows) {
      const number = copy.nextNumber++;
      copy.numbers.set(key, number);
      appender.appendBigInt(number);
      for (const [position, { ordinal, type }] of copy.table.columns.entries()) {
        const value = toDuckdb(type, row[ordinal] ?? null);
        appender.appendValue(value, appender.columnType(position + 1));
      }
      appender.endRow();
    }
  } finally {
    appender.closeSync();
  }
}

async function execute(
  connection: DuckDBConnection,
  query: ReplicaQuery,
  relationOf: (name: string) => string | undefined,
): Promise<ResultRows> {
  const translated = translate(query, relationOf);
  const values = Object.fromEntries(
    translated.parameters.map((name) => {
      const { type, cell } = parameterOf(query.parameters, name);
      return [name, type === undefined ? null : toDuckdb(type, cell)];
    }),
  );
  const reader = await connection
    .runAndReadAll(translated.sql, values)
    .catch((error: unknown) => Promise.reject(queryError(error)));
  const names = reader.columnNames();
  const columns = reader.columnTypes().map((type, position) => ({
    name: names[position] ?? "",
    type: spannerTypeOf(type),
  }));
  return { columns, rows: reader.getRows().map((row) => row.map(fromDuckdb)) };
}

function translate(query: ReplicaQuery, relationOf: (name: string) => string | undefined) {
  const parameterTypes: Record<string, string> = {};
  for (const [name, { type }] of query.parameters) {
    if (type !== undefined) parameterTypes[name] = typeName(type);
  }
  try {
    return translateQuery(query.sql, {
      dialect: "spanner",
      resolveTable: (path) => relationOf(path.join(".")),
      parameterTypes,
    });
  } catch (error) {
    throw translationFailure(error);
  }
}

function translationFailure(error: unknown): unknown {
  if (!(error instanceof TranslationError)) return error;
  return new StatusError(status.INVALID_ARGUMENT, error.message);
}

/** DuckDB's own sentence; a value that does not fit (the macros mark those) is OUT_OF_RANGE. */
function queryError(error: unknown): StatusError {
  const message = messageOf(error);
  const marked = /gsql: ([^'"\n]*)/.exec(message)?.[1];
  if (marked !== undefined) return new StatusError(status.OUT_OF_RANGE, marked);
  return new StatusError(status.INVALID_ARGUMENT, message.split("\n")[0] ?? message);
}

function sqlTableIn(relations: ReadonlyMap<Table, string>, name: string): Table {
  const lower = name.toLowerCase();
  for (const table of relations.keys()) if (table.name.toLowerCase() === lower) return table;
  throw new StatusError(status.INVALID_ARGUMENT, `Table not found: ${name}`);
}

function signatureOf(table: Table): string {
  return table.columns
    .map(({ name, ordinal, type }) => `${name} ${ordinal} ${typeName(type)}`)
    .join();
}

function dropRelation(relation: string): string {
  return `DROP VIEW ${relation}; DROP TABLE ${relation}_rows`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
