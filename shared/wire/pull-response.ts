import { ByteCursor } from "./byte-cursor.ts";

/**
 * The messages of one `StreamingPullResponse`, read in place from its bytes: for every message where its
 * parts stand. Made once and filled again for every response.
 *
 * Field numbers: google/pubsub/v1/pubsub.proto.
 */
export class PulledMessages {
  bytes: Buffer = Buffer.alloc(0);
  count = 0;
  /** Half-open ranges, two numbers a message: `start` at 2 × message, `end` after it. */
  data: Uint32Array = new Uint32Array(0);
  ackId: Uint32Array = new Uint32Array(0);
  messageId: Uint32Array = new Uint32Array(0);
  orderingKey: Uint32Array = new Uint32Array(0);
  /** The whole PubsubMessage, for what is read of few messages only: attributes. */
  message: Uint32Array = new Uint32Array(0);
  publishTimeMs: Float64Array = new Float64Array(0);
  /** 0 where the subscription has no dead-letter policy. */
  deliveryAttempt: Uint32Array = new Uint32Array(0);
  /** Acks that the service confirmed, and those it did not, told of in the same response. */
  readonly confirmations: AckConfirmations = emptyConfirmations();
  readonly #cursor = new ByteCursor();

  /** Reads a response. Throws RangeError where the bytes are no StreamingPullResponse. */
  read(bytes: Buffer): void {
    this.bytes = bytes;
    this.count = 0;
    Object.assign(this.confirmations, emptyConfirmations());
    const cursor = this.#cursor;
    cursor.open(bytes, 0, bytes.length);
    while (cursor.at < cursor.end) {
      const tag = cursor.readVarint32();
      if (tag === RECEIVED_MESSAGE) this.#readReceived();
      else if (tag === ACKNOWLEDGE_CONFIRMATION) this.#readConfirmation();
      else cursor.skip(tag & 7);
    }
    if (cursor.overrun) throw new RangeError("malformed StreamingPullResponse");
  }

  text(range: Uint32Array, message: number): string {
    return this.bytes.toString("utf8", range[2 * message], range[2 * message + 1]);
  }

  /** The attributes of one message. */
  attributes(message: number): Record<string, string> {
    const cursor = new ByteCursor();
    cursor.open(this.bytes, this.message[2 * message] ?? 0, this.message[2 * message + 1] ?? 0);
    const attributes: Record<string, string> = {};
    while (cursor.at < cursor.end) {
      const tag = cursor.readVarint32();
      if (tag !== MESSAGE_ATTRIBUTE) {
        cursor.skip(tag & 7);
        continue;
      }
      const [key, value] = readMapEntry(cursor);
      attributes[key] = value;
    }
    return attributes;
  }

