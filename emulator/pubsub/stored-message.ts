import { FieldReader } from "./field-reader.ts";

/**
 * One published message, kept as the encoded `PubsubMessage` that subscribers receive: the
 * publisher's own bytes, then the message id and publish time appended. Many messages share a slab.
 */
export interface StoredMessage {
  readonly slab: Buffer;
  readonly start: number;
  readonly end: number;
  /** Rises with every message that the emulator stores, so it is also the publish order. */
  readonly messageId: number;
  readonly publishTimeMs: number;
  /** Index of the region that stores it. */
  readonly region: number;
  readonly orderingKey: string;
}

/** A message as a reader sees it; for filters, dead letters and tests, not for the delivery path. */
export interface DecodedMessage {
  readonly data: Buffer;
  readonly attributes: Map<string, string>;
  readonly orderingKey: string;
}

/** Field numbers of `google.pubsub.v1.PubsubMessage`. */
export const MESSAGE_FIELD = {
  data: 1,
  attributes: 2,
  messageId: 3,
  publishTime: 4,
  orderingKey: 5,
} as const;

type MessageStamp = Pick<StoredMessage, "messageId" | "publishTimeMs" | "region" | "orderingKey">;

const SLAB_BYTES = 256 * 1024;
export const MESSAGE_ID_DIGITS = 16;
/** Tag and length byte of the message id, then its digits. */
const MESSAGE_ID_BYTES = 2 + MESSAGE_ID_DIGITS;

/** Lays messages one behind the other into slabs, which the garbage collector frees whole. */
export class MessageWriter {
  #slab: Buffer = Buffer.alloc(0);
  #used = 0;
  #publishTimeMs = -1;
  #publishTimeField: Buffer = Buffer.alloc(0);

  /** Stores `source[start, end)` with `extraFields` behind it (encoded attributes, or empty). */
  store(
    source: { readonly bytes: Buffer; readonly start: number; readonly end: number },
    extraFields: Buffer,
    stamp: MessageStamp,
  ): StoredMessage {
    if (stamp.publishTimeMs !== this.#publishTimeMs) {
      this.#publishTimeMs = stamp.publishTimeMs;
      this.#publishTimeField = encodePublishTime(stamp.publishTimeMs);
    }
    const sourceBytes = source.end - source.start;
    const sizeBytes =
      sourceBytes + extraFields.length + MESSAGE_ID_BYTES + this.#publishTimeField.length;
    const start = this.#reserve(sizeBytes);
    const slab = this.#slab;
    source.bytes.copy(slab, start, source.start, source.end);
    let position = start + sourceBytes;
    if (extraFields.length > 0) position += extraFields.copy(slab, position);
    slab[position++] = (MESSAGE_FIELD.messageId << 3) | 2;
    slab[position++] = MESSAGE_ID_DIGITS;
    writeMessageId(slab, position, stamp.messageId);
    this.#publishTimeField.copy(slab, position + MESSAGE_ID_DIGITS);
    return {
      slab,
      start,
      end: start + sizeBytes,
      messageId: stamp.messageId,
      publishTimeMs: stamp.publishTimeMs,
      region: stamp.region,
      orderingKey: stamp.orderingKey,
    };
  }

  #reserve(sizeBytes: number): number {
    if (this.#used + sizeBytes > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, sizeBytes));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += sizeBytes;
    return start;
  }
}

/** Writes an id's digits, in two halves that are small enough for integer arithmetic. */
export function writeMessageId(target: Buffer, start: number, messageId: number): void {
  const upper = Math.floor(messageId / 1e8);
  writeEightDigits(target, start, upper);
  writeEightDigits(target, start + 8, messageId - upper * 1e8);
}

function writeEightDigits(target: Buffer, start: number, value: number): void {
  let rest = value | 0;
  for (let index = start + 7; index >= start; index--) {
    const tenth = (rest / 10) | 0;
    target[index] = 0x30 + rest - tenth * 10;
    rest = tenth;
  }
}

export function sizeBytesOf(message: StoredMessage): number {
  return message.end - message.start;
}

export function decodeMessage(message: StoredMessage): DecodedMessage {
  const reader = new FieldReader(message.slab, message.start, message.end);
  const attributes = new Map<string, string>();
  let data: Buffer = Buffer.alloc(0);
  while (reader.next()) {
    if (reader.field === MESSAGE_FIELD.data) data = message.slab.subarray(reader.start, reader.end);
    if (reader.field === MESSAGE_FIELD.attributes) readAttribute(reader, attributes);
  }
  return { data, attributes, orderingKey: message.orderingKey };
}

export function readAttribute(reader: FieldReader, attributes: Map<string, string>): void {
  const entry = new FieldReader(reader.bytes, reader.start, reader.end);
  let key = "";
  let value = "";
  while (entry.next()) {
    if (entry.field === 1) key = entry.text();
    if (entry.field === 2) value = entry.text();
  }
  attributes.set(key, value);
}

/** The bytes of `PubsubMessage.attributes` for these pairs. */
export function encodeAttributes(pairs: Iterable<readonly [string, string]>): Buffer {
  const parts: Buffer[] = [];
  for (const [key, value] of pairs) {
    const entry = Buffer.concat([encodeText(1, key), encodeText(2, value)]);
    parts.push(encodeBytes(MESSAGE_FIELD.attributes, entry));
  }
  return Buffer.concat(parts);
}

export function encodeText(field: number, text: string): Buffer {
  return encodeBytes(field, Buffer.from(text));
}

export function encodeBytes(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([encodeVarint(field * 8 + 2), encodeVarint(bytes.length), bytes]);
}

/** A non-negative integer up to 2^53. */
export function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** Both fields are written even when 0: they must override a time that the publisher put there. */
function encodePublishTime(publishTimeMs: number): Buffer {
  const seconds = Math.floor(publishTimeMs / 1000);
  const nanos = (publishTimeMs - seconds * 1000) * 1_000_000;
  const timestamp = Buffer.concat([
    Buffer.from([1 << 3]),
    encodeVarint(seconds),
    Buffer.from([2 << 3]),
    encodeVarint(Math.round(nanos)),
  ]);
  return encodeBytes(MESSAGE_FIELD.publishTime, timestamp);
}
