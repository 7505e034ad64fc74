import { invalidArgument } from "./refusal.ts";

/** A subscription's filter, ready to apply to a message's attributes. */
export type Filter = (attributes: ReadonlyMap<string, string>) => boolean;

/** Source: Pub/Sub, "Filter messages", and the limit of its quotas page. */
const FILTER_BYTES_MAX = 256;

const TOKEN =
  /\s*(?:(?<word>[\p{L}_][\p{L}\p{N}_-]*)|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<sign>!=|[-.:=(),]))/uy;

interface Token {
  readonly kind: "word" | "text" | "sign" | "end";
  readonly text: string;
  readonly at: number;
}

/**
 * Reads a filter:
 *
 *     filter = term { "AND" term } | term { "OR" term }       the two are never mixed unbracketed
 *     term   = ["NOT" | "-"] ( "(" filter ")" | "attributes" ":" key
 *              | "attributes" "." key ("=" | "!=") text | "hasPrefix" "(" "attributes" "." key "," text ")" )
 *     key    = word | text
 *
 * Source: https://cloud.google.com/pubsub/docs/subscription-message-filter.
 */
export function parseFilter(source: string): Filter {
  const sizeBytes = Buffer.byteLength(source);
  if (sizeBytes > FILTER_BYTES_MAX) {
    throw invalidArgument(`The filter has ${sizeBytes} bytes; it has at most ${FILTER_BYTES_MAX}.`);
  }
  const parser = new FilterParser(tokensOf(source), source);
  return parser.parse();
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  let at = 0;
  while (at < source.trimEnd().length) {
    const groups = TOKEN.exec(source)?.groups;
    if (groups === undefined) throw refusal(source, at, "it cannot be read");
    const start = TOKEN.lastIndex;
    const { word, text, sign } = groups;
    if (word !== undefined) tokens.push({ kind: "word", text: word, at });
    else if (text !== undefined) tokens.push({ kind: "text", text: unquote(text), at });
    else tokens.push({ kind: "sign", text: sign ?? "", at });
    at = start;
  }
  tokens.push({ kind: "end", text: "", at: source.length });
  return tokens;
}

class FilterParser {
  readonly #tokens: readonly Token[];
  readonly #source: string;
  #index = 0;

  constructor(tokens: readonly Token[], source: string) {
    this.#tokens = tokens;
    this.#source = source;
  }

  parse(): Filter {
    const filter = this.#expression();
    if (this.#token.kind !== "end") throw this.#unexpected("AND, OR or the end");
    return filter;
  }

  #expression(): Filter {
    const terms = [this.#term()];
    const operator = this.#token.text;
    if (this.#token.kind !== "word" || (operator !== "AND" && operator !== "OR")) {
      return terms[0] as Filter; // just pushed
    }
    while (this.#accept("word", operator)) terms.push(this.#term());
    if (this.#token.kind === "word" && (this.#token.text === "AND" || this.#token.text === "OR")) {
      throw refusal(this.#source, this.#token.at, "AND and OR need parentheses to be combined");
    }
    if (operator === "AND") return (attributes) => terms.every((term) => term(attributes));
    return (attributes) => terms.some((term) => term(attributes));
  }

  #term(): Filter {
    if (this.#accept("word", "NOT") || this.#accept("sign", "-")) {
      const negated = this.#term();
      return (attributes) => !negated(attributes);
    }
    if (this.#accept("sign", "(")) {
      const inner = this.#expression();
      this.#expect("sign", ")");
      return inner;
    }
    if (this.#accept("word", "hasPrefix")) return this.#prefix();
    this.#expect("word", "attributes");
    if (this.#accept("sign", ":")) {
      const key = this.#key();
      return (attributes) => attributes.has(key);
    }
    return this.#comparison();
  }

  #comparison(): Filter {
    this.#expect("sign", ".");
    const key = this.#key();
    if (this.#accept("sign", "=")) {
      const value = this.#text();
      return (attributes) => attributes.get(key) === value;
    }
    this.#expect("sign", "!=");
    const value = this.#text();
    return (attributes) => attributes.get(key) !== value;
  }

  #prefix(): Filter {
    this.#expect("sign", "(");
    this.#expect("word", "attributes");
    this.#expect("sign", ".");
    const key = this.#key();
    this.#expect("sign", ",");
    const prefix = this.#text();
    this.#expect("sign", ")");
    return (attributes) => attributes.get(key)?.startsWith(prefix) ?? false;
  }

  get #token(): Token {
    return this.#tokens[this.#index] as Token; // the end token is never passed
  }

  #key(): string {
    const { kind, text } = this.#token;
    if (kind !== "word" && kind !== "text") throw this.#unexpected("an attribute's key");
    this.#index++;
    return text;
  }

  #text(): string {
    const { kind, text } = this.#token;
    if (kind !== "text") throw this.#unexpected("a string in quotes");
    this.#index++;
    return text;
  }

  #accept(kind: Token["kind"], text: string): boolean {
    const isNext = this.#token.kind === kind && this.#token.text === text;
    if (isNext) this.#index++;
    return isNext;
  }

  #expect(kind: Token["kind"], text: string): void {
    if (!this.#accept(kind, text)) throw this.#unexpected(text);
  }

  #unexpected(expected: string): Error {
    const found = this.#token.kind === "end" ? "its end" : `"${this.#token.text}"`;
    return refusal(this.#source, this.#token.at, `expected ${expected}, found ${found}`);
  }
}

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{3})|(.))/gu;
const CONTROLS: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(ESCAPE, (...groups: (string | undefined)[]) => {
    const [, unicode, hex, octal, plain = ""] = groups;
    const code = unicode ?? hex;
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    return CONTROLS[plain] ?? plain;
  });
}

function refusal(source: string, at: number, why: string): Error {
  return invalidArgument(`The filter ${source} is not valid at character ${at + 1}: ${why}.`);
}
