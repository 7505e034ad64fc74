/** Where a stack's settings are read from: Pulumi's Config, or a plain record in tests. */
export interface StackSettings {
  get(name: string): string | undefined;
}

/** Reads settings and collects their faults, so that one run names all of them. */
export class SettingsReader {
  readonly #settings: StackSettings;
  readonly #faults: string[] = [];

  constructor(settings: StackSettings) {
    this.#settings = settings;
  }

  optional(name: string): string | undefined {
    const value = this.#settings.get(name);
    return value === "" ? undefined : value;
  }

  /** A text that matches; `form` says in words what it should be. */
  text(name: string, pattern: RegExp, form: string): string {
    const value = this.optional(name) ?? "";
    if (!pattern.test(value)) this.fault(`${name} "${value}": give ${form}`);
    return value;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.optional(name) ?? String(fallback);
    if (value !== "true" && value !== "false") this.fault(`${name} "${value}": give true or false`);
    return value === "true";
  }

  integer(name: string, range: { min: number; max: number; fallback: number }): number {
    const text = this.optional(name) ?? String(range.fallback);
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= range.min && value <= range.max) return value;
    this.fault(`${name} "${text}": give a whole number from ${range.min} to ${range.max}`);
    return range.min;
  }

  /** Comma-separated words, each of which matches. */
  list(name: string, pattern: RegExp, form: string): readonly string[] {
    const values = (this.optional(name) ?? "").split(",").filter((each) => each !== "");
    for (const value of values) {
      if (!pattern.test(value)) this.fault(`${name} has "${value}": give ${form}, comma-separated`);
    }
    return values;
  }

  fault(sentence: string): void {
    this.#faults.push(sentence);
  }

  /** Throws one error that names every fault, if any. */
  check(): void {
    if (this.#faults.length > 0) throw new Error(`stack settings:\n${this.#faults.join("\n")}`);
  }
}
