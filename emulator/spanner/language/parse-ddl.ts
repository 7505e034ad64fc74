import { status } from "@grpc/grpc-js";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../shared/core/time.ts";
import { StatusError } from "../../grpc/status-error.ts";
import type {
  CheckDefinition,
  ColumnDefinition,
  CreateIndex,
  CreateTable,
  DdlStatement,
  ForeignKeyDefinition,
  Interleaving,
  KeyColumn,
  RowDeletionPolicy,
  TableChange,
} from "./ddl.ts";
import { parseColumn, parseColumnOptions, parseParenthesised } from "./parse-column.ts";
import { TokenReader } from "./tokens.ts";

/** Reads one DDL statement of GoogleSQL; refuses by name what the emulator does not have. */
export function parseDdl(text: string): DdlStatement {
  const reader = new TokenReader(text);
  const statement = parseStatement(reader);
  reader.expectEnd();
  return statement;
}

function parseStatement(reader: TokenReader): DdlStatement {
  if (reader.take("CREATE", "TABLE")) return parseCreateTable(reader);
  if (reader.take("ALTER", "TABLE")) return parseAlterTable(reader);
  if (reader.take("DROP", "TABLE")) return { kind: "dropTable", ...parseDrop(reader) };
  if (reader.take("DROP", "INDEX")) return { kind: "dropIndex", ...parseDrop(reader) };
  if (reader.take("ALTER", "DATABASE")) return parseAlterDatabase(reader);
  if (reader.take("CREATE", "CHANGE", "STREAM")) return parseChangeStream(reader);
  const start = reader.peek();
  if (reader.take("CREATE")) {
    const unique = reader.take("UNIQUE");
    const nullFiltered = reader.take("NULL_FILTERED");
    if (reader.take("INDEX")) return parseCreateIndex(reader, unique, nullFiltered);
  }
  if (start.kind !== "name") throw reader.unexpected("Expected a DDL statement");
  const words = reader.text.trim().split(/\s+/).slice(0, 3).join(" ");
  throw new StatusError(
    status.UNIMPLEMENTED,
    `The emulator does not support the statement "${words} …".`,
  );
}

/** The tables that it watches; its options are read and have no effect. */
function parseChangeStream(reader: TokenReader): DdlStatement {
  parsePath(reader);
  const tables: string[] = [];
  if (reader.take("FOR") && !reader.take("ALL")) {
    do {
      tables.push(parsePath(reader));
      if (reader.isNext("(")) parseNames(reader);
    } while (reader.take(","));
  }
  if (reader.take("OPTIONS", "(")) {
    do {
      reader.takeName();
      reader.expect("=");
      reader.next();
    } while (reader.take(","));
    reader.expect(")");
  }
  return { kind: "createChangeStream", tables };
}

function parseDrop(reader: TokenReader): { name: string; ifExists: boolean } {
  const ifExists = reader.take("IF", "EXISTS");
  return { name: parsePath(reader), ifExists };
}

/** A table's or index's name; a named schema stands before a point. */
function parsePath(reader: TokenReader): string {
  let name = reader.takeName();
  while (reader.take(".")) name += `.${reader.takeName()}`;
  return name;
}

function parseCreateTable(reader: TokenReader): CreateTable {
  const ifNotExists = reader.take("IF", "NOT", "EXISTS");
  const name = parsePath(reader);
  const body = parseTableBody(reader);
  let primaryKey = body.inlineKey;
  if (reader.take("PRIMARY", "KEY")) primaryKey = parseKeyColumns(reader);
  let interleaving: Interleaving | undefined;
  let rowDeletion: RowDeletionPolicy | undefined;
  while (reader.take(",")) {
    if (reader.take("INTERLEAVE", "IN")) interleaving = parseInterleaving(reader);
    else rowDeletion = parseRowDeletion(reader);
  }
  if (primaryKey === undefined) throw reader.unexpected("Expected PRIMARY KEY");
  const { columns, checks, foreignKeys } = body;
  return {
    kind: "createTable",
    name,
    ifNotExists,
    columns,
    primaryKey,
    checks,
    foreignKeys,
    interleaving,
    rowDeletion,
  };
}

