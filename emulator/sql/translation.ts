import type { SqlType } from "./sql-type.ts";
import { readType } from "./sql-type.ts";
import { TokenReader } from "./token-reader.ts";

export type Dialect = "bigquery" | "spanner";

export interface TranslationOptions {
  readonly dialect: Dialect;
  /**
   * The DuckDB relation (quoted SQL) behind a table path such as `["project", "dataset", "table"]`;
   * undefined where there is none. Undefined paths are refused by name and position.
   */
  readonly resolveTable: (path: readonly string[]) => string | undefined;
  /**
   * GoogleSQL types of the parameters, e.g. `{ day: "DATE" }`; positional ones under "1", "2", ...
   * A parameter of no known type is passed to DuckDB untyped, and picks the type of its surroundings.
   */
  readonly parameterTypes?: Readonly<Record<string, string>>;
}

/** A translated expression: its SQL, and what callers need to know of its form. */
export interface Expression {
  readonly sql: string;
  /** The column name GoogleSQL infers, e.g. `b` of `a.b`. */
  readonly name?: string;
  /** Set where the expression is one literal. */
  readonly literal?: { readonly kind: "string" | "integer" | "null"; readonly text: string };
  /** Whether a STRUCT, and for an array whether its elements are, where the form alone tells. */
  readonly shape?: "struct" | "scalar" | "structs" | "scalars" | undefined;
}

/** The two halves of the grammar that need each other, handed in so that no file imports in a circle. */
export interface Grammar {
  readonly expression: (t: Translation) => Expression;
  readonly query: (t: Translation) => string;
}

/** What one translation carries while it reads: the cursor, and names that are in scope. */
export class Translation {
  readonly reader: TokenReader;
  readonly options: TranslationOptions;
  /** Range variables of the query blocks around the cursor, innermost last; in lower case. */
  readonly scopes: Set<string>[] = [];
  readonly commonTables: string[] = [];
  /** Parameters in the order of their first use. */
  readonly parameters: string[] = [];
  /** Inside PIVOT: the columns its aggregates name, and the filter each aggregate carries. */
  pivot: { readonly columns: Set<string>; filter: string } | undefined;
  readonly #grammar: Grammar;
  /** Whether the FROM clause just read unnests an array of unknown element type. */
  hasOpaqueUnnest = false;
  #positional = 0;
  #generated = 0;

  constructor(source: string, options: TranslationOptions, grammar: Grammar) {
    this.reader = new TokenReader(source);
    this.options = options;
    this.#grammar = grammar;
  }

  expression(): Expression {
    return this.#grammar.expression(this);
  }

  /** One or more expressions with commas between. */
  expressions(): Expression[] {
    const items = [this.expression()];
    while (this.reader.acceptSymbol(",")) items.push(this.expression());
    return items;
  }

  /** An expression between parentheses, the first of them already taken. */
  expressionToClose(): string {
    const { sql } = this.expression();
    this.reader.expectSymbol(")");
    return sql;
  }

  query(): string {
    return this.#grammar.query(this);
  }

  /** DuckDB's spelling of a parameter token (`@name` or `?`), typed where its type is known. */
  parameter(text: string): string {
    const name = text === "?" ? String(++this.#positional) : text.slice(1);
    if (!this.parameters.includes(name)) this.parameters.push(name);
    const type = this.#parameterType(name);
    return type === undefined ? `$${name}` : `CAST($${name} AS ${type.duckdb})`;
  }

  /** A name that no query uses. */
  freshName(): string {
    return `_gsql_${++this.#generated}`;
  }

  isRangeVariable(name: string): boolean {
    return this.scopes.some((scope) => scope.has(name.toLowerCase()));
  }

  #parameterType(name: string): SqlType | undefined {
    const text = this.options.parameterTypes?.[name];
    return text === undefined ? undefined : readType(new TokenReader(text));
  }
}
