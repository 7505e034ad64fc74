import { lengthened } from "../core/column.ts";
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
    const limit = bytes.length;
    let at = 0;
    while (at < limit) {
      const isMessage = bytes[at] === RECEIVED_MESSAGE;
      const length = isMessage ? shortVarint(bytes, at + 1, limit) : OTHER_FORM;
      const start = at + (length < 0x80 ? 2 : 3);
      if (length > limit - start) at = this.#readResponseField(at);
      else at = this.#readReceived(start, start + length);
    }
    if (at > limit) throw new RangeError("malformed StreamingPullResponse");
  }

  text(range: Uint32Array, message: number): string {
    return this.bytes.toString("utf8", range[2 * message], range[2 * message + 1]);
  }

  /** Whether a message has the ordering key of the one before it; most have. */
  sharesKey(message: number): boolean {
    if (message === 0) return false;
    const { orderingKey, bytes } = this;
    const start = orderingKey[2 * message] as number;
    const before = orderingKey[2 * message - 2] as number;
    const length = (orderingKey[2 * message + 1] as number) - start;
    if ((orderingKey[2 * message - 1] as number) - before !== length) return false;
    for (let at = 0; at < length; at++) if (bytes[start + at] !== bytes[before + at]) return false;
    return true;
  }

  /** The attributes of one message. */
  attributes(message: number): Record<string, string> {
    const cursor = new ByteCursor();
    cursor.open(this.bytes, this.message[2 * message] ?? 0, this.message[2 * message + 1] ?? 0);
    const entries: [string, string][] = [];
    while (cursor.at < cursor.end) {
      const tag = cursor.readVarint32();
      if (tag === MESSAGE_ATTRIBUTE) entries.push(readMapEntry(cursor));
      else cursor.skip(tag & 7);
    }
    // By entries, so that one named __proto__ is kept as any other.
    return Object.fromEntries(entries);
  }

  // The methods that read return where what they read ends; past the last byte where it is malformed.

  /**
   * One loop in the other, both over fields whose tag takes one byte and whose length, or number, takes one
   * or two; all others are read by the cursor. A method for the loop inside would cost a fifth of the time.
   */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: most of what reading a message takes is here.
  #readReceived(from: number, end: number): number {
    const message = this.#nextMessage();
    const { bytes, data, ackId, messageId, orderingKey } = this;
    const limit = bytes.length;
    let at = from;
    while (at < end) {
      const tag = bytes[at] as number;
      const length = shortVarint(bytes, at + 1, limit);
      const start = at + (length < 0x80 ? 2 : 3);
      if (length > limit - start) at = this.#readReceivedField(at, message);
      else if (tag === RECEIVED_ACK_ID) {
        ackId[2 * message] = start;
        ackId[2 * message + 1] = at = start + length;
      } else if (tag === RECEIVED_ATTEMPT) {
        this.deliveryAttempt[message] = length;
        at = start;
      } else if (tag === RECEIVED_PUBSUB_MESSAGE) {
        const messageEnd = start + length;
        this.message[2 * message] = start;
        this.message[2 * message + 1] = messageEnd;
        at = start;
        while (at < messageEnd) {
          const tag = bytes[at] as number;
          const length = shortVarint(bytes, at + 1, limit);
          const start = at + (length < 0x80 ? 2 : 3);
          if (length > limit - start) at = this.#readMessageField(at, message);
          else if (tag === MESSAGE_ATTRIBUTE) at = start + length;
          else if (tag === MESSAGE_DATA) {
            data[2 * message] = start;
            data[2 * message + 1] = at = start + length;
          } else if (tag === MESSAGE_ORDERING_KEY) {
            orderingKey[2 * message] = start;
            orderingKey[2 * message + 1] = at = start + length;
          } else if (tag === MESSAGE_ID) {
            messageId[2 * message] = start;
            messageId[2 * message + 1] = at = start + length;
          } else if (tag === MESSAGE_PUBLISH_TIME) {
            const ms = plainTimestampMs(bytes, start, start + length);
            if (ms < 0) at = this.#readMessageField(at, message);
            else {
              this.publishTimeMs[message] = ms;
              at = start + length;
            }
          } else at = this.#readMessageField(at, message);
        }
      } else at = this.#readReceivedField(at, message);
    }
    return at;
  }

  #readResponseField(from: number): number {
    const cursor = this.#open(from);
    const tag = cursor.readVarint32();
    if (tag === RECEIVED_MESSAGE) {
      const length = cursor.readLength();
      if (!cursor.overrun) return this.#readReceived(cursor.at, cursor.at + length);
    } else if (tag === ACKNOWLEDGE_CONFIRMATION) this.#readConfirmation();
    else cursor.skip(tag & 7);
    return endOf(cursor);
  }

  #readReceivedField(from: number, message: number): number {
    const cursor = this.#open(from);
    const tag = cursor.readVarint32();
    if (tag === RECEIVED_PUBSUB_MESSAGE) {
      const length = cursor.readLength();
      if (!cursor.overrun) return this.#readMessage(cursor.at, cursor.at + length, message);
    } else if (tag === RECEIVED_ACK_ID) keepRange(cursor, this.ackId, message);
    else if (tag === RECEIVED_ATTEMPT) this.deliveryAttempt[message] = cursor.readVarint32();
    else cursor.skip(tag & 7);
    return endOf(cursor);
  }

  /** Reads a PubsubMessage of 16 KB or more, where the few fields cost little beside their bytes. */
  #readMessage(from: number, end: number, message: number): number {
    let at = from;
    while (at < end) at = this.#readMessageField(at, message);
    this.message[2 * message] = from;
    this.message[2 * message + 1] = end;
    return at;
  }

  #readMessageField(from: number, message: number): number {
    const cursor = this.#open(from);
    const tag = cursor.readVarint32();
    if (tag === MESSAGE_DATA) keepRange(cursor, this.data, message);
    else if (tag === MESSAGE_ID) keepRange(cursor, this.messageId, message);
    else if (tag === MESSAGE_ORDERING_KEY) keepRange(cursor, this.orderingKey, message);
    else if (tag === MESSAGE_PUBLISH_TIME) this.publishTimeMs[message] = readTimestampMs(cursor);
    else cursor.skip(tag & 7);
    return endOf(cursor);
  }

  #open(from: number): ByteCursor {
    this.#cursor.open(this.bytes, from, this.bytes.length);
    return this.#cursor;
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
      if (tag === CONFIRMED) this.confirmations.confirmed++;
      else if (tag === INVALID || tag === UNORDERED) this.confirmations.refused++;
      else if (tag === TEMPORARY_FAILED)
        this.confirmations.temporaryFailed.push(this.bytes.subarray(start, cursor.at));
    }
  }

  #nextMessage(): number {
    const message = this.count++;
    if (message >= this.publishTimeMs.length) this.#grow();
    clearRange(this.data, message);
    clearRange(this.ackId, message);
    clearRange(this.messageId, message);
    clearRange(this.orderingKey, message);
    clearRange(this.message, message);
    this.publishTimeMs[message] = 0;
    this.deliveryAttempt[message] = 0;
    return message;
  }

  #grow(): void {
    const capacity = Math.max(1024, this.publishTimeMs.length * 2);
    this.data = lengthened(this.data, capacity * 2);
    this.ackId = lengthened(this.ackId, capacity * 2);
    this.messageId = lengthened(this.messageId, capacity * 2);
    this.orderingKey = lengthened(this.orderingKey, capacity * 2);
    this.message = lengthened(this.message, capacity * 2);
    this.deliveryAttempt = lengthened(this.deliveryAttempt, capacity);
    this.publishTimeMs = lengthened(this.publishTimeMs, capacity);
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