type TableBody = Pick<CreateTable, "columns" | "checks" | "foreignKeys"> & {
  inlineKey: KeyColumn[] | undefined;
};

function parseTableBody(reader: TokenReader): TableBody {
  const columns: ColumnDefinition[] = [];
  const checks: CheckDefinition[] = [];
  const foreignKeys: ForeignKeyDefinition[] = [];
  let inlineKey: KeyColumn[] | undefined;
  reader.expect("(");
  while (!reader.take(")")) {
    const constraint = parseConstraint(reader);
    if (constraint === undefined) {
      const column = parseColumn(reader);
      columns.push(column.definition);
      if (column.isPrimaryKey) inlineKey = [{ name: column.definition.name, descending: false }];
    } else if (constraint.kind === "addCheck") checks.push(constraint.check);
    else if (constraint.kind === "addForeignKey") foreignKeys.push(constraint.foreignKey);
    else inlineKey = constraint.columns;
    if (!reader.isNext(")")) reader.expect(",");
  }
  return { columns, checks, foreignKeys, inlineKey };
}

type Constraint =
  | Extract<TableChange, { kind: "addCheck" | "addForeignKey" }>
  | { readonly kind: "primaryKey"; readonly columns: KeyColumn[] };

function parseConstraint(reader: TokenReader): Constraint | undefined {
  if (reader.take("PRIMARY", "KEY"))
    return { kind: "primaryKey", columns: parseKeyColumns(reader) };
  const name = reader.take("CONSTRAINT") ? reader.takeName() : undefined;
  if (reader.isNext("CHECK", "(")) {
    reader.expect("CHECK");
    return { kind: "addCheck", check: { name, source: parseParenthesised(reader) } };
  }
  if (reader.take("FOREIGN", "KEY")) {
    return { kind: "addForeignKey", foreignKey: parseForeignKey(reader, name) };
  }
  if (name !== undefined) throw reader.unexpected("Expected CHECK or FOREIGN KEY");
  return undefined;
}

function parseForeignKey(reader: TokenReader, name: string | undefined): ForeignKeyDefinition {
  const columns = parseNames(reader);
  reader.expect("REFERENCES");
  const referencedTable = parsePath(reader);
  const referencedColumns = parseNames(reader);
  const onDelete = parseOnDelete(reader);
  reader.take("ENFORCED");
  return { name, columns, referencedTable, referencedColumns, onDelete };
}

function parseNames(reader: TokenReader): string[] {
  const names: string[] = [];
  reader.expect("(");
  do names.push(reader.takeName());
  while (reader.take(","));
  reader.expect(")");
  return names;
}

export function parseKeyColumns(reader: TokenReader): KeyColumn[] {
  const columns: KeyColumn[] = [];
  reader.expect("(");
  while (!reader.take(")")) {
    const name = reader.takeName();
    const descending = reader.take("DESC");
    if (!descending) reader.take("ASC");
    columns.push({ name, descending });
    if (!reader.isNext(")")) reader.expect(",");
  }
  return columns;
}

function parseInterleaving(reader: TokenReader): Interleaving {
  const enforced = reader.take("PARENT");
  return { parent: parsePath(reader), enforced, onDelete: parseOnDelete(reader) };
}

function parseOnDelete(reader: TokenReader): "cascade" | "noAction" {
  if (!reader.take("ON", "DELETE")) return "noAction";
  if (reader.take("CASCADE")) return "cascade";
  reader.expect("NO", "ACTION");
  return "noAction";
}

function parseRowDeletion(reader: TokenReader): RowDeletionPolicy {
  reader.expect("ROW", "DELETION", "POLICY", "(", "OLDER_THAN", "(");
  const column = reader.takeName();
  reader.expect(",", "INTERVAL");
  const days = Number(reader.next().text);
  if (!Number.isSafeInteger(days)) throw reader.unexpected("Expected a number of days");
  reader.expect("DAY", ")", ")");
  return { column, days };
}

