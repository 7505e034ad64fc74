import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBResultReader,
  type DuckDBValue,
} from "@duckdb/node-api";
import { translateStatement } from "../sql/dml.ts";
import { macroStatements, sessionStatements } from "../sql/macros.ts";
import { quoteName } from "../sql/quoting.ts";
import { translateQuery } from "../sql/translate.ts";
import { TranslationError } from "../sql/translation-error.ts";
import { alreadyExists, invalid, notFound, queryError } from "./api-error.ts";
import { flushRows, prepareForChanges, readRelation } from "./flush-rows.ts";
import { informationSchema } from "./information-schema.ts";
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
  /** The flush under way that no query asked for. */
  relief: Promise<void> | undefined;
  /** Whether DuckDB's table has the columns by which changes are told apart. */
  holdsChanges: boolean;
  /** Changes since DuckDB last gave back the room of what they replaced. */
  changedRows: number;
}

export interface QueryResult {
  readonly schema: readonly Field[];
  readonly rows: readonly (readonly DuckDBValue[])[];
  /** Set where the statement changed rows instead of reading them. */
  readonly dml?: { readonly kind: string; readonly affectedRows: number };
}

/** DuckDB would look for room to give back every few seconds, for which all wait; it is told when to. */
const KEEP_REMOVED = "SET checkpoint_threshold = '1TB'";
/** So many rows that wait are brought to DuckDB unasked; twice as many hold up those who append. */
const mostWaitingRows = 5000;

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
    for (const statement of [...sessionStatements, ...macroStatements, KEEP_REMOVED])
      await connection.run(statement);
    return new Warehouse(instance, connection);
  }

  /** Waits for what runs: DuckDB does not bear to be closed under it. */
  async close(): Promise<void> {
    await this.#tail;
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
    const options = {
      dialect: "bigquery" as const,
      resolveTable: (path: readonly string[]) => this.#relation(path, scope, touched),
      ...(parameters && { parameterTypes: parameters.types }),
    };
    const translate = () => {
      const statement = translateStatement(source, options);
      return statement ?? { kind: "select" as const, ...translateQuery(source, options) };
    };
    try {
      translate();
      const reads = [...touched].map((table) => ({ table, arrived: table.rows.arrived }));
      return await this.#exclusively(async () => {
        // Those that waited together are brought up to date once.
        for (const { table, arrived } of reads) {
          if (table.rows.lacks(arrived)) await this.#bringUp(table);
        }
        // What a table is called in DuckDB depends on what has reached it.
        const { kind, sql, parameters: names } = translate();
        const bound = parameters?.bind(names);
        if (kind !== "select") {
          for (const table of touched) refuseDml(table, kind);
          const affectedRows = isDryRun
            ? 0
            : (await this.#connection.run(sql, bound?.values, bound?.types)).rowsChanged;
          return { schema: [], rows: [], dml: { kind, affectedRows } };
        }
        const text = isDryRun ? `SELECT * FROM (${sql}) LIMIT 0` : sql;
        const result = await this.#connection.runAndReadAll(text, bound?.values, bound?.types);
        return { schema: fieldsOf(result), rows: result.getRows() };
      });
    } catch (error) {
      if (error instanceof TranslationError) throw invalid(error.message, "invalidQuery");
      throw queryError(error, source);
    }
  }

  /** Brings DuckDB up in the background where many rows wait; what to wait for where far too many do. */
  relieve(table: Table): Promise<void> | undefined {
    if (table.rows.waiting < mostWaitingRows) return undefined;
    table.relief ??= this.flush(table).finally(() => {
      table.relief = undefined;
    });
    return table.rows.waiting < 2 * mostWaitingRows ? undefined : table.relief;
  }

  /** Brings DuckDB up to what was appended. */
  flush(table: Table): Promise<void> {
    return this.#exclusively(() => this.#bringUp(table));
  }

  /** Reads a table, up to date, by a query that is made of the name of its relation. */
  readTable(table: Table, write: (relation: string) => string): Promise<DuckDBValue[][]> {
    return this.#exclusively(async () => {
      await this.#bringUp(table);
      return (await this.#connection.runAndReadAll(write(readRelation(table)))).getRows();
    });
  }

  /** Runs a DuckDB statement of our own making. */
  async run(sql: string): Promise<void> {
    await this.#run(sql);
  }

  /** The fields of a DuckDB query of our own making. */
  fieldsOf(sql: string): Promise<Field[]> {
    return this.#exclusively(async () => {
      const result = await this.#connection.runAndReadAll(`SELECT * FROM (${sql}) LIMIT 0`);
      return fieldsOf(result);
    });
  }

  /** Reads a whole result of a DuckDB query of our own making. */
  read(sql: string): Promise<DuckDBValue[][]> {
    return this.#exclusively(async () => (await this.#connection.runAndReadAll(sql)).getRows());
  }

  async #bringUp(table: Table): Promise<void> {
    if (table.rows.hasChanges) await prepareForChanges(this.#connection, table);
    if (table.rows.waiting > 0) await flushRows(this.#connection, table, table.rows.take());
  }

  #relation(
    path: readonly string[],
    scope: { projectId: string; datasetId?: string },
    touched: Set<Table>,
  ): string | undefined {
    if (path.at(-2)?.toUpperCase() === "INFORMATION_SCHEMA")
      return this.#catalogueView(path, scope);
    const id = tableIdOf(path, scope);
    const table = id === undefined ? undefined : this.tables.get(tableKey(id));
    if (table === undefined) return undefined;
    if (table.view === undefined) {
      touched.add(table);
      return readRelation(table);
    }
    const resolveTable = (inner: readonly string[]) => this.#relation(inner, table.id, touched);
    return `(${translateQuery(table.view, { dialect: "bigquery", resolveTable }).sql})`;
  }

  /** `dataset.INFORMATION_SCHEMA.VIEW`, or of all datasets: unqualified, or of a region. */
  #catalogueView(
    path: readonly string[],
    scope: { projectId: string; datasetId?: string },
  ): string | undefined {
    const [view = "", , owner, projectId = scope.projectId] = [...path].reverse();
    const datasetId = owner?.startsWith("region-") === true ? undefined : owner;
    const isIn = (id: { projectId?: unknown; datasetId?: unknown }) =>
      id.projectId === projectId && (datasetId === undefined || id.datasetId === datasetId);
    const datasets = [...this.datasets.values()].filter((dataset) =>
      isIn(Object(dataset["datasetReference"])),
    );
    if (datasets.length === 0 && datasetId !== undefined) return undefined;
    const tables = [...this.tables.values()].filter(({ id }) => isIn(id));
    return informationSchema(view, { datasets, tables });
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

function fieldsOf(result: DuckDBResultReader): Field[] {
  const types = result.columnTypes();
  return result.columnNames().map((name, index) => resultField(name, types[index] ?? fail()));
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
    relief: undefined,
    holdsChanges: false,
    changedRows: 0,
  };
}
