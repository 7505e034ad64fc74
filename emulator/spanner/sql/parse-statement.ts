import { StatusError } from "../../grpc/status-error.ts";
import { type Expression, parseExpression } from "../language/expression.ts";
import { TokenReader } from "../language/tokens.ts";
import type {
  DmlStatement,
  InsertStatement,
  OrderItem,
  SelectItem,
  SimpleSelect,
} from "./statement.ts";

/** True for INSERT, UPDATE and DELETE. */
export function isDml(sql: string): boolean {
  const reader = new TokenReader(sql);
  skipHint(reader);
  return reader.isNext("INSERT") || reader.isNext("UPDATE") || reader.isNext("DELETE");
}

/** The query, or undefined where it needs more than one table, grouping, or a form that is not simple. */
export function parseSimpleSelect(sql: string): SimpleSelect | undefined {
  try {
    const reader = new TokenReader(sql);
    skipHint(reader);
    const select = parseSelect(reader);
    reader.expectEnd();
    return select;
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

export function parseDml(sql: string): DmlStatement {
  const reader = new TokenReader(sql);
  skipHint(reader);
  const statement = parseDmlStatement(reader);
  reader.expectEnd();
  return statement;
}

function parseDmlStatement(reader: TokenReader): DmlStatement {
  if (reader.take("INSERT")) return parseInsert(reader);
  if (reader.take("UPDATE")) return parseUpdate(reader);
  reader.expect("DELETE");
  reader.take("FROM");
  const table = parseTableName(reader);
  const alias = parseAlias(reader, "WHERE");
  reader.expect("WHERE");
  const where = parseExpression(reader);
  return { kind: "delete", table, alias, where, returning: parseReturning(reader) };
}

function parseInsert(reader: TokenReader): InsertStatement {
  let onExisting: InsertStatement["onExisting"] = "fail";
  if (reader.take("OR", "IGNORE")) onExisting = "ignore";
  else if (reader.take("OR", "UPDATE")) onExisting = "update";
  reader.take("INTO");
  const table = parseTableName(reader);
  const columns: string[] = [];
  reader.expect("(");
  do columns.push(reader.takeName());
  while (reader.take(","));
  reader.expect(")");
  const source = reader.take("VALUES") ? parseValues(reader) : parseSelect(reader);
  return { kind: "insert", onExisting, table, columns, source, returning: parseReturning(reader) };
}

function parseValues(reader: TokenReader): (Expression | undefined)[][] {
  const rows: (Expression | undefined)[][] = [];
  do {
    const row: (Expression | undefined)[] = [];
    reader.expect("(");
    do row.push(reader.take("DEFAULT") ? undefined : parseExpression(reader));
    while (reader.take(","));
    reader.expect(")");
    rows.push(row);
  } while (reader.take(","));
  return rows;
}

function parseUpdate(reader: TokenReader): DmlStatement {
  const table = parseTableName(reader);
  const alias = parseAlias(reader, "SET");
  reader.expect("SET");
  const assignments: { column: string; value: Expression | undefined }[] = [];
  do {
    let column = reader.takeName();
    if (reader.take(".")) column = reader.takeName();
    reader.expect("=");
    const value = reader.take("DEFAULT") ? undefined : parseExpression(reader);
    assignments.push({ column, value });
  } while (reader.take(","));
  reader.expect("WHERE");
  const where = parseExpression(reader);
  return { kind: "update", table, alias, assignments, where, returning: parseReturning(reader) };
}

function parseReturning(reader: TokenReader): SelectItem[] | undefined {
  return reader.take("THEN", "RETURN") ? parseItems(reader) : undefined;
}

function parseSelect(reader: TokenReader): SimpleSelect {
  reader.expect("SELECT");
  if (reader.isNext("DISTINCT") || reader.isNext("AS"))
    throw reader.unexpected("Expected a column");
  reader.take("ALL");
  const items = parseItems(reader);
  let table: string | undefined;
  let alias: string | undefined;
  let forceIndex: string | undefined;
  if (reader.take("FROM")) {
    table = parseTableName(reader);
    forceIndex = skipHint(reader);
    alias = parseAlias(reader, ...CLAUSES);
  }
  const where = reader.take("WHERE") ? parseExpression(reader) : undefined;
  const orderBy = reader.take("ORDER", "BY") ? parseOrder(reader) : [];
  const limit = reader.take("LIMIT") ? parseExpression(reader) : undefined;
  const offset = reader.take("OFFSET") ? parseExpression(reader) : undefined;
  const forUpdate = reader.take("FOR", "UPDATE");
  return { items, table, alias, forceIndex, where, orderBy, limit, offset, forUpdate };
}

/** Words that end a table's or column's place: none of them is an alias. */
const CLAUSES = [
  "WHERE",
  "ORDER",
  "LIMIT",
  "GROUP",
  "HAVING",
  "JOIN",
  "INNER",
  "LEFT",
  "RIGHT",
  "FULL",
  "CROSS",
  "UNION",
  "INTERSECT",
  "EXCEPT",
  "TABLESAMPLE",
  "FOR",
  "THEN",
  "FROM",
  "OFFSET",
] as const;

function parseItems(reader: TokenReader): SelectItem[] {
  const items: SelectItem[] = [];
  do items.push(parseItem(reader));
  while (reader.take(","));
  return items;
}

function parseItem(reader: TokenReader): SelectItem {
  if (reader.take("*")) return { expression: undefined, alias: undefined };
  if (reader.peek(1).text === "." && reader.peek(2).text === "*") {
    reader.takeName();
    reader.expect(".", "*");
    return { expression: undefined, alias: undefined };
  }
  const expression = parseExpression(reader);
  return { expression, alias: parseAlias(reader, ...CLAUSES) };
}

function parseOrder(reader: TokenReader): OrderItem[] {
  const order: OrderItem[] = [];
  do {
    const expression = parseExpression(reader);
    const descending = reader.take("DESC");
    if (!descending) reader.take("ASC");
    order.push({ expression, descending });
  } while (reader.take(","));
  return order;
}

function parseTableName(reader: TokenReader): string {
  let name = reader.takeName("a table name");
  while (reader.take(".")) name += `.${reader.takeName()}`;
  return name;
}

function parseAlias(reader: TokenReader, ...notAliases: readonly string[]): string | undefined {
  if (reader.take("AS")) return reader.takeName("an alias");
  const token = reader.peek();
  if (token.kind === "quotedName") return reader.takeName();
  if (token.kind !== "name" || notAliases.includes(token.text.toUpperCase())) return undefined;
  return reader.takeName();
}

/** Passes over `@{…}`; the index that FORCE_INDEX names. Other hints do not change results. */
function skipHint(reader: TokenReader): string | undefined {
  if (!reader.take("@", "{")) return undefined;
  let forceIndex: string | undefined;
  while (!reader.take("}")) {
    const token = reader.next();
    if (token.kind === "end") throw reader.unexpected('Expected "}"');
    if (token.text.toUpperCase() === "FORCE_INDEX" && reader.take("="))
      forceIndex = reader.takeName();
  }
  return forceIndex === "_BASE_TABLE" ? undefined : forceIndex;
}
