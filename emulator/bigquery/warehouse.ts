import { setImmediate } from "node:timers/promises";
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
} from "@duckdb/node-api";
import { translateStatement } from "../sql/dml.ts";
import { macroStatements, sessionStatements } from "../sql/macros.ts";
import { quoteName } from "../sql/quoting.ts";
import { translateQuery } from "../sql/translate.ts";
import { TranslationError } from "../sql/translation-error.ts";
import { alreadyExists, invalid, notFound, queryError } from "./api-error.ts";
import type { QueryParameters } from "./query-parameters.ts";
import { resultField } from "./result-value.ts";
import { canonicalField, duckdbType, type Field } from "./schema.ts";
import { TableRows } from "./table.ts";

export interface TableId {
  readonly projectId: string;
  readonly datasetId: string;
  readonly tableId: string;
}

/** A resource as REST carries it; the service keeps what it does not interpret. */
export type Resource = Readonly<Record<string, unknown>>;

export interface Table {
  readonly id: TableId;
  readonly relation: string;
  schema: readonly Field[];
  readonly primaryKey: readonly string[];
  readonly rows: TableRows;
  /** The query of a view; undefined for a table. */
  view: string | undefined;
  resource: Resource;
  readonly createTimeMs: number;
  /** Whether a flush that no query asked for is under way. */
  isRelieved: boolean;
}

export interface QueryResult {
  readonly schema: readonly Field[];
  readonly rows: readonly (readonly DuckDBValue[])[];
  /** Set where the statement changed rows instead of reading them. */
  readonly dml?: { readonly kind: string; readonly affectedRows: number };
}

const chunkRows = 2048;
/** So many more rows are written before a query asks: else the first query after an hour waits for all. */
const mostWaitingRows = 20_000;

/** Datasets and tables, their rows in DuckDB. One connection; its statements run one after another. */
export class Warehouse {
  readonly datasets = new Map<string, Resource>();
  readonly tables = new Map<string, Table>();
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  /** `path` is DuckDB's database file; `:memory:` keeps all in memory. */
  static async open(path: string): Promise<Warehouse> {
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    for (const statement of [...sessionStatements, ...macroStatements])
      await connection.run(statement);
    return new Warehouse(instance, connection);
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  table(id: TableId): Table {
    const table = this.tables.get(tableKey(id));
    if (table === undefined) throw notFound("Table", tableName(id));
    return table;
  }

  async createTable(id: TableId, resource: Resource, nowMs: number): Promise<Table> {
    if (!this.datasets.has(`${id.projectId}.${id.datasetId}`)) {
      throw notFound("Dataset", `${id.projectId}:${id.datasetId}`);
    }
    if (this.tables.has(tableKey(id))) throw alreadyExists("Table", tableName(id));
    const table = describeTable(id, resource, nowMs);
    if (table.view === undefined) {
      const columns = table.schema.map((field) => `${quoteName(field.name)} ${duckdbType(field)}`);
      await this.#run(`CREATE TABLE ${table.relation} (${columns.join(", ") || "_empty BOOLEAN"})`);
    } else {
      table.schema = (await this.query(table.view, id, undefined, true)).schema;
    }
    this.tables.set(tableKey(id), table);
    return table;
  }

  async dropTable(id: TableId): Promise<void> {
    const table = this.table(id);
    this.tables.delete(tableKey(id));
    if (table.view === undefined) await this.#run(`DROP TABLE ${table.relation}`);
  }

  /** Adds the columns that `schema` has beyond the table's own; others may not change. */
  async widen(table: Table, schema: readonly Field[]): Promise<void> {
    const known = new Set(table.schema.map((field) => field.name));
    if (
      schema.length < known.size ||
      !table.schema.every((field) => schema.some((next) => next.name === field.name))
    ) {
      throw invalid(
        `Provided Schema does not match Table ${tableName(table.id)}: a column is missing`,
      );
    }
    await this.flush(table);
    const added = schema.filter((field) => !known.has(field.name)).map(canonicalField);
    for (const field of added) {
      await this.#run(
        `ALTER TABLE ${table.relation} ADD COLUMN ${quoteName(field.name)} ${duckdbType(field)}`,
      );
    }
    table.schema = [...table.schema, ...added];
  }

