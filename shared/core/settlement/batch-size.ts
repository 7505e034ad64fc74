/**
 * How many events the next transaction settles. Halves when one was aborted, since fewer rows meet fewer of
 * other writers' locks, and grows by an eighth of the largest size with each commit. From 1 to `max`.
 */
export class BatchSize {
  readonly #max: number;
  #size: number;

  constructor(max: number) {
    this.#max = max;
    this.#size = max;
  }

  get size(): number {
    return this.#size;
  }

  noteAborted(): void {
    this.#size = Math.max(1, Math.floor(this.#size / 2));
  }

  noteCommitted(): void {
    this.#size = Math.min(this.#max, this.#size + Math.ceil(this.#max / 8));
  }
}
