import { lex, type Token } from "./lexer.ts";
import { TranslationError } from "./translation-error.ts";

/** Words that are never a column, table or alias unless quoted (GoogleSQL's reserved keywords). */
const reserved = new Set(
  `ALL AND ANY ARRAY AS ASC ASSERT_ROWS_MODIFIED AT BETWEEN BY CASE CAST COLLATE CONTAINS CREATE CROSS
  CUBE CURRENT DEFAULT DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT FALSE
  FETCH FOLLOWING FOR FROM FULL GROUP GROUPING GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT
  INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT LOOKUP MERGE NATURAL NEW NO NOT NULL NULLS OF ON OR
  ORDER OUTER OVER PARTITION PRECEDING PROTO QUALIFY RANGE RECURSIVE RESPECT RIGHT ROLLUP ROWS SELECT
  SET SOME STRUCT TABLESAMPLE THEN TO TREAT TRUE UNBOUNDED UNION UNNEST USING WHEN WHERE WINDOW WITH
  WITHIN`.split(/\s+/),
);

/** A cursor over the tokens of one source text. */
export class TokenReader {
  readonly source: string;
  readonly #tokens: Token[];
  #next = 0;

  constructor(source: string) {
    this.source = source;
    this.#tokens = lex(source);
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)] ?? this.#last();
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.#next++;
    return token;
  }

  isSymbol(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "symbol" && token.text === text;
  }

  /** Whether the next tokens are these keywords, in any case. */
  isWord(...words: readonly string[]): boolean {
    return words.every((word, ahead) => {
      const token = this.peek(ahead);
      return token.kind === "word" && token.text.toUpperCase() === word;
    });
  }

  acceptSymbol(text: string): boolean {
    const isNext = this.isSymbol(text);
    if (isNext) this.#next++;
    return isNext;
  }

  acceptWord(...words: readonly string[]): boolean {
    const isNext = this.isWord(...words);
    if (isNext) this.#next += words.length;
    return isNext;
  }

  expectSymbol(text: string): void {
    if (!this.acceptSymbol(text)) this.#expected(`"${text}"`);
  }

  /** `>`, also as the first half of `>>`, which closes two types at once. */
  expectClosingAngle(): void {
    const token = this.peek();
    if (this.acceptSymbol(">")) return;
    if (!this.isSymbol(">>")) this.#expected('">"');
    const rest: Token = { kind: "symbol", text: ">", offset: token.offset + 1, end: token.end };
    this.#tokens[this.#next] = rest;
  }

  expectWord(...words: readonly string[]): void {
    if (!this.acceptWord(...words)) this.#expected(`keyword ${words.join(" ")}`);
  }

  /** A name: quoted, or a word that is not reserved. */
  expectName(what = "an identifier"): string {
    if (!this.isName()) this.#expected(what);
    return this.take().text;
  }

  isName(ahead = 0): boolean {
    const token = this.peek(ahead);
    if (token.kind === "quotedName") return true;
    return token.kind === "word" && !reserved.has(token.text.toUpperCase());
  }

  expectInteger(what: string): string {
    if (this.peek().kind !== "integer") this.#expected(what);
    return this.take().text;
  }

  expectString(what: string): string {
    if (this.peek().kind !== "string") this.#expected(what);
    return this.take().text;
  }

  expectEnd(): void {
    this.acceptSymbol(";");
    if (this.peek().kind !== "end") this.#expected("end of input");
  }

  /** Refuses with a sentence that names `token`'s place. */
  refuse(sentence: string, token: Token = this.peek()): never {
    throw new TranslationError(sentence, this.source, token.offset);
  }

  #expected(what: string): never {
    const token = this.peek();
    const found = token.kind === "end" ? "end of input" : `"${token.text}"`;
    return this.refuse(`Syntax error: Expected ${what} but got ${found}`);
  }

  #last(): Token {
    return { kind: "end", text: "", offset: this.source.length, end: this.source.length };
  }
}