function parseCreateIndex(
  reader: TokenReader,
  unique: boolean,
  nullFiltered: boolean,
): CreateIndex {
  const ifNotExists = reader.take("IF", "NOT", "EXISTS");
  const name = parsePath(reader);
  reader.expect("ON");
  const table = parsePath(reader);
  const columns = parseKeyColumns(reader);
  const storing = reader.take("STORING") ? parseNames(reader) : [];
  const interleaveIn = reader.take(",", "INTERLEAVE", "IN") ? parsePath(reader) : undefined;
  return {
    kind: "createIndex",
    name,
    ifNotExists,
    table,
    columns,
    storing,
    unique,
    nullFiltered,
    interleaveIn,
  };
}

function parseAlterTable(reader: TokenReader): DdlStatement {
  const name = parsePath(reader);
  return { kind: "alterTable", name, change: parseTableChange(reader) };
}

function parseTableChange(reader: TokenReader): TableChange {
  if (reader.take("ADD", "ROW") || reader.take("REPLACE", "ROW")) return parsePolicyChange(reader);
  if (reader.take("DROP", "ROW", "DELETION", "POLICY"))
    return { kind: "setRowDeletion", policy: undefined };
  if (reader.take("DROP", "CONSTRAINT")) return { kind: "dropConstraint", name: reader.takeName() };
  if (reader.take("ALTER", "COLUMN")) return parseAlterColumn(reader);
  if (reader.take("DROP")) {
    reader.take("COLUMN");
    return { kind: "dropColumn", name: reader.takeName() };
  }
  if (reader.take("SET")) return { kind: "setOnDelete", onDelete: parseOnDelete(reader) };
  reader.expect("ADD");
  const constraint = parseConstraint(reader);
  if (constraint?.kind === "primaryKey") throw reader.unexpected("A primary key cannot be added,");
  if (constraint !== undefined) return constraint;
  reader.take("COLUMN");
  const ifNotExists = reader.take("IF", "NOT", "EXISTS");
  return { kind: "addColumn", ifNotExists, column: parseColumn(reader).definition };
}

function parsePolicyChange(reader: TokenReader): TableChange {
  reader.expect("DELETION", "POLICY", "(", "OLDER_THAN", "(");
  const column = reader.takeName();
  reader.expect(",", "INTERVAL");
  const days = Number(reader.next().text);
  reader.expect("DAY", ")", ")");
  return { kind: "setRowDeletion", policy: { column, days } };
}

function parseAlterColumn(reader: TokenReader): TableChange {
  if (
    reader.peek(1).text.toUpperCase() === "SET" &&
    reader.peek(2).text.toUpperCase() === "OPTIONS"
  ) {
    const name = reader.takeName();
    reader.expect("SET");
    return { kind: "setColumnOptions", name, allowCommitTimestamp: parseColumnOptions(reader) };
  }
  if (
    reader.peek(1).text.toUpperCase() === "SET" &&
    reader.peek(2).text.toUpperCase() === "DEFAULT"
  ) {
    const name = reader.takeName();
    reader.expect("SET", "DEFAULT");
    return { kind: "setColumnDefault", name, default: parseParenthesised(reader) };
  }
  if (reader.peek(1).text.toUpperCase() === "DROP") {
    const name = reader.takeName();
    reader.expect("DROP", "DEFAULT");
    return { kind: "setColumnDefault", name, default: undefined };
  }
  return { kind: "alterColumn", column: parseColumn(reader).definition };
}

const SPAN_UNITS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
};

/** Of a database's options the version retention period counts here; the others are taken and ignored. */
function parseAlterDatabase(reader: TokenReader): DdlStatement {
  reader.takeName();
  reader.expect("SET", "OPTIONS", "(");
  let versionRetentionMs: number | undefined;
  while (!reader.take(")")) {
    const option = reader.takeName();
    reader.expect("=");
    const value = reader.next().text;
    const span = /^(\d+)([smhd])$/.exec(value);
    if (option === "version_retention_period" && span !== null) {
      versionRetentionMs = Number(span[1]) * (SPAN_UNITS[span[2] ?? ""] ?? 0);
    }
    if (!reader.isNext(")")) reader.expect(",");
  }
  return { kind: "setDatabaseOptions", versionRetentionMs };
}
