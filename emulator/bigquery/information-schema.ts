import { quoteName, quoteText } from "../sql/quoting.ts";
import { type Field, typeText } from "./schema.ts";
import type { Resource, Table } from "./warehouse.ts";

/** What the views of INFORMATION_SCHEMA are made from. */
export interface Catalogue {
  readonly datasets: readonly Resource[];
  readonly tables: readonly Table[];
}

type Cell = string | number | boolean | null;
type ColumnType = "VARCHAR" | "BIGINT" | "BOOLEAN" | "TIMESTAMPTZ";

/** One view: its columns with their DuckDB types, and its rows. */
interface View {
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly rows: (catalogue: Catalogue) => readonly (readonly Cell[])[];
}

/** The DuckDB relation of a view of INFORMATION_SCHEMA; undefined where the emulator has none of that name. */
export function informationSchema(view: string, catalogue: Catalogue): string | undefined {
  const found = views[view.toUpperCase()];
  if (found === undefined) return undefined;
  const columns = Object.entries(found.columns);
  const names = columns.map(([name]) => quoteName(name)).join(", ");
  const rows = found.rows(catalogue);
  const typed = columns.map(
    ([name, type]) => `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(name)}`,
  );
  const values = rows.length > 0 ? rows : [columns.map(() => null)];
  const lists = values.map((row) => `(${row.map(literal).join(", ")})`).join(", ");
  const none = rows.length > 0 ? "" : " WHERE FALSE";
  return `(SELECT ${typed.join(", ")} FROM (VALUES ${lists}) AS held(${names})${none})`;
}

function literal(cell: Cell): string {
  if (cell === null) return "NULL";
  return typeof cell === "string" ? quoteText(cell) : String(cell);
}

const tableNames = {
  table_catalog: "VARCHAR",
  table_schema: "VARCHAR",
  table_name: "VARCHAR",
} as const;

function nameCells({ id }: Table): Cell[] {
  return [id.projectId, id.datasetId, id.tableId];
}

function timeText(ms: unknown): string {
  return new Date(Number(ms)).toISOString();
}

function isTable(table: Table): boolean {
  return table.view === undefined;
}

const keyColumns = {
  constraint_catalog: "VARCHAR",
  constraint_schema: "VARCHAR",
  constraint_name: "VARCHAR",
  ...tableNames,
} as const;

function keyCells(table: Table): Cell[] {
  const { projectId, datasetId, tableId } = table.id;
  return [projectId, datasetId, `${tableId}.pk$`, ...nameCells(table)];
}

const views: Readonly<Record<string, View>> = {
  SCHEMATA: {
    columns: {
      catalog_name: "VARCHAR",
      schema_name: "VARCHAR",
      schema_owner: "VARCHAR",
      creation_time: "TIMESTAMPTZ",
      last_modified_time: "TIMESTAMPTZ",
      location: "VARCHAR",
    },
    rows: ({ datasets }) => datasets.map(schemaRow),
  },
  TABLES: {
    columns: {
      ...tableNames,
      table_type: "VARCHAR",
      is_insertable_into: "VARCHAR",
      is_typed: "VARCHAR",
      creation_time: "TIMESTAMPTZ",
    },
    rows: ({ tables }) =>
      tables.map((table) => [
        ...nameCells(table),
        isTable(table) ? "BASE TABLE" : "VIEW",
        isTable(table) ? "YES" : "NO",
        "NO",
        timeText(table.createTimeMs),
      ]),
  },
  VIEWS: {
    columns: { ...tableNames, view_definition: "VARCHAR", use_standard_sql: "VARCHAR" },
    rows: ({ tables }) =>
      tables.flatMap((table) =>
        table.view === undefined ? [] : [[...nameCells(table), table.view, "YES"]],
      ),
  },
  COLUMNS: {
    columns: {
      ...tableNames,
      column_name: "VARCHAR",
      ordinal_position: "BIGINT",
      is_nullable: "VARCHAR",
      data_type: "VARCHAR",
      is_generated: "VARCHAR",
      is_hidden: "VARCHAR",
      is_partitioning_column: "VARCHAR",
      clustering_ordinal_position: "BIGINT",
    },
    rows: ({ tables }) =>
      tables.flatMap((table) => table.schema.map((field, at) => columnRow(table, field, at))),
  },
  COLUMN_FIELD_PATHS: {
    columns: {
      ...tableNames,
      column_name: "VARCHAR",
      field_path: "VARCHAR",
      data_type: "VARCHAR",
      description: "VARCHAR",
    },
    rows: ({ tables }) =>
      tables.flatMap((table) =>
        table.schema.flatMap((field) => pathRows(table, field.name, field, field.name)),
      ),
  },
  TABLE_CONSTRAINTS: {
    columns: { ...keyColumns, constraint_type: "VARCHAR", enforced: "VARCHAR" },
    rows: ({ tables }) =>
      tables
        .filter(({ primaryKey }) => primaryKey.length > 0)
        .map((table) => [...keyCells(table), "PRIMARY KEY", "NO"]),
  },
  KEY_COLUMN_USAGE: {
    columns: { ...keyColumns, column_name: "VARCHAR", ordinal_position: "BIGINT" },
    rows: ({ tables }) =>
      tables.flatMap((table) =>
        table.primaryKey.map((name, at) => [...keyCells(table), name, at + 1]),
      ),
  },
  TABLE_OPTIONS: {
    columns: {
      ...tableNames,
      option_name: "VARCHAR",
      option_type: "VARCHAR",
      option_value: "VARCHAR",
    },
    rows: ({ tables }) => tables.flatMap(optionRows),
  },
};

function schemaRow(dataset: Resource): Cell[] {
  const { projectId, datasetId } = Object(dataset["datasetReference"]);
  const times = [timeText(dataset["creationTime"]), timeText(dataset["lastModifiedTime"])];
  return [projectId, datasetId, null, ...times, String(dataset["location"])];
}

function columnRow(table: Table, field: Field, at: number): Cell[] {
  const { timePartitioning, clustering } = Object(table.resource);
  const cluster = (clustering?.fields ?? []).indexOf(field.name);
  return [
    ...nameCells(table),
    field.name,
    at + 1,
    field.mode === "REQUIRED" ? "NO" : "YES",
    typeText(field),
    "NEVER",
    "NO",
    timePartitioning?.field === field.name ? "YES" : "NO",
    cluster < 0 ? null : cluster + 1,
  ];
}

function pathRows(table: Table, column: string, field: Field, path: string): Cell[][] {
  const { description } = field;
  const row = [
    ...nameCells(table),
    column,
    path,
    typeText(field),
    description === undefined ? null : String(description),
  ];
  const inner = field.fields?.flatMap((each) =>
    pathRows(table, column, each, `${path}.${each.name}`),
  );
  return [row, ...(inner ?? [])];
}

function optionRows(table: Table): Cell[][] {
  const { description, labels, maxStaleness } = table.resource;
  const options: [string, string, string][] = [];
  if (description !== undefined) {
    options.push(["description", "STRING", JSON.stringify(description)]);
  }
  if (labels !== undefined) {
    const pairs = Object.entries(Object(labels)).map(
      ([name, value]) => `STRUCT("${name}", "${String(value)}")`,
    );
    options.push(["labels", "ARRAY<STRUCT<STRING, STRING>>", `[${pairs.join(", ")}]`]);
  }
  if (maxStaleness !== undefined) {
    options.push([
      "max_staleness",
      "INTERVAL",
      `INTERVAL "${String(maxStaleness)}" YEAR TO SECOND`,
    ]);
  }
  return options.map((option) => [...nameCells(table), ...option]);
}
