import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";

export interface Token {
  readonly kind:
    | "name"
    | "quotedName"
    | "number"
    | "string"
    | "bytes"
    | "parameter"
    | "symbol"
    | "end";
  /** A name's or symbol's text, a string's value, the bytes as base64, a parameter's name. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const SPACE = /(?:\s+|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const STRING =
  /([rRbB]{0,2})("""[\s\S]*?(?<!\\)"""|'''[\s\S]*?(?<!\\)'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/y;
const QUOTED_NAME = /`((?:[^`\\\n]|\\.)+)`/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const PARAMETER = /@@?([A-Za-z_][A-Za-z0-9_]*)/y;
const SYMBOL = /<>|<=|>=|!=|\|\||=>|[-+*/=<>().,;:[\]{}@?&|^~]/y;

/** Splits GoogleSQL text into tokens, without spaces and comments; the last one is the end. */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  for (;;) {
    position = match(SPACE, text, position)?.end ?? position;
    const token = readToken(text, position);
    tokens.push(token);
    if (token.kind === "end") return tokens;
    position = token.end;
  }
}

function readToken(text: string, start: number): Token {
  if (start >= text.length) return { kind: "end", text: "", start, end: start };
  const quoted = match(STRING, text, start);
  if (quoted !== undefined) return stringToken(quoted, start);
  const rules = [
    ["quotedName", QUOTED_NAME],
    ["name", NAME],
    ["number", NUMBER],
    ["parameter", PARAMETER],
    ["symbol", SYMBOL],
  ] as const;
  for (const [kind, rule] of rules) {
    const found = match(rule, text, start);
    if (found !== undefined) {
      return { kind, text: found.groups[1] ?? found.groups[0] ?? "", start, end: found.end };
    }
  }
  throw syntaxError(text, start, `Illegal input character "${text[start]}"`);
}

interface Match {
  readonly groups: readonly (string | undefined)[];
  readonly end: number;
}

function match(rule: RegExp, text: string, start: number): Match | undefined {
  rule.lastIndex = start;
  const groups = rule.exec(text);
  return groups === null ? undefined : { groups, end: rule.lastIndex };
}

function stringToken(found: Match, start: number): Token {
  const prefix = (found.groups[1] ?? "").toLowerCase();
  const literal = found.groups[2] ?? "";
  const quotes = /^(?:"""|''')/.test(literal) ? 3 : 1;
  const body = literal.slice(quotes, -quotes);
  const value = prefix.includes("r") ? body : unescapeText(body, prefix.includes("b"));
  if (!prefix.includes("b")) return { kind: "string", text: value, start, end: found.end };
  const bytes = Buffer.from(value, "latin1").toString("base64");
  return { kind: "bytes", text: bytes, start, end: found.end };
}

const ESCAPE = /\\(?:[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|[\s\S])/g;
const SINGLE: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function unescapeText(body: string, isBytes: boolean): string {
  const text = isBytes ? Buffer.from(body, "utf8").toString("latin1") : body;
  return text.replace(ESCAPE, (found) => {
    const code = found.slice(1);
    if (code.length === 1) return SINGLE[code] ?? code;
    if (/^\d/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
    return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
  });
}

/** INVALID_ARGUMENT in the words of GoogleSQL, with line and column. */
export function syntaxError(text: string, position: number, reason: string): StatusError {
  const before = text.slice(0, position).split("\n");
  const column = (before.at(-1) ?? "").length + 1;
  return new StatusError(
    status.INVALID_ARGUMENT,
    `Syntax error: ${reason} [at ${before.length}:${column}]`,
  );
}

/** Walks the tokens of one statement. */
export class TokenReader {
  readonly text: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string) {
    this.text = text;
    this.#tokens = readTokens(text);
  }

  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#position + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw syntaxError(this.text, 0, "Unexpected end of statement");
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.#position++;
    return token;
  }

  /** True where the next tokens are these keywords (any case) or symbols. */
  isNext(...words: readonly string[]): boolean {
    return words.every((word, ahead) => isWord(this.peek(ahead), word));
  }

  /** Takes these keywords or symbols where they come next. */
  take(...words: readonly string[]): boolean {
    if (!this.isNext(...words)) return false;
    this.#position += words.length;
    return true;
  }

  expect(...words: readonly string[]): void {
    for (const word of words) {
      if (!this.take(word)) throw this.unexpected(`Expected ${quote(word)}`);
    }
  }

  takeName(what = "identifier"): string {
    const token = this.peek();
    if (token.kind !== "name" && token.kind !== "quotedName") {
      throw this.unexpected(`Expected ${what}`);
    }
    this.#position++;
    return token.text;
  }

  /** An error at the next token: what was expected, and what stands there. */
  unexpected(expectation: string): StatusError {
    const token = this.peek();
    const found = token.kind === "end" ? "end of statement" : quote(token.text);
    return syntaxError(this.text, token.start, `${expectation} but got ${found}`);
  }

  expectEnd(): void {
    this.take(";");
    if (this.peek().kind !== "end") throw this.unexpected("Expected end of input");
  }
}

function isWord(token: Token, word: string): boolean {
  if (token.kind === "symbol") return token.text === word;
  return token.kind === "name" && token.text.toUpperCase() === word;
}

function quote(word: string): string {
  return /^\w+$/.test(word) ? word : `"${word}"`;
}
