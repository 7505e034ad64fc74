import { printType } from "../schema/print-ddl.ts";
import type { Column, Index, Schema, Table } from "../schema/schema.ts";
import { VersionedStore } from "../storage/versioned-store.ts";
import type { Cell } from "../values/cell.ts";
import { encodeKey } from "../values/key-codec.ts";
import { BOOL, INT64, type SpannerType, STRING } from "../values/type.ts";

/** A row's cells by column name; what is absent or undefined is NULL. */
type Cells = Readonly<Record<string, Cell | undefined>>;

interface InformationTable {
  readonly columns: Readonly<Record<string, SpannerType>>;
  readonly rows: (schema: Schema) => Cells[];
}

/** The tables of INFORMATION_SCHEMA that clients and tools ask for. Their own rows are left out. */
const TABLES: Readonly<Record<string, InformationTable>> = {
  SCHEMATA: {
    columns: texts("CATALOG_NAME", "SCHEMA_NAME"),
    rows: () => [{ SCHEMA_NAME: "" }, { SCHEMA_NAME: "INFORMATION_SCHEMA" }],
  },
  TABLES: {
    columns: texts(
      "TABLE_CATALOG",
      "TABLE_SCHEMA",
      "TABLE_NAME",
      "TABLE_TYPE",
      "PARENT_TABLE_NAME",
      "ON_DELETE_ACTION",
      "SPANNER_STATE",
      "INTERLEAVE_TYPE",
      "ROW_DELETION_POLICY_EXPRESSION",
    ),
    rows: (schema) => schema.tables().map(tableRow),
  },
  COLUMNS: {
    columns: {
      ...texts("TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME"),
      ORDINAL_POSITION: INT64,
      ...texts(
        "COLUMN_DEFAULT",
        "DATA_TYPE",
        "IS_NULLABLE",
        "SPANNER_TYPE",
        "IS_GENERATED",
        "GENERATION_EXPRESSION",
        "IS_STORED",
        "SPANNER_STATE",
      ),
    },
    rows: (schema) =>
      schema
        .tables()
        .flatMap((table) => table.columns.map((column, at) => columnRow(table, column, at + 1))),
  },
  COLUMN_OPTIONS: {
    columns: texts(
      "TABLE_CATALOG",
      "TABLE_SCHEMA",
      "TABLE_NAME",
      "COLUMN_NAME",
      "OPTION_NAME",
      "OPTION_TYPE",
      "OPTION_VALUE",
    ),
    rows: (schema) => schema.tables().flatMap(optionRows),
  },
  INDEXES: {
    columns: {
      ...texts(
        "TABLE_CATALOG",
        "TABLE_SCHEMA",
        "TABLE_NAME",
        "INDEX_NAME",
        "INDEX_TYPE",
        "PARENT_TABLE_NAME",
      ),
      IS_UNIQUE: BOOL,
      IS_NULL_FILTERED: BOOL,
      INDEX_STATE: STRING,
      SPANNER_IS_MANAGED: BOOL,
    },
    rows: (schema) =>
      schema.tables().flatMap((table) => [keyIndexRow(table), ...table.indexes.map(indexRow)]),
  },
  INDEX_COLUMNS: {
    columns: {
      ...texts(
        "TABLE_CATALOG",
        "TABLE_SCHEMA",
        "TABLE_NAME",
        "INDEX_NAME",
        "INDEX_TYPE",
        "COLUMN_NAME",
      ),
      ORDINAL_POSITION: INT64,
      ...texts("COLUMN_ORDERING", "IS_NULLABLE", "SPANNER_TYPE"),
    },
    rows: (schema) =>
      schema
        .tables()
        .flatMap((table) => [...keyColumnRows(table), ...table.indexes.flatMap(indexColumnRows)]),
  },
};

/** The table of that name in INFORMATION_SCHEMA, filled; undefined where it is none. */
export function informationTable(schema: Schema, name: string): Table | undefined {
  const [space, table = ""] = name.toUpperCase().split(".");
  const definition = space === "INFORMATION_SCHEMA" ? TABLES[table] : undefined;
  if (definition === undefined) return undefined;
  const columns = Object.entries(definition.columns).map(([column, type], ordinal) =>
    plain(column, type, ordinal),
  );
  const rows = new VersionedStore(name);
  for (const [position, cells] of definition.rows(schema).entries()) {
    const row = columns.map((column) => cells[column.name] ?? (isSpace(column.name) ? "" : null));
    rows.write(
      encodeKey([{ ordinal: 0, type: INT64, descending: false }], [String(position)]),
      row,
      0,
    );
  }
  return {
    name: `INFORMATION_SCHEMA.${table}`,
    columns,
    nextOrdinal: columns.length,
    primaryKey: [],
    parent: undefined,
    children: [],
    indexes: [],
    checks: [],
    foreignKeys: [],
    referencedBy: [],
    rowDeletion: undefined,
    rows,
  };
}

