/** Items by the time they fall due: a binary heap. Items of one time come out in no set order. */
export class Schedule<T> {
  readonly #entries: { readonly atMs: number; readonly item: T }[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** When the first item falls due. */
  get nextMs(): number | undefined {
    return this.#entries[0]?.atMs;
  }

  add(atMs: number, item: T): void {
    const entries = this.#entries;
    let index = entries.length;
    const entry = { atMs, item };
    entries.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = entries[parent];
      if (above === undefined || above.atMs <= atMs) break;
      entries[index] = above;
      index = parent;
    }
    entries[index] = entry;
  }

  /** Takes the first item if it is due at `nowMs`. */
  takeDue(nowMs: number): T | undefined {
    const first = this.#entries[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    const last = this.#entries.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first.item;
  }

  clear(): void {
    this.#entries.length = 0;
  }

  *items(): Generator<T> {
    for (const { item } of this.#entries) yield item;
  }

  #sink(entry: { readonly atMs: number; readonly item: T }): void {
    const entries = this.#entries;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const leftEntry = entries[left];
      if (leftEntry === undefined) break;
      const rightEntry = entries[left + 1];
      const takesRight = rightEntry !== undefined && rightEntry.atMs < leftEntry.atMs;
      const child = takesRight ? rightEntry : leftEntry;
      if (child.atMs >= entry.atMs) break;
      entries[index] = child;
      index = takesRight ? left + 1 : left;
    }
    entries[index] = entry;
  }
}
