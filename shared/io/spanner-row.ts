import { assert } from "../core/assert.ts";

/**
 * A row that the Spanner client decoded, read column by column in the forms of the wire: NUMERIC and JSON
 * as text, TIMESTAMP as RFC 3339. A column that is not of the type that the DDL promises fails the assert.
 */
export class SpannerRow {
  readonly #row: object;

  constructor(row: object) {
    this.#row = row;
  }

  text(column: string): string {
    return this.#typed(column, isText);
  }

  textOrNull(column: string): string | null {
    return this.#orNull(column, isText);
  }

  /** One of `words`, which a check constraint or the writer's type holds the column to. */
  word<Word extends string>(column: string, words: readonly Word[]): Word {
    const text = this.text(column);
    const word = words.find((each) => each === text);
    assert(word !== undefined, `${column} "${text}" is one of ${words.join(", ")}`);
    return word;
  }

  /** A list of some of `words`. */
  words<Word extends string>(column: string, words: readonly Word[]): readonly Word[] {
    const texts = this.#typed(column, isTexts);
    const known = words.filter((word) => texts.includes(word));
    assert(known.length === texts.length, `${column} "${texts}" holds some of ${words.join(", ")}`);
    return known;
  }

  integer(column: string): number {
    return this.#typed(column, isInteger);
  }

  flag(column: string): boolean {
    return this.#typed(column, isFlag);
  }

  flagOrNull(column: string): boolean | null {
    return this.#orNull(column, isFlag);
  }

  decimal(column: string): string {
    return this.#typed(column, isNumeric).value;
  }

  decimalOrNull(column: string): string | null {
    return this.#orNull(column, isNumeric)?.value ?? null;
  }

  time(column: string): string {
    return this.#typed(column, isTime).toISOString();
  }

  timeOrNull(column: string): string | null {
    return this.#orNull(column, isTime)?.toISOString() ?? null;
  }

  json(column: string): string {
    return JSON.stringify(this.#typed(column, isPresent));
  }

  jsonOrNull(column: string): string | null {
    const value = this.#orNull(column, isPresent);
    return value === null ? null : JSON.stringify(value);
  }

  #typed<Value>(column: string, isOfType: (value: unknown) => value is Value): Value {
    const value: unknown = Reflect.get(this.#row, column);
    assert(isOfType(value), `column ${column} is of another type than its table's`);
    return value;
  }

  #orNull<Value>(column: string, isOfType: (value: unknown) => value is Value): Value | null {
    return Reflect.get(this.#row, column) === null ? null : this.#typed(column, isOfType);
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** The client's own class for NUMERIC. */
function isNumeric(value: unknown): value is { readonly value: string } {
  return typeof value === "object" && value !== null && "value" in value && isText(value.value);
}

function isTime(value: unknown): value is Date {
  return value instanceof Date;
}

function isPresent(value: unknown): value is object | string | number | boolean {
  return value !== null && value !== undefined;
}
