import type { KeyPart } from "../values/key-codec.ts";
import type { SpannerType } from "../values/type.ts";
import type { Column, Index, Schema, Table } from "./schema.ts";

/** The whole schema as GetDatabaseDdl prints it: each table, then its indexes, in the order they were made. */
export function printSchema(schema: Schema): string[] {
  return schema.tables().flatMap((table) => [printTable(table), ...table.indexes.map(printIndex)]);
}

function printTable(table: Table): string {
  const lines = table.columns.map((column) => printColumn(column));
  for (const key of table.foreignKeys) {
    const name = key.isNamed ? `CONSTRAINT ${key.name} ` : "";
    const cascade = key.onDelete === "cascade" ? " ON DELETE CASCADE" : "";
    lines.push(
      `${name}FOREIGN KEY(${columnNames(key.columns)}) REFERENCES ${key.referenced.name}(${columnNames(key.referencedColumns)})${cascade}`,
    );
  }
  for (const check of table.checks) {
    const name = check.isNamed ? `CONSTRAINT ${check.name} ` : "";
    lines.push(`${name}CHECK(${check.expression.text})`);
  }
  const body = lines.map((line) => `  ${line},\n`).join("");
  const key = keyNames(table, table.primaryKey);
  return `CREATE TABLE ${table.name} (\n${body}) PRIMARY KEY(${key})${printParent(table)}${printRowDeletion(table)}`;
}

function printParent({ parent }: Table): string {
  if (parent === undefined) return "";
  if (!parent.enforced) return `,\n  INTERLEAVE IN ${parent.table.name}`;
  const action = parent.onDelete === "cascade" ? "CASCADE" : "NO ACTION";
  const clause = ` ON DELETE ${action}`;
  return `,\n  INTERLEAVE IN PARENT ${parent.table.name}${clause}`;
}

function printRowDeletion({ rowDeletion }: Table): string {
  if (rowDeletion === undefined) return "";
  const { column, days } = rowDeletion;
  return `, ROW DELETION POLICY (OLDER_THAN(${column.name}, INTERVAL ${days} DAY))`;
}

function printColumn(column: Column): string {
  let line = `${column.name} ${printType(column.type, column.maxLength)}`;
  if (column.notNull) line += " NOT NULL";
  if (column.default !== undefined) line += ` DEFAULT (${column.default.text})`;
  if (column.generated !== undefined) {
    line += ` AS (${column.generated.text})${column.generated.stored ? " STORED" : ""}`;
  }
  if (column.hidden) line += " HIDDEN";
  if (column.allowCommitTimestamp !== undefined) {
    line += ` OPTIONS (\n    allow_commit_timestamp = ${column.allowCommitTimestamp}\n  )`;
  }
  return line;
}

/** A type with its length, as columns are declared and INFORMATION_SCHEMA shows them. */
export function printType(type: SpannerType, maxLength: number | undefined): string {
  if (type.element !== undefined) return `ARRAY<${printType(type.element, maxLength)}>`;
  const isSized = type.code === "STRING" || type.code === "BYTES";
  return isSized ? `${type.code}(${maxLength ?? "MAX"})` : type.code;
}

function printIndex(index: Index): string {
  const kind = `${index.unique ? "UNIQUE " : ""}${index.nullFiltered ? "NULL_FILTERED " : ""}INDEX`;
  const indexed = index.entryKey.slice(0, index.indexedCount);
  const keys = indexed.map(
    ({ ordinal, descending }) => `${index.columns[ordinal]?.name}${descending ? " DESC" : ""}`,
  );
  const storing = index.storing.length === 0 ? "" : ` STORING (${columnNames(index.storing)})`;
  const parent = index.interleaveIn === undefined ? "" : `, INTERLEAVE IN ${index.interleaveIn}`;
  return `CREATE ${kind} ${index.name} ON ${index.table.name}(${keys.join(", ")})${storing}${parent}`;
}

function keyNames(table: Table, parts: readonly KeyPart[]): string {
  const names = parts.map(({ ordinal, descending }) => {
    const column = table.columns.find((each) => each.ordinal === ordinal);
    return `${column?.name}${descending ? " DESC" : ""}`;
  });
  return names.join(", ");
}

function columnNames(columns: readonly Column[]): string {
  return columns.map(({ name }) => name).join(", ");
}
