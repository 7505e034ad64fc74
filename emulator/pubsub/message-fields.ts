import type { ByteWriter } from "../grpc/byte-writer.ts";
import { FieldReader } from "./field-reader.ts";
import { standsAt } from "./stands-at.ts";
import { decodeMessage, MESSAGE_FIELD, type StoredMessage } from "./stored-message.ts";

/** Where the parts of one stored message are in its bytes, read without decoding them; for one message after another. */
export class MessageFields {
  dataStart = 0;
  dataEnd = 0;
  #message: StoredMessage | undefined;
  readonly #fields = new FieldReader(NO_BYTES);
  readonly #entryFields = new FieldReader(NO_BYTES);
  /** For each attribute the start and end of its key, then of its value. */
  readonly #attributes: number[] = [];

  read(message: StoredMessage): void {
    const { slab } = message;
    const fields = this.#fields;
    fields.restart(slab, message.start, message.end);
    this.#message = message;
    this.#attributes.length = 0;
    this.dataStart = 0;
    this.dataEnd = 0;
    while (fields.next()) {
      if (fields.field === MESSAGE_FIELD.data) {
        this.dataStart = fields.start;
        this.dataEnd = fields.end;
      } else if (fields.field === MESSAGE_FIELD.attributes) {
        this.#readEntry(slab, fields.start, fields.end);
      }
    }
  }

  /** Writes the attributes, and the ordering key as one of them, as a JSON object. */
  writeJson(target: ByteWriter): void {
    const before = target.length;
    if (this.#writePlainJson(target)) return;
    target.cut(before);
    if (this.#message !== undefined) target.text(jsonOf(this.#message));
  }

  #readEntry(slab: Buffer, start: number, end: number): void {
    const entry = this.#entryFields;
    let [keyStart, keyEnd, valueStart, valueEnd] = [0, 0, 0, 0];
    entry.restart(slab, start, end);
    while (entry.next()) {
      if (entry.field === 1) {
        keyStart = entry.start;
        keyEnd = entry.end;
      } else if (entry.field === 2) {
        valueStart = entry.start;
        valueEnd = entry.end;
      }
    }
    this.#attributes.push(keyStart, keyEnd, valueStart, valueEnd);
  }

  /** False where a name or value is more than plain text, or the names are more than a few different words. */
  #writePlainJson(target: ByteWriter): boolean {
    const message = this.#message;
    const { length } = this.#attributes;
    if (message === undefined || length > PLAIN_ATTRIBUTES_MAX * PLACES) return false;
    const { slab, orderingKey } = message;
    target.byte(OPEN);
    for (let index = 0; index < length; index += PLACES) {
      if (!this.#isWord(slab, index)) return false;
      if (index > 0) target.byte(COMMA);
      if (!this.#writeAttribute(slab, index, target)) return false;
    }
    if (orderingKey !== "") {
      if (length > 0) target.byte(COMMA);
      target.text(`"ordering_key":${JSON.stringify(orderingKey)}`);
    }
    target.byte(CLOSE);
    return true;
  }

  #writeAttribute(slab: Buffer, index: number, target: ByteWriter): boolean {
    const places = this.#attributes;
    target.byte(QUOTE);
    if (!target.plainJson(slab, places[index] ?? 0, places[index + 1] ?? 0)) return false;
    target.byte(QUOTE);
    target.byte(COLON);
    target.byte(QUOTE);
    if (!target.plainJson(slab, places[index + 2] ?? 0, places[index + 3] ?? 0)) return false;
    target.byte(QUOTE);
    return true;
  }

  /** A name that stands where it comes in an object: one that begins with a digit may not, nor one that comes twice. */
  #isWord(slab: Buffer, index: number): boolean {
    const places = this.#attributes;
    const start = places[index] ?? 0;
    const end = places[index + 1] ?? 0;
    const first = start === end ? 0 : (slab[start] ?? 0);
    if ((first >= ZERO && first <= NINE) || isOrderingKey(slab, start, end)) return false;
    for (let other = 0; other < index; other += PLACES) {
      const otherStart = places[other] ?? 0;
      const otherEnd = places[other + 1] ?? 0;
      if (otherEnd - otherStart !== end - start) continue;
      if (slab.compare(slab, otherStart, otherEnd, start, end) === 0) return false;
    }
    return true;
  }
}

const NO_BYTES = Buffer.alloc(0);
/** Numbers that `#attributes` has for each. */
const PLACES = 4;
const PLAIN_ATTRIBUTES_MAX = 16;
const ORDERING_KEY = Buffer.from("ordering_key");
const OPEN = 0x7b;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;

function isOrderingKey(bytes: Buffer, start: number, end: number): boolean {
  return end - start === ORDERING_KEY.length && standsAt(bytes, start, ORDERING_KEY);
}

/** The same for any message. */
function jsonOf(message: StoredMessage): string {
  const { attributes, orderingKey } = decodeMessage(message);
  const key: [string, string][] = orderingKey === "" ? [] : [["ordering_key", orderingKey]];
  return JSON.stringify(Object.fromEntries([...attributes, ...key]));
}