/** The catalog and the default schema are named with an empty text. */
function isSpace(column: string): boolean {
  return /^(?:TABLE|CATALOG)_?(?:CATALOG|SCHEMA|NAME)$/.test(column);
}

function texts(...names: readonly string[]): Record<string, SpannerType> {
  return Object.fromEntries(names.map((name) => [name, STRING]));
}

function plain(name: string, type: SpannerType, ordinal: number): Column {
  return {
    name,
    ordinal,
    type,
    maxLength: undefined,
    notNull: false,
    default: undefined,
    generated: undefined,
    hidden: false,
    allowCommitTimestamp: undefined,
  };
}

function tableRow(table: Table): Cells {
  const { parent, rowDeletion } = table;
  const action = parent?.onDelete === "cascade" ? "CASCADE" : "NO ACTION";
  const isInParent = parent?.enforced === true;
  return {
    TABLE_NAME: table.name,
    TABLE_TYPE: "BASE TABLE",
    PARENT_TABLE_NAME: parent?.table.name ?? null,
    ON_DELETE_ACTION: isInParent ? action : null,
    SPANNER_STATE: "COMMITTED",
    INTERLEAVE_TYPE: parent && (isInParent ? "IN PARENT" : "IN"),
    ROW_DELETION_POLICY_EXPRESSION:
      rowDeletion && `OLDER_THAN(${rowDeletion.column.name}, INTERVAL ${rowDeletion.days} DAY)`,
  };
}

function columnRow(table: Table, column: Column, position: number): Cells {
  const { generated } = column;
  return {
    TABLE_NAME: table.name,
    COLUMN_NAME: column.name,
    ORDINAL_POSITION: String(position),
    COLUMN_DEFAULT: column.default?.text ?? null,
    IS_NULLABLE: yesNo(!column.notNull),
    SPANNER_TYPE: printType(column.type, column.maxLength),
    IS_GENERATED: generated === undefined ? "NEVER" : "ALWAYS",
    GENERATION_EXPRESSION: generated?.text ?? null,
    IS_STORED: generated === undefined ? null : yesNo(generated.stored),
    SPANNER_STATE: "COMMITTED",
  };
}

function optionRows(table: Table): Cells[] {
  return table.columns
    .filter((column) => column.allowCommitTimestamp !== undefined)
    .map((column) => ({
      TABLE_NAME: table.name,
      COLUMN_NAME: column.name,
      OPTION_NAME: "allow_commit_timestamp",
      OPTION_TYPE: "BOOL",
      OPTION_VALUE: column.allowCommitTimestamp === true ? "TRUE" : "FALSE",
    }));
}

function keyIndexRow(table: Table): Cells {
  return {
    TABLE_NAME: table.name,
    INDEX_NAME: "PRIMARY_KEY",
    INDEX_TYPE: "PRIMARY_KEY",
    PARENT_TABLE_NAME: "",
    IS_UNIQUE: true,
    IS_NULL_FILTERED: false,
    INDEX_STATE: null,
    SPANNER_IS_MANAGED: false,
  };
}

function indexRow(index: Index): Cells {
  return {
    TABLE_NAME: index.table.name,
    INDEX_NAME: index.name,
    INDEX_TYPE: "INDEX",
    PARENT_TABLE_NAME: index.interleaveIn ?? "",
    IS_UNIQUE: index.unique,
    IS_NULL_FILTERED: index.nullFiltered,
    INDEX_STATE: "READ_WRITE",
    SPANNER_IS_MANAGED: false,
  };
}

function keyColumnRows(table: Table): Cells[] {
  return table.primaryKey.map((part, at) => {
    const column = table.columns.find((each) => each.ordinal === part.ordinal);
    return indexColumnRow(table, "PRIMARY_KEY", column, {
      position: String(at + 1),
      ordering: part.descending ? "DESC" : "ASC",
    });
  });
}

function indexColumnRows(index: Index): Cells[] {
  const keyed = index.entryKey.slice(0, index.indexedCount).map((part, at) =>
    indexColumnRow(index.table, index.name, index.columns[part.ordinal], {
      position: String(at + 1),
      ordering: part.descending ? "DESC" : "ASC",
    }),
  );
  const stored = index.storing.map((column) =>
    indexColumnRow(index.table, index.name, column, { position: null, ordering: null }),
  );
  return [...keyed, ...stored];
}

function indexColumnRow(
  table: Table,
  indexName: string,
  column: Column | undefined,
  place: { readonly position: string | null; readonly ordering: string | null },
): Cells {
  return {
    TABLE_NAME: table.name,
    INDEX_NAME: indexName,
    INDEX_TYPE: indexName === "PRIMARY_KEY" ? "PRIMARY_KEY" : "INDEX",
    COLUMN_NAME: column?.name ?? null,
    ORDINAL_POSITION: place.position,
    COLUMN_ORDERING: place.ordering,
    IS_NULLABLE: yesNo(column?.notNull !== true),
    SPANNER_TYPE: column === undefined ? null : printType(column.type, column.maxLength),
  };
}

function yesNo(value: boolean): string {
  return value ? "YES" : "NO";
}
