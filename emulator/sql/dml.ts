import { quoteName } from "./quoting.ts";
import { grammar } from "./translate.ts";
import { Translation, type TranslationOptions } from "./translation.ts";

export interface TranslatedStatement {
  readonly kind: "insert" | "update" | "delete" | "truncate";
  /** The table's path as written. */
  readonly target: readonly string[];
  readonly sql: string;
  readonly parameters: readonly string[];
}

const statementWords = ["INSERT", "UPDATE", "DELETE", "TRUNCATE"];
const otherStatements = [
  "MERGE",
  "CREATE",
  "DROP",
  "ALTER",
  "EXPORT",
  "LOAD",
  "CALL",
  "BEGIN",
  "DECLARE",
];

/** Translates INSERT, UPDATE, DELETE and TRUNCATE TABLE; undefined where `source` is a query. */
export function translateStatement(
  source: string,
  options: TranslationOptions,
): TranslatedStatement | undefined {
  const t = new Translation(source, options, grammar);
  const word = t.reader.peek();
  const name = word.kind === "word" ? word.text.toUpperCase() : "";
  if (otherStatements.includes(name))
    t.reader.refuse(`The emulator does not run ${name} statements`);
  if (!statementWords.includes(name)) return undefined;
  t.reader.take();
  const [kind, target, sql] = writers[name]?.(t) ?? t.reader.refuse(`Syntax error: ${name}`);
  t.reader.expectEnd();
  return { kind, target, sql, parameters: t.parameters };
}

type Written = readonly [TranslatedStatement["kind"], readonly string[], string];
const writers: Readonly<Record<string, (t: Translation) => Written>> = {
  INSERT: readInsert,
  UPDATE: readUpdate,
  DELETE: readDelete,
  TRUNCATE: readTruncate,
};

function readTarget(t: Translation): { path: string[]; relation: string } {
  const at = t.reader.peek();
  const path = t.reader.expectName("a table").split(".");
  while (t.reader.acceptSymbol(".")) path.push(...t.reader.take().text.split("."));
  const relation = t.options.resolveTable(path);
  if (relation === undefined) return t.reader.refuse(`Table not found: ${path.join(".")}`, at);
  return { path, relation };
}

function readInsert(t: Translation): Written {
  const { reader } = t;
  reader.acceptWord("INTO");
  const { path, relation } = readTarget(t);
  let columns = "";
  if (reader.isSymbol("(") && !reader.isWord("SELECT")) {
    reader.expectSymbol("(");
    const names = [quoteName(reader.expectName("a column"))];
    while (reader.acceptSymbol(",")) names.push(quoteName(reader.expectName("a column")));
    reader.expectSymbol(")");
    columns = ` (${names.join(", ")})`;
  }
  const rows = reader.acceptWord("VALUES") ? readValues(t) : t.query();
  return ["insert", path, `INSERT INTO ${relation}${columns} ${rows}`];
}

function readValues(t: Translation): string {
  const rows: string[] = [];
  do {
    t.reader.expectSymbol("(");
    const values = t.expressions().map((value) => value.sql);
    t.reader.expectSymbol(")");
    rows.push(`(${values.join(", ")})`);
  } while (t.reader.acceptSymbol(","));
  return `VALUES ${rows.join(", ")}`;
}

function readUpdate(t: Translation): Written {
  const { reader } = t;
  const { path, relation } = readTarget(t);
  const alias = readTargetAlias(t, path);
  reader.expectWord("SET");
  const assignments: string[] = [];
  do {
    const column = reader.expectName("a column");
    reader.expectSymbol("=");
    assignments.push(`${quoteName(column)} = ${t.expression().sql}`);
  } while (reader.acceptSymbol(","));
  return [
    "update",
    path,
    `UPDATE ${relation} AS ${alias} SET ${assignments.join(", ")}${readWhere(t, "UPDATE")}`,
  ];
}

function readDelete(t: Translation): Written {
  t.reader.acceptWord("FROM");
  const { path, relation } = readTarget(t);
  const alias = readTargetAlias(t, path);
  return ["delete", path, `DELETE FROM ${relation} AS ${alias}${readWhere(t, "DELETE")}`];
}

function readTruncate(t: Translation): Written {
  t.reader.expectWord("TABLE");
  const { path, relation } = readTarget(t);
  return ["truncate", path, `DELETE FROM ${relation}`];
}

function readTargetAlias(t: Translation, path: readonly string[]): string {
  const isSet = t.reader.isWord("SET");
  const hasAlias = t.reader.acceptWord("AS") || (!isSet && t.reader.isName());
  return quoteName(hasAlias ? t.reader.expectName("an alias") : (path.at(-1) ?? ""));
}

/** GoogleSQL demands WHERE, so that no one changes a whole table by mistake. */
function readWhere(t: Translation, statement: string): string {
  if (t.reader.isWord("FROM")) t.reader.refuse("The emulator does not support UPDATE with FROM");
  if (!t.reader.acceptWord("WHERE")) t.reader.refuse(`${statement} must have a WHERE clause`);
  return ` WHERE ${t.expression().sql}`;
}
