import { TranslationError } from "./translation-error.ts";

export type TokenKind =
  | "word"
  | "quotedName"
  | "string"
  | "bytes"
  | "integer"
  | "float"
  | "parameter"
  | "symbol"
  | "end";

export interface Token {
  readonly kind: TokenKind;
  /** A string's or name's value without quotes and escapes; bytes as latin-1; else the source text. */
  readonly text: string;
  readonly offset: number;
  readonly end: number;
}

const space = /(?:\s+|#[^\n]*|--[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const stringStart = /([rR]?[bB]?|[bB]?[rR]?)("""|'''|"|')/y;
const number = /0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const parameter = /@[A-Za-z_][A-Za-z0-9_]*|\?/y;
const symbol = /\|\||<<|>>|<=|>=|!=|<>|@\{|[-+*/%~&^|<>=(),.;:[\]{}]/y;

/** GoogleSQL source as tokens, the last of kind `end`. Comments are dropped. */
export function lex(source: string): Token[] {
  const tokens: Token[] = [];
  let offset = skipSpace(source, 0);
  while (offset < source.length) {
    const token = readToken(source, offset);
    tokens.push(token);
    offset = skipSpace(source, token.end);
  }
  tokens.push({ kind: "end", text: "end of query", offset: source.length, end: source.length });
  return tokens;
}

function skipSpace(source: string, offset: number): number {
  return offset + (matchAt(space, source, offset)?.[0].length ?? 0);
}

function matchAt(pattern: RegExp, source: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(source);
}

function readToken(source: string, offset: number): Token {
  const opening = matchAt(stringStart, source, offset);
  if (opening !== null) return readString(source, offset, opening);
  if (source[offset] === "`") return readQuotedName(source, offset);
  return (
    readPattern(number, source, offset) ??
    readPattern(word, source, offset) ??
    readPattern(parameter, source, offset) ??
    readPattern(symbol, source, offset) ??
    illegal(source, offset)
  );
}

function illegal(source: string, offset: number): never {
  throw new TranslationError(
    `Syntax error: Illegal input character "${source[offset]}"`,
    source,
    offset,
  );
}

const kinds = new Map<RegExp, (text: string) => TokenKind>([
  [number, (text) => (/^(?:0[xX]|\d+$)/.test(text) ? "integer" : "float")],
  [word, () => "word"],
  [parameter, () => "parameter"],
  [symbol, () => "symbol"],
]);

function readPattern(pattern: RegExp, source: string, offset: number): Token | undefined {
  const text = matchAt(pattern, source, offset)?.[0];
  if (text === undefined) return undefined;
  const kind = kinds.get(pattern)?.(text) ?? "symbol";
  return { kind, text, offset, end: offset + text.length };
}

function readQuotedName(source: string, offset: number): Token {
  const close = source.indexOf("`", offset + 1);
  if (close < 0) {
    throw new TranslationError("Syntax error: Unclosed identifier literal", source, offset);
  }
  return { kind: "quotedName", text: source.slice(offset + 1, close), offset, end: close + 1 };
}

function readString(source: string, offset: number, opening: RegExpExecArray): Token {
  const [all, prefix = "", quote = '"'] = opening;
  const isRaw = /r/i.test(prefix);
  const kind = /b/i.test(prefix) ? "bytes" : "string";
  let at = offset + all.length;
  const start = at;
  while (at < source.length && !source.startsWith(quote, at)) {
    if (source[at] === "\n" && quote.length === 1) break;
    at += source[at] === "\\" ? 2 : 1;
  }
  if (!source.startsWith(quote, at)) {
    throw new TranslationError("Syntax error: Unclosed string literal", source, offset);
  }
  const body = source.slice(start, at);
  const place = { source, offset: start, kind } as const;
  return { kind, text: isRaw ? body : unescaped(body, place), offset, end: at + quote.length };
}

interface StringPlace {
  readonly source: string;
  readonly offset: number;
  readonly kind: "string" | "bytes";
}

const escapePattern =
  /\\(?:([abfnrtv\\?"'`\n])|x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]))/g;
const namedEscapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function unescaped(body: string, place: StringPlace): string {
  return body.replace(escapePattern, (whole: string, ...groups: unknown[]) => {
    const at = Number(groups[7]);
    const [named, hex, upperHex, short, long, octal] = groups.slice(0, 6).map(asText);
    if (named !== undefined) return namedEscapes[named] ?? named;
    const unicode = short ?? long;
    if (unicode !== undefined && place.kind === "string") return fromHex(unicode);
    const byte = hex ?? upperHex;
    if (byte !== undefined) return fromHex(byte);
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    const sentence = `Syntax error: Illegal escape sequence: ${whole}`;
    throw new TranslationError(sentence, place.source, place.offset + at);
  });
}

function asText(group: unknown): string | undefined {
  return typeof group === "string" ? group : undefined;
}

function fromHex(digits: string): string {
  return String.fromCodePoint(Number.parseInt(digits, 16));
}
