import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import { compile, type Scope } from "../language/compile.ts";
import { coerce } from "../language/compiled.ts";
import type {
  CheckDefinition,
  ColumnDefinition,
  CreateTable,
  ForeignKeyDefinition,
  KeyColumn,
  RowDeletionPolicy,
  SourceText,
} from "../language/ddl.ts";
import { parseExpression } from "../language/expression.ts";
import { TokenReader } from "../language/tokens.ts";
import { VersionedStore } from "../storage/versioned-store.ts";
import type { KeyPart } from "../values/key-codec.ts";
import { BOOL, type SpannerType, typeName } from "../values/type.ts";
import {
  type Check,
  type Column,
  columnOf,
  type ForeignKey,
  type Parent,
  type Schema,
  type SchemaExpression,
  type Table,
} from "./schema.ts";

/** Builds a table from its definition; throws what the service says of a definition that cannot be. */
export function defineTable(schema: Schema, definition: CreateTable): Table {
  const columns = definition.columns.map((column, ordinal) => plainColumn(column, ordinal));
  const parent = resolveParent(schema, definition);
  const table: Table = {
    name: definition.name,
    columns,
    nextOrdinal: columns.length,
    primaryKey: keyParts({ name: definition.name, columns }, definition.primaryKey),
    parent,
    children: [],
    indexes: [],
    checks: [],
    foreignKeys: [],
    referencedBy: [],
    rowDeletion: undefined,
    rows: new VersionedStore(definition.name),
  };
  assertParentKey(table, parent);
  for (const [position, column] of definition.columns.entries()) {
    completeColumn(table, columns[position], column);
  }
  for (const check of definition.checks) table.checks.push(defineCheck(table, check));
  for (const key of definition.foreignKeys) linkForeignKey(schema, table, key);
  if (definition.rowDeletion !== undefined) setRowDeletion(table, definition.rowDeletion);
  return table;
}

/** A column without its expressions: these may name columns that stand behind it. */
export function plainColumn(definition: ColumnDefinition, ordinal: number): Column {
  return {
    name: definition.name,
    ordinal,
    type: definition.type.type,
    maxLength: definition.type.maxLength,
    notNull: definition.notNull,
    default: undefined,
    generated: undefined,
    hidden: definition.hidden,
    allowCommitTimestamp: definition.allowCommitTimestamp,
  };
}

export function completeColumn(
  table: Table,
  column: Column | undefined,
  definition: ColumnDefinition,
): void {
  if (column === undefined) return;
  if (column.allowCommitTimestamp === true && column.type.code !== "TIMESTAMP") {
    throw invalid(
      `Option allow_commit_timestamp is not supported on column ${table.name}.${column.name} of type ${typeName(column.type)}: only a TIMESTAMP can hold a commit timestamp.`,
    );
  }
  if (definition.default !== undefined) {
    column.default = schemaExpression(table, definition.default, column.type);
  }
  if (definition.generated !== undefined) {
    const { source, stored } = definition.generated;
    column.generated = { ...schemaExpression(table, source, column.type), stored };
  }
}

export function keyParts(
  table: { readonly name: string; readonly columns: readonly Column[] },
  keys: readonly KeyColumn[],
): KeyPart[] {
  return keys.map(({ name, descending }) => {
    const column = table.columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (column === undefined) {
      throw invalid(`Table ${table.name} references nonexistent key column ${name}.`);
    }
    if (column.type.code === "ARRAY" || column.type.code === "JSON") {
      throw invalid(
        `Key column ${table.name}.${column.name} has type ${typeName(column.type)}, but is part of the primary key: not a valid key type.`,
      );
    }
    return { ordinal: column.ordinal, type: column.type, descending };
  });
}

function resolveParent(schema: Schema, definition: CreateTable): Parent | undefined {
  const { interleaving } = definition;
  if (interleaving === undefined) return undefined;
  const table = schema.table(interleaving.parent);
  return { table, enforced: interleaving.enforced, onDelete: interleaving.onDelete };
}

function assertParentKey(table: Table, parent: Parent | undefined): void {
  for (const [position, part] of (parent?.table.primaryKey ?? []).entries()) {
    const wanted = parent?.table.columns.find((column) => column.ordinal === part.ordinal);
    const own = table.primaryKey[position];
    const column = table.columns.find((each) => each.ordinal === own?.ordinal);
    if (wanted === undefined) continue;
    if (column?.name.toLowerCase() !== wanted.name.toLowerCase()) {
      throw invalid(
        `Table ${table.name} does not reference parent key column ${wanted.name}: its primary key must begin with that of ${parent?.table.name}.`,
      );
    }
    if (typeName(column.type) !== typeName(wanted.type) || own?.descending !== part.descending) {
      throw invalid(
        `Interleaved table ${table.name} has column ${column.name} of another type or order than its parent ${parent?.table.name}.`,
      );
    }
  }
}

export function defineCheck(table: Table, definition: CheckDefinition): Check {
  const number = table.checks.length + 1;
  return {
    name: definition.name ?? `CK_${table.name}_${number}`,
    isNamed: definition.name !== undefined,
    expression: schemaExpression(table, definition.source, BOOL),
  };
}

export function linkForeignKey(
  schema: Schema,
  table: Table,
  definition: ForeignKeyDefinition,
): ForeignKey {
  const isSelf = definition.referencedTable.toLowerCase() === table.name.toLowerCase();
  const referenced = isSelf ? table : schema.table(definition.referencedTable);
  const number = table.foreignKeys.length + 1;
  const foreignKey: ForeignKey = {
    name: definition.name ?? `FK_${table.name}_${referenced.name}_${number}`,
    isNamed: definition.name !== undefined,
    columns: definition.columns.map((name) => columnOf(table, name)),
    referenced,
    referencedColumns: definition.referencedColumns.map((name) => columnOf(referenced, name)),
    onDelete: definition.onDelete,
  };
  table.foreignKeys.push(foreignKey);
  referenced.referencedBy.push({ table, foreignKey });
  return foreignKey;
}

export function setRowDeletion(table: Table, policy: RowDeletionPolicy | undefined): void {
  if (policy === undefined) {
    table.rowDeletion = undefined;
    return;
  }
  const column = columnOf(table, policy.column);
  if (column.type.code !== "TIMESTAMP") {
    throw invalid(
      `OLDER_THAN(${column.name}, …) in the row deletion policy of table ${table.name} needs a TIMESTAMP column.`,
    );
  }
  table.rowDeletion = { column, days: policy.days };
}

export function schemaExpression(
  table: Table,
  source: SourceText,
  type: SpannerType,
): SchemaExpression {
  const reader = new TokenReader(source.text);
  const expression = parseExpression(reader);
  reader.expectEnd();
  return { text: source.text, compiled: coerce(compile(expression, tableScope(table)), type) };
}

/** Names in a schema's expressions are the table's columns; it has no parameters. */
function tableScope(table: Table): Scope {
  return {
    column: (path) => columnOf(table, path.at(-1) ?? ""),
    parameter: (name) => {
      throw invalid(
        `A schema's expression of table ${table.name} cannot use the parameter @${name}.`,
      );
    },
  };
}

function invalid(message: string): StatusError {
  return new StatusError(status.INVALID_ARGUMENT, message);
}
