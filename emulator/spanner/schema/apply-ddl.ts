import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import type { ColumnDefinition, CreateIndex, DdlStatement, TableChange } from "../language/ddl.ts";
import { VersionedStore } from "../storage/versioned-store.ts";
import { assertChecksOf, assertForeignKey } from "../transactions/final-checks.ts";
import { formatKey } from "../transactions/format-key.ts";
import { indexEntry } from "../transactions/row-effects.ts";
import type { Cell } from "../values/cell.ts";
import { ALL_KEYS, encodeKey, encodeRowKey } from "../values/key-codec.ts";
import { typeName } from "../values/type.ts";
import {
  completeColumn,
  defineCheck,
  defineTable,
  linkForeignKey,
  plainColumn,
  schemaExpression,
  setRowDeletion,
} from "./define-table.ts";
import {
  type Column,
  columnOf,
  findColumn,
  type Index,
  isKeyColumn,
  type Schema,
  type Table,
} from "./schema.ts";

/** Changes the schema; `timestamp` dates what it writes into existing rows (defaults, index entries). */
export function applyDdl(
  schema: Schema,
  statement: Exclude<DdlStatement, { kind: "setDatabaseOptions" }>,
  timestamp: number,
): void {
  switch (statement.kind) {
    case "createTable":
      if (isTaken(schema, statement.name, statement.ifNotExists)) return;
      schema.addTable(defineTable(schema, statement));
      return;
    case "createIndex":
      if (isTaken(schema, statement.name, statement.ifNotExists)) return;
      createIndex(schema, statement, timestamp);
      return;
    case "dropTable":
      dropTable(schema, statement.name, statement.ifExists);
      return;
    case "dropIndex":
      dropIndex(schema, statement.name, statement.ifExists);
      return;
    case "createChangeStream":
      for (const table of statement.tables) schema.table(table);
      return;
    case "alterTable":
      changeTable(schema, schema.table(statement.name), statement.change, timestamp);
  }
}

function isTaken(schema: Schema, name: string, ifNotExists: boolean): boolean {
  const isTakenName = schema.findTable(name) !== undefined || schema.findIndex(name) !== undefined;
  if (isTakenName && !ifNotExists) {
    throw failed(`Duplicate name in schema: ${name}.`);
  }
  return isTakenName;
}

function createIndex(schema: Schema, statement: CreateIndex, timestamp: number): void {
  const table = schema.table(statement.table);
  const keyed = statement.columns.map(({ name, descending }) => ({
    column: columnOf(table, name),
    descending,
  }));
  const indexedCount = keyed.length;
  for (const part of table.primaryKey) {
    const column = table.columns.find((each) => each.ordinal === part.ordinal);
    if (column === undefined || keyed.some((each) => each.column === column)) continue;
    keyed.push({ column, descending: part.descending });
  }
  const storing = statement.storing.map((name) => columnOf(table, name));
  const index: Index = {
    name: statement.name,
    table,
    entryKey: keyed.map(({ column, descending }, ordinal) => ({
      ordinal,
      type: column.type,
      descending,
    })),
    indexedCount,
    columns: [...keyed.map(({ column }) => column), ...storing],
    storing,
    unique: statement.unique,
    nullFiltered: statement.nullFiltered,
    interleaveIn: statement.interleaveIn,
    entries: new VersionedStore(statement.name),
  };
  fillIndex(index, timestamp);
  schema.addIndex(index);
}

function fillIndex(index: Index, timestamp: number): void {
  const seen = new Set<string>();
  for (const [, row] of index.table.rows.scan(ALL_KEYS, Number.POSITIVE_INFINITY)) {
    const entry = indexEntry(index, row);
    if (entry === undefined) continue;
    const prefix = encodeKey(index.entryKey.slice(0, index.indexedCount), entry);
    if (index.unique && seen.has(prefix)) {
      throw failed(
        `Found uniqueness violation on index ${index.name}, duplicate key: ${formatKey(index.entryKey.slice(0, index.indexedCount), entry)}.`,
      );
    }
    seen.add(prefix);
    index.entries.write(encodeRowKey(index.entryKey, entry), entry, timestamp);
  }
}

function dropTable(schema: Schema, name: string, ifExists: boolean): void {
  const table = ifExists ? schema.findTable(name) : schema.table(name);
  if (table === undefined) return;
  if (table.children.length > 0) {
    throw failed(
      `Cannot drop table ${table.name} with interleaved tables: ${names(table.children)}.`,
    );
  }
  if (table.indexes.length > 0) {
    throw failed(`Cannot drop table ${table.name} with indices: ${names(table.indexes)}.`);
  }
  const referencing = table.referencedBy.filter((link) => link.table !== table);
  if (referencing.length > 0) {
    throw failed(
      `Cannot drop table \`${table.name}\`. It is referenced by one or more foreign keys: ${names(referencing.map((link) => link.foreignKey))}. You must drop the foreign keys before dropping the table.`,
    );
  }
  schema.removeTable(table);
}

function dropIndex(schema: Schema, name: string, ifExists: boolean): void {
  const index = schema.findIndex(name);
  if (index !== undefined) schema.removeIndex(index);
  else if (!ifExists) throw new StatusError(status.NOT_FOUND, `Index not found: ${name}`);
}