  #readReceived(): void {
    const cursor = this.#cursor;
    const length = cursor.readLength();
    const end = cursor.at + length;
    const message = this.#nextMessage();
    while (cursor.at < end) {
      const tag = cursor.readVarint32();
      if (tag === RECEIVED_ACK_ID) this.#keepRange(this.ackId, message);
      else if (tag === RECEIVED_ATTEMPT) this.deliveryAttempt[message] = cursor.readVarint32();
      else if (tag === RECEIVED_PUBSUB_MESSAGE) this.#readMessage(message);
      else cursor.skip(tag & 7);
    }
  }

  #readMessage(message: number): void {
    const cursor = this.#cursor;
    const start = cursor.at;
    const length = cursor.readLength();
    const end = cursor.at + length;
    this.message[2 * message] = end - length;
    this.message[2 * message + 1] = end;
    if (end === start) return;
    while (cursor.at < end) {
      const tag = cursor.readVarint32();
      if (tag === MESSAGE_DATA) this.#keepRange(this.data, message);
      else if (tag === MESSAGE_ID) this.#keepRange(this.messageId, message);
      else if (tag === MESSAGE_ORDERING_KEY) this.#keepRange(this.orderingKey, message);
      else if (tag === MESSAGE_PUBLISH_TIME) this.publishTimeMs[message] = readTimestampMs(cursor);
      else cursor.skip(tag & 7);
    }
  }

  #readConfirmation(): void {
    const cursor = this.#cursor;
    const length = cursor.readLength();
    const end = cursor.at + length;
    while (cursor.at < end) {
      const tag = cursor.readVarint32();
      const idLength = cursor.readLength();
      const start = cursor.at;
      cursor.at += idLength;
      const id = this.bytes.subarray(start, start + idLength);
      if (tag === CONFIRMED) this.confirmations.confirmed++;
      else if (tag === TEMPORARY_FAILED) this.confirmations.temporaryFailed.push(id);
      else if (tag === INVALID || tag === UNORDERED) this.confirmations.refused++;
    }
  }

  #keepRange(range: Uint32Array, message: number): void {
    const cursor = this.#cursor;
    const length = cursor.readLength();
    range[2 * message] = cursor.at;
    cursor.at += length;
    range[2 * message + 1] = cursor.at;
  }

  #nextMessage(): number {
    const message = this.count++;
    if (message >= this.publishTimeMs.length) this.#grow();
    for (const range of [this.data, this.ackId, this.messageId, this.orderingKey]) {
      range[2 * message] = 0;
      range[2 * message + 1] = 0;
    }
    this.publishTimeMs[message] = 0;
    this.deliveryAttempt[message] = 0;
    return message;
  }

  #grow(): void {
    const capacity = Math.max(1024, this.publishTimeMs.length * 2);
    this.data = grown(this.data, capacity * 2);
    this.ackId = grown(this.ackId, capacity * 2);
    this.messageId = grown(this.messageId, capacity * 2);
    this.orderingKey = grown(this.orderingKey, capacity * 2);
    this.message = grown(this.message, capacity * 2);
    this.deliveryAttempt = grown(this.deliveryAttempt, capacity);
    const times = new Float64Array(capacity);
    times.set(this.publishTimeMs);
    this.publishTimeMs = times;
  }
}

/** What became of acks, as the service tells subscriptions with exactly-once delivery. */
export interface AckConfirmations {
  confirmed: number;
  /** Expired or out of order: the message comes again. */
  refused: number;
  /** To be acked again. */
  temporaryFailed: Buffer[];
}

function emptyConfirmations(): AckConfirmations {
  return { confirmed: 0, refused: 0, temporaryFailed: [] };
}

function grown(array: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}

function readTimestampMs(cursor: ByteCursor): number {
  const length = cursor.readLength();
  const end = cursor.at + length;
  let ms = 0;
  while (cursor.at < end) {
    const tag = cursor.readVarint32();
    if (tag === TIMESTAMP_SECONDS) {
      cursor.readVarint64();
      ms += (cursor.high * 4_294_967_296 + cursor.low) * 1000;
    } else if (tag === TIMESTAMP_NANOS) ms += Math.floor(cursor.readVarint32() / 1_000_000);
    else cursor.skip(tag & 7);
  }
  return ms;
}

function readMapEntry(cursor: ByteCursor): [string, string] {
  const length = cursor.readLength();
  const end = cursor.at + length;
  const entry: [string, string] = ["", ""];
  while (cursor.at < end) {
    const tag = cursor.readVarint32();
    const textLength = cursor.readLength();
    const text = Buffer.from(cursor.bytes.subarray(cursor.at, cursor.at + textLength)).toString();
    cursor.at += textLength;
    entry[tag >>> 3 === 1 ? 0 : 1] = text;
  }
  return entry;
}

const RECEIVED_MESSAGE = (1 << 3) | 2;
const ACKNOWLEDGE_CONFIRMATION = (5 << 3) | 2;
const RECEIVED_ACK_ID = (1 << 3) | 2;
const RECEIVED_PUBSUB_MESSAGE = (2 << 3) | 2;
const RECEIVED_ATTEMPT = 3 << 3;
const MESSAGE_DATA = (1 << 3) | 2;
const MESSAGE_ATTRIBUTE = (2 << 3) | 2;
const MESSAGE_ID = (3 << 3) | 2;
const MESSAGE_PUBLISH_TIME = (4 << 3) | 2;
const MESSAGE_ORDERING_KEY = (5 << 3) | 2;
const TIMESTAMP_SECONDS = 1 << 3;
const TIMESTAMP_NANOS = 2 << 3;
const CONFIRMED = (1 << 3) | 2;
const INVALID = (2 << 3) | 2;
const UNORDERED = (3 << 3) | 2;
const TEMPORARY_FAILED = (4 << 3) | 2;
