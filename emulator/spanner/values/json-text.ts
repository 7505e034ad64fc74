const MAX_DEPTH = 80;
/** A number as JSON writes it: sign, whole digits, decimals, exponent. */
const NUMBER = /-?(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?/y;
/** Integers up to so many digits are in the range of 64 bits. */
const SAFE_DIGITS = 18;
const UINT64_MAX = 2n ** 64n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * JSON in the one form that is stored and sent: keys in order, no spaces, of equal keys the first, numbers
 * digit for digit. Undefined where the text is not JSON, is nested too deep, or has a number that neither
 * 64 bits nor a double hold exactly.
 */
export function readJsonText(text: string): string | undefined {
  const reader = new JsonReader(text);
  const value = reader.readValue(MAX_DEPTH);
  return value !== undefined && reader.isAtEnd() ? value : undefined;
}

const Code = {
  tab: 9,
  newline: 10,
  carriage: 13,
  space: 32,
  quote: 34,
  comma: 44,
  point: 46,
  zero: 48,
  nine: 57,
  colon: 58,
  E: 69,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  e: 101,
  f: 102,
  n: 110,
  t: 116,
  openBrace: 123,
  closeBrace: 125,
} as const;

const NUMBER_GOES_ON: ReadonlySet<number> = new Set([Code.point, Code.E, Code.e]);

class JsonReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    return Number.isNaN(this.#peek());
  }

  readValue(depth: number): string | undefined {
    switch (this.#peek()) {
      case Code.openBrace:
        return depth > 0 ? this.#readObject(depth - 1) : undefined;
      case Code.openBracket:
        return depth > 0 ? this.#readArray(depth - 1) : undefined;
      case Code.quote:
        return this.#readString();
      case Code.t:
        return this.#readWord("true");
      case Code.f:
        return this.#readWord("false");
      case Code.n:
        return this.#readWord("null");
      default:
        return this.#readNumber();
    }
  }

  #readObject(depth: number): string | undefined {
    this.#position++;
    if (this.#skip(Code.closeBrace)) return "{}";
    const names: string[] = [];
    const members: string[] = [];
    let inOrder = true;
    do {
      const name = this.#peek() === Code.quote ? this.#readString() : undefined;
      if (name === undefined || !this.#skip(Code.colon)) return undefined;
      const value = this.readValue(depth);
      if (value === undefined) return undefined;
      const last = names.at(-1);
      inOrder &&= last === undefined || last < name;
      names.push(name);
      members.push(`${name}:${value}`);
    } while (this.#skip(Code.comma));
    if (!this.#skip(Code.closeBrace)) return undefined;
    return inBraces(inOrder ? members : sortedMembers(names, members));
  }

  #readArray(depth: number): string | undefined {
    this.#position++;
    if (this.#skip(Code.closeBracket)) return "[]";
    const values: string[] = [];
    do {
      const value = this.readValue(depth);
      if (value === undefined) return undefined;
      values.push(value);
    } while (this.#skip(Code.comma));
    return this.#skip(Code.closeBracket) ? `[${values.join(",")}]` : undefined;
  }

  /** A string as written, unless it has escapes, of which there is more than one way to write most. */
  #readString(): string | undefined {
    const text = this.#text;
    const start = this.#position;
    let isPlain = true;
    for (let at = start + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === Code.quote) {
        this.#position = at + 1;
        const token = text.slice(start, at + 1);
        return isPlain ? token : rewrittenString(token);
      }
      if (code < Code.space) return undefined;
      if (code === Code.backslash) {
        isPlain = false;
        at++;
      }
    }
    return undefined;
  }

  #readWord(word: string): string | undefined {
    if (!this.#text.startsWith(word, this.#position)) return undefined;
    this.#position += word.length;
    return word;
  }

  #readNumber(): string | undefined {
    const text = this.#text;
    const start = this.#position;
    let at = start;
    while (isDigit(text.charCodeAt(at))) at++;
    const isPlain = at - start <= SAFE_DIGITS && !NUMBER_GOES_ON.has(text.charCodeAt(at));
    if (!isPlain || at === start || (at > start + 1 && text.charCodeAt(start) === Code.zero)) {
      return this.#readAnyNumber();
    }
    this.#position = at;
    return text.slice(start, at);
  }

  #readAnyNumber(): string | undefined {
    NUMBER.lastIndex = this.#position;
    const match = NUMBER.exec(this.#text);
    if (match === null) return undefined;
    this.#position = NUMBER.lastIndex;
    const [token, whole = "", decimals, exponent] = match;
    const isInteger = decimals === undefined && exponent === undefined;
    if (isInteger && whole.length <= SAFE_DIGITS) return token;
    return (isInteger && is64Bits(BigInt(token))) || isExact(token) ? token : undefined;
  }

  #skip(code: number): boolean {
    if (this.#peek() !== code) return false;
    this.#position++;
    return true;
  }

  /** The next character behind spaces; NaN at the end. */
  #peek(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#position);
      const isSpace =
        code === Code.space || code === Code.newline || code === Code.carriage || code === Code.tab;
      if (!isSpace) return code;
      this.#position++;
    }
  }
}

/** As one text: one that holds its parts would keep them in memory. */
function inBraces(members: string[]): string {
  members[0] = `{${members[0]}`;
  members[members.length - 1] += "}";
  return members.join(",");
}

function sortedMembers(names: readonly string[], members: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const [position, name] of names.entries()) {
    if (!byName.has(name)) byName.set(name, members[position] ?? "");
  }
  return [...byName.keys()].sort().map((name) => byName.get(name) ?? "");
}

function rewrittenString(token: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(token));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isDigit(code: number): boolean {
  return code >= Code.zero && code <= Code.nine;
}

function is64Bits(integer: bigint): boolean {
  return integer >= INT64_MIN && integer <= UINT64_MAX;
}

/** True where the nearest double, written out, has the same digits. */
function isExact(token: string): boolean {
  const value = Number(token);
  return Number.isFinite(value) && digitsOf(token) === digitsOf(String(value));
}

/** A decimal's digits without zeros around them, and the power of ten they are counted in. */
function digitsOf(decimal: string): string {
  const [, whole = "", fraction = "", exponent = "0"] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(decimal) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return significant === "" ? "0" : `${significant}e${power}`;
}
