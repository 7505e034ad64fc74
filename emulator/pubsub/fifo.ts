const CHUNK_LENGTH = 512;

interface Chunk<T> {
  readonly items: T[];
  next: Chunk<T> | undefined;
}

/** A first-in-first-out queue in chunks: no copying as it grows, memory freed as it drains. */
export class Fifo<T> {
  #head: Chunk<T> = { items: [], next: undefined };
  #tail = this.#head;
  #offset = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#tail.items.length === CHUNK_LENGTH) {
      this.#tail.next = { items: [], next: undefined };
      this.#tail = this.#tail.next;
    }
    this.#tail.items.push(item);
    this.#length++;
  }

  peek(): T | undefined {
    return this.#head.items[this.#offset];
  }

  shift(): T | undefined {
    const item = this.#head.items[this.#offset];
    if (item === undefined) return undefined;
    this.#offset++;
    this.#length--;
    if (this.#offset === this.#head.items.length) this.#dropHead();
    return item;
  }

  clear(): void {
    this.#head = { items: [], next: undefined };
    this.#tail = this.#head;
    this.#offset = 0;
    this.#length = 0;
  }

  *[Symbol.iterator](): Generator<T> {
    let offset = this.#offset;
    for (let chunk: Chunk<T> | undefined = this.#head; chunk !== undefined; chunk = chunk.next) {
      for (; offset < chunk.items.length; offset++) yield chunk.items[offset] as T; // in bounds
      offset = 0;
    }
  }

  #dropHead(): void {
    this.#head = this.#head.next ?? { items: [], next: undefined };
    if (this.#length === 0) this.#tail = this.#head;
    this.#offset = 0;
  }
}
