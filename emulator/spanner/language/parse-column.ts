import type { ColumnDefinition, SourceText } from "./ddl.ts";
import { parseType } from "./parse-type.ts";
import type { TokenReader } from "./tokens.ts";

interface ParsedColumn {
  readonly definition: ColumnDefinition;
  readonly isPrimaryKey: boolean;
}

/** A column of CREATE TABLE, ADD COLUMN or ALTER COLUMN: name, type, and what follows in any order. */
export function parseColumn(reader: TokenReader): ParsedColumn {
  const name = reader.takeName("a column name");
  const type = parseType(reader);
  const clauses: Clauses = { isPrimaryKey: false };
  while (parseClause(reader, clauses));
  const definition = {
    name,
    type,
    notNull: clauses.notNull ?? false,
    default: clauses.default,
    generated: clauses.generated,
    hidden: clauses.hidden ?? false,
    allowCommitTimestamp: clauses.allowCommitTimestamp,
  };
  return { definition, isPrimaryKey: clauses.isPrimaryKey };
}

type Clauses = { -readonly [Key in keyof ColumnDefinition]?: ColumnDefinition[Key] } & {
  isPrimaryKey: boolean;
};

/** Reads one clause into `clauses`; false where none comes next. */
function parseClause(reader: TokenReader, clauses: Clauses): boolean {
  if (reader.take("NOT", "NULL")) clauses.notNull = true;
  else if (reader.take("PRIMARY", "KEY")) clauses.isPrimaryKey = true;
  else if (reader.take("DEFAULT")) clauses.default = parseParenthesised(reader);
  else if (reader.take("AS")) clauses.generated = parseGenerated(reader);
  else if (reader.take("HIDDEN")) clauses.hidden = true;
  else if (reader.isNext("OPTIONS")) clauses.allowCommitTimestamp = parseColumnOptions(reader);
  else return false;
  return true;
}

function parseGenerated(reader: TokenReader): { source: SourceText; stored: boolean } {
  const source = parseParenthesised(reader);
  return { source, stored: reader.take("STORED") };
}

/** `OPTIONS (allow_commit_timestamp = true)`; null takes the option back. */
export function parseColumnOptions(reader: TokenReader): boolean | undefined {
  reader.expect("OPTIONS", "(");
  let allowed: boolean | undefined;
  while (!reader.take(")")) {
    const option = reader.takeName();
    reader.expect("=");
    if (option.toLowerCase() !== "allow_commit_timestamp") {
      throw reader.unexpected(`The emulator has no column option ${option},`);
    }
    if (reader.take("TRUE")) allowed = true;
    else if (reader.take("FALSE")) allowed = false;
    else reader.expect("NULL");
    if (!reader.isNext(")")) reader.expect(",");
  }
  return allowed;
}

/** What stands between a pair of parentheses, as it was written. */
export function parseParenthesised(reader: TokenReader): SourceText {
  const open = reader.peek();
  reader.expect("(");
  let depth = 1;
  for (;;) {
    const token = reader.next();
    if (token.kind === "end") throw reader.unexpected('Expected ")"');
    if (token.kind !== "symbol") continue;
    if (token.text === "(") depth++;
    if (token.text === ")") depth--;
    if (depth === 0) return { text: reader.text.slice(open.end, token.start).trim() };
  }
}
