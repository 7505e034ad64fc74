/** Keys of one span, in order. Split when full, so that an insert moves few entries. */
interface Chunk<Value> {
  readonly keys: string[];
  readonly values: Value[];
}

const MAX_CHUNK = 512;

/**
 * A map whose keys can be walked in order. Two levels: chunks of at most 512 entries, found by binary
 * search. Keys compare as JavaScript strings do.
 */
export class SortedMap<Value> {
  readonly #chunks: Chunk<Value>[] = [{ keys: [], values: [] }];
  /** Where each chunk's span begins, side by side so that a search need not look into the chunks. */
  readonly #bounds: string[] = [""];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    const chunk = this.#chunks[this.#chunkOf(key)];
    if (chunk === undefined) return undefined;
    const index = lowerBound(chunk.keys, key);
    return chunk.keys[index] === key ? chunk.values[index] : undefined;
  }

  set(key: string, value: Value): void {
    this.update(key, () => value);
  }

  /** Puts what `next` makes of the value that is there, with one search; returns that one. */
  update(key: string, next: (before: Value | undefined) => Value): Value | undefined {
    const position = this.#chunkOf(key);
    const chunk = this.#chunks[position];
    if (chunk === undefined) return undefined;
    const { keys, values } = chunk;
    const index = lowerBound(keys, key);
    const before = values[index];
    if (keys[index] === key && before !== undefined) {
      values[index] = next(before);
      return before;
    }
    const value = next(undefined);
    this.#size++;
    if (index === keys.length) {
      keys.push(key);
      values.push(value);
    } else {
      keys.splice(index, 0, key);
      values.splice(index, 0, value);
    }
    if (keys.length > MAX_CHUNK) this.#split(position, chunk);
    return undefined;
  }

  delete(key: string): void {
    const position = this.#chunkOf(key);
    const chunk = this.#chunks[position];
    if (chunk === undefined) return;
    const index = lowerBound(chunk.keys, key);
    if (chunk.keys[index] !== key) return;
    chunk.keys.splice(index, 1);
    chunk.values.splice(index, 1);
    this.#size--;
    if (chunk.keys.length > 0 || this.#chunks.length === 1) return;
    this.#chunks.splice(position, 1);
    this.#bounds.splice(position, 1);
  }

  /** Entries with `from <= key < to`, in order. The map must not change while they are walked. */
  *entries(from: string, to: string): Generator<readonly [string, Value]> {
    let position = this.#chunkOf(from);
    let chunk = this.#chunks[position];
    let index = chunk === undefined ? 0 : lowerBound(chunk.keys, from);
    while (chunk !== undefined) {
      for (; index < chunk.keys.length; index++) {
        const key = chunk.keys[index];
        const value = chunk.values[index];
        if (key === undefined || value === undefined || key >= to) return;
        yield [key, value];
      }
      chunk = this.#chunks[++position];
      index = 0;
    }
  }

  /** The chunk whose span holds `key`: the last one that begins at or before it. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const bound = this.#bounds[middle];
      if (bound !== undefined && bound <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** A chunk that grows at its end is left almost full: keys that only rise fill their chunks. */
  #split(position: number, chunk: Chunk<Value>): void {
    const isLast = position === this.#chunks.length - 1;
    const at = isLast ? MAX_CHUNK - MAX_CHUNK / 8 : MAX_CHUNK / 2;
    const tail = { keys: chunk.keys.splice(at), values: chunk.values.splice(at) };
    this.#chunks.splice(position + 1, 0, tail);
    this.#bounds.splice(position + 1, 0, tail.keys[0] ?? "");
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const probe = keys[middle];
    if (probe !== undefined && probe < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