function clearRange(range: Uint32Array, message: number): void {
  range[2 * message] = 0;
  range[2 * message + 1] = 0;
}

function keepRange(cursor: ByteCursor, range: Uint32Array, message: number): void {
  const length = cursor.readLength();
  range[2 * message] = cursor.at;
  cursor.at += length;
  range[2 * message + 1] = cursor.at;
}

function endOf(cursor: ByteCursor): number {
  return cursor.overrun ? cursor.end + 1 : cursor.at;
}

/** Longer than any response. */
const OTHER_FORM = 0x7f_ff_ff_ff;

/** The length, or number, at `at` where it takes one byte, or two and needs them; OTHER_FORM where it does not. */
function shortVarint(bytes: Uint8Array, at: number, limit: number): number {
  if (at + 1 >= limit) return OTHER_FORM;
  const first = bytes[at] as number;
  if (first < 0x80) return first;
  const second = bytes[at + 1] as number;
  return second === 0 || second >= 0x80 ? OTHER_FORM : (second << 7) | (first & 0x7f);
}

/**
 * The Timestamp in `bytes[start..end)` where it is of the usual form, seconds in five bytes and then
 * nanoseconds; negative where it is not.
 */
function plainTimestampMs(bytes: Uint8Array, start: number, end: number): number {
  const nanosAt = start + 7;
  if (end <= nanosAt || end > start + 12) return -1;
  if (bytes[start] !== TIMESTAMP_SECONDS || bytes[start + 6] !== TIMESTAMP_NANOS) return -1;
  const top = bytes[start + 5] as number;
  if (top >= 0x10) return -1;
  let seconds = top << 28;
  for (let index = 0; index < 4; index++) {
    const byte = bytes[start + 1 + index] as number;
    if (byte < 0x80) return -1;
    seconds |= (byte & 0x7f) << (7 * index);
  }
  let nanos = 0;
  for (let at = nanosAt; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x80 !== (at === end - 1)) return -1;
    nanos |= (byte & 0x7f) << (7 * (at - nanosAt));
  }
  return (seconds >>> 0) * 1000 + Math.floor((nanos >>> 0) / 1_000_000);
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