function changeTable(schema: Schema, table: Table, change: TableChange, timestamp: number): void {
  switch (change.kind) {
    case "addColumn":
      addColumn(table, change.column, change.ifNotExists, timestamp);
      return;
    case "dropColumn":
      dropColumn(table, columnOf(table, change.name));
      return;
    case "alterColumn":
      alterColumn(table, change.column);
      return;
    case "setColumnOptions":
      columnOf(table, change.name).allowCommitTimestamp = change.allowCommitTimestamp;
      return;
    case "setColumnDefault": {
      const column = columnOf(table, change.name);
      column.default = change.default && schemaExpression(table, change.default, column.type);
      return;
    }
    case "setRowDeletion":
      setRowDeletion(table, change.policy);
      return;
    case "setOnDelete":
      if (table.parent === undefined) throw failed(`Table ${table.name} is not interleaved.`);
      table.parent.onDelete = change.onDelete;
      return;
    default:
      changeConstraint(schema, table, change);
  }
}

type ConstraintChange = Extract<
  TableChange,
  { kind: "addCheck" | "addForeignKey" | "dropConstraint" }
>;

function changeConstraint(schema: Schema, table: Table, change: ConstraintChange): void {
  if (change.kind === "addCheck") {
    const check = defineCheck(table, change.check);
    assertChecksOf(table, [check]);
    table.checks.push(check);
  } else if (change.kind === "addForeignKey") {
    assertForeignKey(table, linkForeignKey(schema, table, change.foreignKey));
  } else {
    dropConstraint(table, change.name);
  }
}

function dropConstraint(table: Table, name: string): void {
  const check = table.checks.findIndex((each) => each.name === name);
  const position = table.foreignKeys.findIndex((each) => each.name === name);
  const foreignKey = table.foreignKeys[position];
  if (check >= 0) table.checks.splice(check, 1);
  else if (foreignKey !== undefined) {
    table.foreignKeys.splice(position, 1);
    const links = foreignKey.referenced.referencedBy;
    links.splice(
      links.findIndex((link) => link.foreignKey === foreignKey),
      1,
    );
  } else throw new StatusError(status.NOT_FOUND, `${name} is not a constraint in ${table.name}`);
}

function addColumn(
  table: Table,
  definition: ColumnDefinition,
  ifNotExists: boolean,
  timestamp: number,
): void {
  if (findColumn(table, definition.name) !== undefined) {
    if (ifNotExists) return;
    throw failed(`Duplicate column name ${table.name}.${definition.name}.`);
  }
  const column = plainColumn(definition, table.nextOrdinal);
  table.columns.push(column);
  completeColumn(table, column, definition);
  if (column.notNull && column.default === undefined && column.generated === undefined) {
    table.columns.pop();
    throw failed(
      `Cannot add NOT NULL column ${table.name}.${column.name} to existing table ${table.name}.`,
    );
  }
  table.nextOrdinal++;
  const fill = column.default ?? column.generated;
  if (fill === undefined) return;
  for (const [key, row] of [...table.rows.scan(ALL_KEYS, Number.POSITIVE_INFINITY)]) {
    const filled: Cell[] = [...row];
    while (filled.length <= column.ordinal) filled.push(null);
    filled[column.ordinal] = fill.compiled.run(filled, { nowMicros: timestamp });
    table.rows.write(key, filled, timestamp);
  }
}

function dropColumn(table: Table, column: Column): void {
  if (isKeyColumn(table, column)) {
    throw failed(`Cannot drop key column ${column.name} from table ${table.name}.`);
  }
  const using = table.indexes.filter((index) => index.columns.includes(column));
  if (using.length > 0) {
    throw failed(
      `Cannot drop column ${column.name} from table ${table.name} because it is used by index ${names(using)}.`,
    );
  }
  if (table.rowDeletion?.column === column) {
    throw failed(
      `Cannot drop column ${column.name} from table ${table.name} because it is used in the row deletion policy.`,
    );
  }
  table.columns.splice(table.columns.indexOf(column), 1);
}

/** What the service allows: length, NOT NULL, default, STRING to BYTES and back of the same form. */
function alterColumn(table: Table, definition: ColumnDefinition): void {
  const column = columnOf(table, definition.name);
  const { type, maxLength } = definition.type;
  if (typeName(type) !== typeName(column.type)) {
    throw failed(
      `Cannot change type of column \`${table.name}.${column.name}\` from \`${typeName(column.type)}\` to \`${typeName(type)}\`.`,
    );
  }
  if (definition.notNull && !column.notNull) assertNoNulls(table, column);
  column.maxLength = maxLength;
  column.notNull = definition.notNull;
  column.default = definition.default && schemaExpression(table, definition.default, column.type);
}

function assertNoNulls(table: Table, column: Column): void {
  for (const [, row] of table.rows.scan(ALL_KEYS, Number.POSITIVE_INFINITY)) {
    if ((row[column.ordinal] ?? null) !== null) continue;
    throw failed(
      `Adding a NOT NULL constraint on a column ${table.name}.${column.name} is not allowed because it contains a NULL value at key: ${formatKey(table.primaryKey, row)}`,
    );
  }
}

function names(things: readonly { readonly name: string }[]): string {
  return things.map(({ name }) => name).join(",");
}

function failed(message: string): StatusError {
  return new StatusError(status.FAILED_PRECONDITION, message);
}
