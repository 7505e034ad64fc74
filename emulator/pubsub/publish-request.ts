import { FieldReader } from "./field-reader.ts";
import { invalidArgument } from "./refusal.ts";
import { standsAt } from "./stands-at.ts";
import { MESSAGE_FIELD, readAttribute } from "./stored-message.ts";

/** One message of a request: where its bytes are, and where its data is in them. */
export interface PublishedMessage {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly attributeCount: number;
}

export interface PublishRequest {
  readonly topic: string;
  /** The one ordering key of all the messages; empty where they are not ordered. */
  readonly orderingKey: string;
  readonly messages: readonly PublishedMessage[];
}

/** Limits of the service. Source: Pub/Sub quotas and limits, "Resource limits". */
const MESSAGES_MAX = 1000;
const REQUEST_BYTES_MAX = 10_000_000;
const ATTRIBUTES_MAX = 100;
const ATTRIBUTE_KEY_BYTES_MAX = 256;
const ATTRIBUTE_VALUE_BYTES_MAX = 1024;
const ORDERING_KEY_BYTES_MAX = 1024;

/** Reads an encoded `PublishRequest`, refusing what the service refuses. */
export function readPublishRequest(bytes: Buffer): PublishRequest {
  if (bytes.length > REQUEST_BYTES_MAX) {
    throw invalidArgument(
      `The request has ${bytes.length} bytes; a publish request has at most ${REQUEST_BYTES_MAX}.`,
    );
  }
  const reader = new FieldReader(bytes);
  const messages: PublishedMessage[] = [];
  const key = new SharedKey();
  let topic = "";
  while (reader.next()) {
    if (reader.field === 1) topic = reader.text();
    if (reader.field === 2) messages.push(readMessage(reader, messages.length, key));
  }
  if (messages.length === 0) throw invalidArgument("The publish request has no messages.");
  if (messages.length > MESSAGES_MAX) {
    throw invalidArgument(
      `The request has ${messages.length} messages; a publish request has at most ${MESSAGES_MAX}.`,
    );
  }
  return { topic, orderingKey: key.text, messages };
}

/** The ordering key that all messages of a request must share, compared by its bytes. */
class SharedKey {
  text = "";
  #bytes: Buffer | undefined;

  check(bytes: Buffer, start: number, end: number): void {
    if (this.#bytes === undefined) {
      this.#bytes = bytes.subarray(start, end);
      this.text = this.#bytes.toString("utf8");
      if (end - start <= ORDERING_KEY_BYTES_MAX) return;
      throw invalidArgument(
        `The ordering key has ${end - start} bytes; it has at most ${ORDERING_KEY_BYTES_MAX}.`,
      );
    }
    if (!this.#isSame(bytes, start, end)) {
      throw invalidArgument(
        `In a single publish request all messages must have the same ordering key; this one has ` +
          `"${this.text}" and "${bytes.toString("utf8", start, end)}".`,
      );
    }
  }

  #isSame(bytes: Buffer, start: number, end: number): boolean {
    const key = this.#bytes;
    return key?.length === end - start && standsAt(bytes, start, key);
  }
}

function readMessage(request: FieldReader, index: number, key: SharedKey): PublishedMessage {
  const { bytes, start, end } = request;
  const reader = new FieldReader(bytes, start, end);
  let [dataStart, dataEnd, keyStart, keyEnd, attributeCount] = [0, 0, 0, 0, 0];
  while (reader.next()) {
    if (reader.field === MESSAGE_FIELD.data) {
      dataStart = reader.start;
      dataEnd = reader.end;
    } else if (reader.field === MESSAGE_FIELD.attributes) {
      attributeCount++;
      checkAttribute(reader, index);
    } else if (reader.field === MESSAGE_FIELD.orderingKey) {
      keyStart = reader.start;
      keyEnd = reader.end;
    }
  }
  if (dataEnd === dataStart && attributeCount === 0) {
    throw invalidArgument(
      `Message ${index} is empty: it must have data or at least one attribute.`,
    );
  }
  if (attributeCount > ATTRIBUTES_MAX) {
    throw invalidArgument(
      `Message ${index} has ${attributeCount} attributes; a message has at most ${ATTRIBUTES_MAX}.`,
    );
  }
  key.check(bytes, keyStart, keyEnd);
  return { bytes, start, end, dataStart, dataEnd, attributeCount };
}

function checkAttribute(field: FieldReader, index: number): void {
  const entry = new FieldReader(field.bytes, field.start, field.end);
  let keyBytes = 0;
  while (entry.next()) {
    const sizeBytes = entry.end - entry.start;
    if (entry.field === 1) {
      keyBytes = sizeBytes;
      if (sizeBytes >= 4 && isReserved(entry.bytes, entry.start)) {
        throw invalidArgument(
          `Message ${index} has the attribute "${entry.text()}": keys must not start with "goog".`,
        );
      }
    } else if (entry.field === 2 && sizeBytes > ATTRIBUTE_VALUE_BYTES_MAX) {
      throw invalidArgument(
        `Message ${index} has an attribute value of ${sizeBytes} bytes; at most ` +
          `${ATTRIBUTE_VALUE_BYTES_MAX} are allowed.`,
      );
    }
  }
  if (keyBytes === 0 || keyBytes > ATTRIBUTE_KEY_BYTES_MAX) {
    throw invalidArgument(
      `Message ${index} has an attribute key of ${keyBytes} bytes; 1 to ` +
        `${ATTRIBUTE_KEY_BYTES_MAX} are allowed.`,
    );
  }
}

const RESERVED = Buffer.from("goog");

function isReserved(bytes: Buffer, start: number): boolean {
  return standsAt(bytes, start, RESERVED);
}

/** The attributes of a message not stored yet, for filters. */
export function readAttributes(message: PublishedMessage): Map<string, string> {
  const attributes = new Map<string, string>();
  const reader = new FieldReader(message.bytes, message.start, message.end);
  while (reader.next()) {
    if (reader.field === MESSAGE_FIELD.attributes) readAttribute(reader, attributes);
  }
  return attributes;
}