  /** Runs one GoogleSQL query; names without a dataset are looked up in `scope`'s. */
  async query(
    source: string,
    scope: { projectId: string; datasetId?: string },
    parameters?: QueryParameters,
    isDryRun = false,
  ): Promise<QueryResult> {
    const touched = new Set<Table>();
    const resolveTable = (path: readonly string[]) => this.#relation(path, scope, touched);
    const options = { dialect: "bigquery" as const, resolveTable };
    try {
      const types = parameters === undefined ? {} : { parameterTypes: parameters.types };
      const statement = translateStatement(source, { ...options, ...types });
      const { sql, parameters: names } =
        statement ?? translateQuery(source, { ...options, ...types });
      for (const table of touched) {
        if (statement !== undefined) refuseDml(table, statement.kind);
        if (!isDryRun) await this.flush(table);
      }
      const bound = parameters?.bind(names);
      if (statement !== undefined) {
        if (isDryRun)
          return { schema: [], rows: [], dml: { kind: statement.kind, affectedRows: 0 } };
        const affectedRows = await this.#exclusively(
          async () => (await this.#connection.run(sql, bound?.values, bound?.types)).rowsChanged,
        );
        return { schema: [], rows: [], dml: { kind: statement.kind, affectedRows } };
      }
      return await this.#exclusively(async () => {
        const text = isDryRun ? `SELECT * FROM (${sql}) LIMIT 0` : sql;
        const result = await this.#connection.runAndReadAll(text, bound?.values, bound?.types);
        const types = result.columnTypes();
        const schema = result
          .columnNames()
          .map((name, index) => resultField(name, types[index] ?? fail()));
        return { schema, rows: result.getRows() };
      });
    } catch (error) {
      if (error instanceof TranslationError) throw invalid(error.message, "invalidQuery");
      throw queryError(error);
    }
  }

  /** Brings DuckDB up in the background where many rows wait, so that memory stays bounded. */
  relieve(table: Table): void {
    if (table.rows.waiting < mostWaitingRows || table.isRelieved) return;
    table.isRelieved = true;
    void this.flush(table).finally(() => {
      table.isRelieved = false;
    });
  }

  /** Brings DuckDB up to what was appended. */
  flush(table: Table): Promise<void> {
    return this.#exclusively(async () => {
      const { removed, added } = table.rows.takeUnreplicated();
      if (removed.length > 0) await this.#remove(table, removed);
      if (added.length > 0) await this.#append(table.relation, table.schema.length, added);
    });
  }

  /** Runs a DuckDB statement of our own making. */
  async run(sql: string): Promise<void> {
    await this.#run(sql);
  }

  /** Reads a whole result of a DuckDB query of our own making. */
  read(sql: string): Promise<DuckDBValue[][]> {
    return this.#exclusively(async () => (await this.#connection.runAndReadAll(sql)).getRows());
  }

  async #remove(table: Table, keys: readonly (readonly DuckDBValue[])[]): Promise<void> {
    const columns = table.primaryKey.map(quoteName);
    const staging = quoteName(`removed ${tableKey(table.id)}`);
    await this.#connection.run(
      `CREATE OR REPLACE TEMP TABLE ${staging} AS SELECT ${columns.join(", ")} FROM ${table.relation} LIMIT 0`,
    );
    await this.#append(staging, columns.length, keys);
    const same = columns.map((name) => `target.${name} IS NOT DISTINCT FROM gone.${name}`);
    await this.#connection.run(
      `DELETE FROM ${table.relation} AS target USING ${staging} AS gone WHERE ${same.join(" AND ")}`,
    );
    await this.#connection.run(`DROP TABLE ${staging}`);
  }

  async #append(
    relation: string,
    width: number,
    rows: readonly (readonly DuckDBValue[])[],
  ): Promise<void> {
    const appender = await this.#connection.createAppender(
      relation.slice(1, -1).replaceAll('""', '"'),
    );
    const types = Array.from(
      { length: width },
      (_, index): DuckDBType => appender.columnType(index),
    );
    for (let start = 0; start < rows.length; start += chunkRows) {
      const part = rows.slice(start, start + chunkRows);
      const chunk = DuckDBDataChunk.create(types, part.length);
      chunk.setColumns(types.map((_, column) => part.map((row) => row[column] ?? null)));
      appender.appendDataChunk(chunk);
      await setImmediate(); // The emulators share this thread: their other callers come between.
    }
    appender.closeSync();
  }

  #relation(
    path: readonly string[],
    scope: { projectId: string; datasetId?: string },
    touched: Set<Table>,
  ): string | undefined {
    const id = tableIdOf(path, scope);
    const table = id === undefined ? undefined : this.tables.get(tableKey(id));
    if (table === undefined) return undefined;
    if (table.view === undefined) {
      touched.add(table);
      return table.relation;
    }
    const resolveTable = (inner: readonly string[]) => this.#relation(inner, table.id, touched);
    return `(${translateQuery(table.view, { dialect: "bigquery", resolveTable }).sql})`;
  }

  #run(sql: string): Promise<unknown> {
    return this.#exclusively(() => this.#connection.run(sql));
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}

/** As the service: rows that change data capture keeps are changed by it alone. */
function refuseDml(table: Table, kind: string): void {
  if (!table.rows.hasChanges) return;
  const statement = kind.toUpperCase();
  throw invalid(
    `${statement} statement over table ${tableName(table.id)} is not supported: it receives change data capture writes`,
    "invalidQuery",
  );
}

function fail(): never {
  throw invalid("A result column has no type");
}

export function tableKey(id: TableId): string {
  return `${id.projectId}.${id.datasetId}.${id.tableId}`;
}

/** As messages of the service name a table. */
export function tableName(id: TableId): string {
  return `${id.projectId}:${id.datasetId}.${id.tableId}`;
}

function tableIdOf(
  path: readonly string[],
  scope: { projectId: string; datasetId?: string },
): TableId | undefined {
  const [tableId, datasetId = scope.datasetId, projectId = scope.projectId] = [...path].reverse();
  if (tableId === undefined || datasetId === undefined) return undefined;
  return { projectId, datasetId, tableId };
}

function describeTable(id: TableId, resource: Resource, nowMs: number): Table {
  // REST bodies are JSON of the shape the discovery document gives; fields are checked as they are used.
  const body = resource as {
    schema?: { fields?: Field[] };
    view?: { query?: string };
    tableConstraints?: { primaryKey?: { columns?: string[] } };
  };
  const schema = (body.schema?.fields ?? []).map(canonicalField);
  const primaryKey = body.tableConstraints?.primaryKey?.columns ?? [];
  for (const name of primaryKey) {
    if (!schema.some((field) => field.name === name)) {
      throw invalid(`Primary key column ${name} is not a column of table ${tableName(id)}`);
    }
  }
  return {
    id,
    relation: quoteName(tableKey(id)),
    schema,
    primaryKey,
    rows: new TableRows(schema, primaryKey),
    view: body.view?.query,
    resource,
    createTimeMs: nowMs,
    isRelieved: false,
  };
}
