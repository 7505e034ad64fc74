import { FieldReader } from "./field-reader.ts";
import { MESSAGE_FIELD, type StoredMessage } from "./stored-message.ts";

const CHUNK_MESSAGES = 1024;

/** Messages side by side: objects would be looked at by every garbage collection as long as they are kept. */
class Chunk {
  /** For each message its id and publish time. */
  readonly stamps = new Float64Array(2 * CHUNK_MESSAGES);
  /** For each message the number of its slab, its start and end there, and its region. */
  readonly places = new Uint32Array(4 * CHUNK_MESSAGES);
  readonly slabs: Buffer[] = [];
  length = 0;
  next: Chunk | undefined;

  push(message: StoredMessage): void {
    if (this.slabs.at(-1) !== message.slab) this.slabs.push(message.slab);
    const { stamps, places, length } = this;
    stamps[2 * length] = message.messageId;
    stamps[2 * length + 1] = message.publishTimeMs;
    places[4 * length] = this.slabs.length - 1;
    places[4 * length + 1] = message.start;
    places[4 * length + 2] = message.end;
    places[4 * length + 3] = message.region;
    this.length++;
  }

  publishTimeMs(index: number): number {
    return this.stamps[2 * index + 1] ?? 0;
  }

  message(index: number): StoredMessage {
    const { places, stamps } = this;
    const place = 4 * index;
    const slab = this.slabs[places[place] ?? 0];
    if (slab === undefined) throw new RangeError(`a chunk has no message ${index}`);
    const start = places[place + 1] ?? 0;
    const end = places[place + 2] ?? 0;
    return {
      slab,
      start,
      end,
      messageId: stamps[2 * index] ?? 0,
      publishTimeMs: this.publishTimeMs(index),
      region: places[place + 3] ?? 0,
      orderingKey: orderingKeyIn(slab, start, end),
    };
  }
}

/** Messages that are kept for days after they were delivered, in publish order, oldest first. */
export class MessageLog {
  #head: Chunk | undefined;
  #tail: Chunk | undefined;
  /** How many messages of the first chunk are dropped. */
  #offset = 0;

  push(message: StoredMessage): void {
    if (this.#tail === undefined || this.#tail.length === CHUNK_MESSAGES) {
      const chunk = new Chunk();
      if (this.#tail === undefined) this.#head = chunk;
      else this.#tail.next = chunk;
      this.#tail = chunk;
    }
    this.#tail.push(message);
  }

  /** Drops what was published at or before this time. */
  dropUntil(timeMs: number): void {
    for (let chunk = this.#head; chunk !== undefined; chunk = chunk.next) {
      while (this.#offset < chunk.length && chunk.publishTimeMs(this.#offset) <= timeMs) {
        this.#offset++;
      }
      if (this.#offset < chunk.length) return;
      this.#head = chunk.next;
      this.#offset = 0;
    }
    this.clear();
  }

  clear(): void {
    this.#head = undefined;
    this.#tail = undefined;
    this.#offset = 0;
  }

  *[Symbol.iterator](): Generator<StoredMessage> {
    let offset = this.#offset;
    for (let chunk = this.#head; chunk !== undefined; chunk = chunk.next) {
      for (; offset < chunk.length; offset++) yield chunk.message(offset);
      offset = 0;
    }
  }
}

function orderingKeyIn(slab: Buffer, start: number, end: number): string {
  const fields = new FieldReader(slab, start, end);
  let text = "";
  while (fields.next()) if (fields.field === MESSAGE_FIELD.orderingKey) text = fields.text();
  return text;
}
