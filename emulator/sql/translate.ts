import { readExpression } from "./expression.ts";
import { readQuery } from "./query.ts";
import { Translation, type TranslationOptions } from "./translation.ts";

export interface TranslatedQuery {
  /** DuckDB SQL; it needs the macros of `macros.ts` and a session in time zone UTC. */
  readonly sql: string;
  /** Names of the parameters in the order of their first use; positional ones are "1", "2", ... */
  readonly parameters: readonly string[];
}

export const grammar = { expression: readExpression, query: readQuery };

/**
 * Translates one GoogleSQL query into DuckDB SQL. Pure. What is not on the pinned lists is refused
 * with a `TranslationError` that names it and its place.
 */
export function translateQuery(source: string, options: TranslationOptions): TranslatedQuery {
  const t = new Translation(source, options, grammar);
  skipStatementHint(t);
  const sql = t.query();
  t.reader.expectEnd();
  return { sql, parameters: t.parameters };
}

/** Spanner's `@{...}` before a statement says how to run it, not what. */
function skipStatementHint(t: Translation): void {
  if (t.options.dialect !== "spanner" || !t.reader.acceptSymbol("@{")) return;
  while (!t.reader.acceptSymbol("}")) {
    if (t.reader.take().kind === "end") t.reader.refuse("Syntax error: Unclosed hint");
  }
}
