import { UsageError } from "../core/errors.ts";

interface IntegerRange {
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

/**
 * Reads a worker's settings from environment variables. Faults are collected, so that one run names all
 * of them: call {@link Env.check} after the last read.
 */
export class Env {
  readonly #values: Readonly<Record<string, string | undefined>>;
  readonly #faults: string[] = [];

  constructor(values: Readonly<Record<string, string | undefined>>) {
    this.#values = values;
  }

  string(name: string, fallback?: string): string {
    const value = this.#values[name] ?? fallback;
    if (value !== undefined && value !== "") return value;
    this.#faults.push(`${name} is not set`);
    return "";
  }

  /** A variable that may be absent or empty. */
  optional(name: string): string | undefined {
    return this.#values[name] === "" ? undefined : this.#values[name];
  }

  integer(name: string, { min, max, default: fallback }: IntegerRange): number {
    const text = this.#values[name] ?? fallback?.toString() ?? "";
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    this.fault(`${name} is ${text === "" ? "not set" : `"${text}"`}: give ${min} to ${max}`);
    return min;
  }

  oneOf<Word extends string>(name: string, words: readonly Word[], fallback?: Word): Word {
    const text = this.#values[name] ?? fallback ?? "";
    const word = words.find((each) => each === text) ?? words[0];
    if (word === undefined) throw new RangeError(`no words to choose ${name} from`);
    if (word !== text) this.fault(`${name} is "${text}": give one of ${words.join(", ")}`);
    return word;
  }

  fault(sentence: string): void {
    this.#faults.push(sentence);
  }

  /** Throws a UsageError that lists every fault found, if any. */
  check(): void {
    if (this.#faults.length > 0) throw new UsageError(this.#faults.join("\n"));
  }
}
