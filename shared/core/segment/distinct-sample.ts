/**
 * A sample of distinct things by their 32-bit hashes, with a value each: all of them while they are few,
 * else those whose hash begins with `level` zeros. Samples of parts put together are the sample of the
 * whole, in any order, so that every bundle can bring its own.
 *
 * Source: Gibbons, "Distinct Sampling for Highly-Accurate Answers to Distinct Values Queries" (2001).
 */
export class DistinctSample<Value> {
  readonly #sizeMax: number;
  readonly #join: (held: Value, added: Value) => Value;
  readonly #values = new Map<number, Value>();
  #level = 0;

  /** Keeps at most `sizeMax` things; `join` puts the values of one thing together, in any order. */
  constructor(sizeMax: number, join: (held: Value, added: Value) => Value) {
    this.#sizeMax = sizeMax;
    this.#join = join;
  }

  /** How many zeros a hash begins with to be kept; 0: the sample is everything. */
  get level(): number {
    return this.#level;
  }

  get size(): number {
    return this.#values.size;
  }

  /** How many distinct things there are: exact at level 0, else an estimate. */
  get distinctCount(): number {
    return this.#values.size * 2 ** this.#level;
  }

  has(hash: number): boolean {
    return this.#values.has(hash);
  }

  entries(): IterableIterator<[hash: number, value: Value]> {
    return this.#values.entries();
  }

  add(hash: number, value: Value): void {
    if (Math.clz32(hash) < this.#level) return;
    const held = this.#values.get(hash);
    this.#values.set(hash, held === undefined ? value : this.#join(held, value));
    if (this.#values.size > this.#sizeMax) this.#raiseTo(this.#level + 1);
  }

  /** Takes in another sample of the same kind. */
  merge(other: DistinctSample<Value>): void {
    if (other.#level > this.#level) this.#raiseTo(other.#level);
    for (const [hash, value] of other.#values) this.add(hash, value);
  }

  /** The same things with other values. */
  map(change: (value: Value) => Value): DistinctSample<Value> {
    const mapped = DistinctSample.at(this.#level, this.#sizeMax, this.#join);
    for (const [hash, value] of this.#values) mapped.#values.set(hash, change(value));
    return mapped;
  }

  #raiseTo(level: number): void {
    while (this.#level < level || this.#values.size > this.#sizeMax) {
      this.#level++;
      for (const hash of this.#values.keys()) {
        if (Math.clz32(hash) < this.#level) this.#values.delete(hash);
      }
    }
  }

  /** An empty sample at a level, to be filled with what was stored of one. */
  static at<Value>(
    level: number,
    sizeMax: number,
    join: (held: Value, added: Value) => Value,
  ): DistinctSample<Value> {
    const sample = new DistinctSample(sizeMax, join);
    sample.#level = level;
    return sample;
  }
}
