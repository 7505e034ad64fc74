/** Which of the answers that browsers ask for were read of another version, or too long ago. */
export class StaleAnswers {
  readonly #freshMs: number;
  readonly #read = new Map<string, { readonly version: number; readonly atMs: number }>();

  /** `freshMs`: how long an answer stands while the version does. */
  constructor(freshMs: number) {
    this.#freshMs = freshMs;
  }

  /** Forgets what nobody asks about. */
  keepOnly(ids: readonly string[]): void {
    for (const id of this.#read.keys()) {
      if (!ids.includes(id)) this.#read.delete(id);
    }
  }

  isStale(id: string, version: number, nowMs: number): boolean {
    const read = this.#read.get(id);
    return read === undefined || read.version !== version || nowMs - read.atMs >= this.#freshMs;
  }

  note(id: string, version: number, atMs: number): void {
    this.#read.set(id, { version, atMs });
  }
}
