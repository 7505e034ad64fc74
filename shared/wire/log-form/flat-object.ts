import { type Refusal, refuse } from "../../core/auction/refusal.ts";

/** One field of a flat JSON object: numbers keep their source text, so that no digit is lost. */
export interface FlatField {
  readonly name: string;
  readonly kind: "string" | "number" | "boolean" | "null";
  /** A string's value, a number's source, or the literal. */
  readonly text: string;
}

/** A string that holds escapes; one without is found by {@link Scan.plainString}. */
const ESCAPED_STRING = /"[^"\\\p{Cc}]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\p{Cc}]*)*"/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y;
const LITERAL = /(?:true|false|null)(?!\w)/y;
/** What writers of almost-JSON leave bare: NaN, Infinity, 01, +1, .5, undefined. */
const BARE_WORD = /[\w.+-]+/y;
/** Names that would reach an object's prototype in careless readers down the line. */
const FORBIDDEN: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACES: ReadonlySet<number> = new Set([SPACE, 0x09, 0x0a, 0x0d]);
const FIELDS_MAX = 64;
const DEPTH_MAX = 8;

/**
 * Reads one JSON object whose values are strings, numbers, booleans or null, as strictly as RFC 8259
 * says and stricter: no name twice, no nesting. Linear in the text's length; never throws.
 */
export function readFlatObject(text: string): readonly FlatField[] | Refusal {
  const scan = new Scan(text);
  if (!scan.takes("{")) return notJson(scan, "Write one JSON object an event.");
  const fields = scan.takes("}") ? [] : readFields(scan);
  if ("reason" in fields) return fields;
  scan.skipSpace();
  return scan.isAtEnd ? fields : notJson(scan, "Leave nothing after the object's closing brace.");
}

function readFields(scan: Scan): FlatField[] | Refusal {
  const fields: FlatField[] = [];
  const names = new Set<string>();
  do {
    const field = readField(scan);
    if (typeof field === "string") return notJson(scan, `Write ${field} here.`);
    if ("reason" in field) return field;
    if (names.has(field.name)) {
      return refuse("duplicateField", field.name, field.text, "Give each field once.");
    }
    if (names.size === FIELDS_MAX) {
      return refuse("tooLarge", field.name, "", `Give at most ${FIELDS_MAX} fields.`);
    }
    names.add(field.name);
    fields.push(field);
  } while (scan.takes(","));
  if (scan.takes("}")) return fields;
  return notJson(scan, "Close the object with a brace after its last field.");
}

class Scan {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  get rest(): string {
    return this.text.slice(this.at, this.at + 80);
  }

  skipSpace(): void {
    for (let code = this.#code(); code <= SPACE && SPACES.has(code); code = this.#code()) this.at++;
  }

  /** The string here if it has no escapes, past which the scan moves. */
  plainString(): string | undefined {
    if (this.#code() !== QUOTE) return undefined;
    for (let end = this.at + 1; end < this.text.length; end++) {
      const code = this.text.charCodeAt(end);
      if (code === BACKSLASH || code < SPACE) return undefined;
      if (code !== QUOTE) continue;
      const start = this.at + 1;
      this.at = end + 1;
      return this.text.slice(start, end);
    }
    return undefined;
  }

  takes(token: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  /** What a sticky pattern matches here, past which the scan moves; undefined where it does not. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return undefined;
    const start = this.at;
    this.at = pattern.lastIndex;
    return this.text.slice(start, this.at);
  }

  /** The code of the character here; NaN at the end, which compares as nothing. */
  #code(): number {
    return this.text.charCodeAt(this.at);
  }
}

/** A field, a refusal, or in a few words what was expected at the scan's place. */
function readField(scan: Scan): FlatField | Refusal | string {
  const name = readString(scan);
  if (name === undefined) return "a field's name in double quotes";
  if (FORBIDDEN.has(name)) return refuse("forbiddenField", name, "", "Leave this field out.");
  if (!scan.takes(":")) return `a colon after "${name}"`;
  return readValue(scan, name);
}

function readValue(scan: Scan, name: string): FlatField | Refusal | string {
  scan.skipSpace();
  const string = readString(scan);
  if (string !== undefined) {
    if (string.isWellFormed()) return { name, kind: "string", text: string };
    return refuse(
      "badText",
      name,
      string,
      "Half a surrogate pair is no character: mend the encoder.",
    );
  }
  const number = scan.match(NUMBER);
  if (number !== undefined) return { name, kind: "number", text: number };
  const literal = scan.match(LITERAL);
  if (literal !== undefined) {
    return { name, kind: literal === "null" ? "null" : "boolean", text: literal };
  }
  const first = scan.text[scan.at];
  if (first === "{" || first === "[") return nested(scan, name);
  const word = scan.match(BARE_WORD);
  if (word === undefined) return `a value for "${name}": a string or a number`;
  const reason = name === "bid_price" ? "badPrice" : "wrongKind";
  return refuse(
    reason,
    name,
    word,
    "Give a number as JSON writes it, or a string in double quotes.",
  );
}

function readString(scan: Scan): string | undefined {
  scan.skipSpace();
  const plain = scan.plainString();
  if (plain !== undefined) return plain;
  const escaped = scan.match(ESCAPED_STRING);
  return escaped === undefined ? undefined : JSON.parse(escaped);
}

function nested(scan: Scan, name: string): Refusal {
  let depth = 1;
  let deepest = 1;
  for (let at = scan.at; at < scan.text.length && depth > 0 && deepest <= DEPTH_MAX; at++) {
    const char = scan.text[at];
    if (char === "{" || char === "[") deepest = Math.max(deepest, ++depth);
    else if (char === "}" || char === "]") depth--;
  }
  return deepest > DEPTH_MAX
    ? refuse("tooDeep", name, scan.rest, "An event is one flat object.")
    : refuse("wrongKind", name, scan.rest, "Give a string or a number, not an object or an array.");
}

function notJson(scan: Scan, mend: string): Refusal {
  return refuse("notAnEvent", "", scan.rest, mend);
}
