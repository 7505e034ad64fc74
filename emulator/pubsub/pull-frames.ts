/**
 * The bytes of the calls that carry messages and ack ids, written and read by hand: a stored message
 * is spliced into a response as it is, without an object in between.
 */
import { varintBytes } from "../grpc/byte-writer.ts";
import { FieldReader, WIRE } from "./field-reader.ts";
import type { Lease } from "./lease.ts";
import { invalidArgument } from "./refusal.ts";
import type { AckOutcome } from "./state.ts";
import { encodeBytes, MESSAGE_ID_DIGITS, sizeBytesOf, writeMessageId } from "./stored-message.ts";
import type { Subscription } from "./subscription.ts";

const TAG = {
  receivedMessages: 0x0a,
  ackId: 0x0a,
  message: 0x12,
  deliveryAttempt: 0x18,
  messageId: 0x0a,
} as const;

/** A `StreamingPullResponse` or `PullResponse` of these deliveries: both have them in field 1. */
export function encodeDeliveries(subscription: Subscription, leases: readonly Lease[]): Buffer {
  const showsAttempt = Boolean(subscription.resource.deadLetterPolicy);
  const texts: string[] = [];
  let totalBytes = 0;
  for (const lease of leases) {
    const ackId = subscription.ackIdOf(lease);
    texts.push(ackId);
    const innerBytes = receivedBytes(lease, ackId, showsAttempt);
    totalBytes += 1 + varintBytes(innerBytes) + innerBytes;
  }
  const frame = Buffer.allocUnsafe(totalBytes);
  let position = 0;
  for (const [index, lease] of leases.entries()) {
    position = writeReceived(frame, position, {
      lease,
      ackId: texts[index] ?? "",
      showsAttempt,
    });
  }
  return frame;
}

function receivedBytes(lease: Lease, ackId: string, showsAttempt: boolean): number {
  const messageBytes = sizeBytesOf(lease.message);
  const attemptBytes = showsAttempt ? 1 + varintBytes(lease.deliveryAttempt) : 0;
  return 2 + ackId.length + 1 + varintBytes(messageBytes) + messageBytes + attemptBytes;
}

function writeReceived(
  frame: Buffer,
  start: number,
  received: { lease: Lease; ackId: string; showsAttempt: boolean },
): number {
  const { lease, ackId, showsAttempt } = received;
  const { message } = lease;
  frame[start] = TAG.receivedMessages;
  let position = writeVarint(frame, start + 1, receivedBytes(lease, ackId, showsAttempt));
  frame[position] = TAG.ackId;
  frame[position + 1] = ackId.length;
  position += 2;
  position = writeLatin1(frame, position, ackId);
  frame[position++] = TAG.message;
  position = writeVarint(frame, position, sizeBytesOf(message));
  position += message.slab.copy(frame, position, message.start, message.end);
  if (!showsAttempt) return position;
  frame[position++] = TAG.deliveryAttempt;
  return writeVarint(frame, position, lease.deliveryAttempt);
}

function writeVarint(frame: Buffer, start: number, value: number): number {
  let position = start;
  let rest = value;
  while (rest >= 0x80) {
    frame[position++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  frame[position++] = rest;
  return position;
}

/** `StreamingPullResponse.subscription_properties`: the first response, and the answer to a ping. */
export function encodeProperties(subscription: Subscription): Buffer {
  const { enableExactlyOnceDelivery, enableMessageOrdering } = subscription.resource;
  const properties = [0x08, Number(enableExactlyOnceDelivery), 0x10, Number(enableMessageOrdering)];
  return encodeBytes(4, Buffer.from(properties));
}

/** `StreamingPullResponse.acknowledge_confirmation`. */
export function encodeAckConfirmation({ done, invalid, unordered }: AckOutcome): Buffer {
  return encodeBytes(5, Buffer.concat([ackIds(1, done), ackIds(2, invalid), ackIds(3, unordered)]));
}

/** `StreamingPullResponse.modify_ack_deadline_confirmation`. */
export function encodeModifyConfirmation({ done, invalid }: AckOutcome): Buffer {
  return encodeBytes(3, Buffer.concat([ackIds(1, done), ackIds(2, invalid)]));
}

export function encodePublishResponse(messageIds: readonly number[]): Buffer {
  const fieldBytes = 2 + MESSAGE_ID_DIGITS;
  const response = Buffer.allocUnsafe(fieldBytes * messageIds.length);
  for (const [index, messageId] of messageIds.entries()) {
    const start = index * fieldBytes;
    response[start] = TAG.messageId;
    response[start + 1] = MESSAGE_ID_DIGITS;
    writeMessageId(response, start + 2, messageId);
  }
  return response;
}

/** Repeated ack ids; a client may have made up some that are not ours, so of any length. */
function ackIds(field: number, texts: readonly string[]): Buffer {
  let totalBytes = 0;
  for (const text of texts) totalBytes += 1 + varintBytes(text.length) + text.length;
  const bytes = Buffer.allocUnsafe(totalBytes);
  let position = 0;
  for (const text of texts) {
    bytes[position] = (field << 3) | WIRE.bytes;
    position = writeVarint(bytes, position + 1, text.length);
    position = writeLatin1(bytes, position, text);
  }
  return bytes;
}

function writeLatin1(bytes: Buffer, start: number, text: string): number {
  for (let index = 0; index < text.length; index++) bytes[start + index] = text.charCodeAt(index);
  return start + text.length;
}

export interface DeadlineChange {
  readonly ackId: string;
  readonly seconds: number;
}

/** One request of a StreamingPull; numbers that are absent are 0. */
export interface StreamingPullRequest {
  readonly subscription: string;
  readonly ackIds: readonly string[];
  readonly deadlineChanges: readonly DeadlineChange[];
  readonly ackDeadlineSeconds: number;
  readonly maxOutstandingMessages: number;
  readonly maxOutstandingBytes: number;
}

export function readStreamingPullRequest(bytes: Buffer): StreamingPullRequest {
  const reader = new FieldReader(bytes);
  const ackIds: string[] = [];
  const modifiedIds: string[] = [];
  const modifiedSeconds: number[] = [];
  const numbers = new Map<number, number>();
  let subscription = "";
  while (reader.next()) {
    if (reader.field === 2) ackIds.push(reader.ascii());
    else if (reader.field === 4) modifiedIds.push(reader.ascii());
    else if (reader.field === 3) readIntegers(reader, modifiedSeconds);
    else if (reader.field === 1) subscription = reader.text();
    else if (reader.wireType === WIRE.varint) numbers.set(reader.field, reader.int32());
  }
  if (modifiedIds.length !== modifiedSeconds.length) {
    throw invalidArgument(
      `The request has ${modifiedIds.length} modify_deadline_ack_ids and ` +
        `${modifiedSeconds.length} modify_deadline_seconds; they must be as many.`,
    );
  }
  return {
    subscription,
    ackIds,
    deadlineChanges: modifiedIds.map((ackId, index) => ({
      ackId,
      seconds: modifiedSeconds[index] ?? 0,
    })),
    ackDeadlineSeconds: numbers.get(5) ?? 0,
    maxOutstandingMessages: numbers.get(7) ?? 0,
    maxOutstandingBytes: numbers.get(8) ?? 0,
  };
}

/** A repeated int32, packed or not. */
function readIntegers(reader: FieldReader, integers: number[]): void {
  if (reader.wireType === WIRE.varint) {
    integers.push(reader.int32());
    return;
  }
  for (let position = reader.start; position < reader.end; ) {
    let value = 0;
    let factor = 1;
    let byte = 0x80;
    while (byte >= 0x80 && position < reader.end) {
      byte = reader.bytes[position++] ?? 0;
      value += (byte & 0x7f) * factor;
      factor *= 128;
    }
    integers.push((value % 4_294_967_296) | 0);
  }
}

/** An `AcknowledgeRequest`. */
export function readAcknowledgeRequest(bytes: Buffer): {
  subscription: string;
  ackIds: string[];
} {
  const reader = new FieldReader(bytes);
  const ackIds: string[] = [];
  let subscription = "";
  while (reader.next()) {
    if (reader.field === 2) ackIds.push(reader.ascii());
    else if (reader.field === 1) subscription = reader.text();
  }
  if (ackIds.length === 0) throw invalidArgument("The request has no ack_ids.");
  return { subscription, ackIds };
}

/** A `ModifyAckDeadlineRequest`. */
export function readModifyRequest(bytes: Buffer): {
  subscription: string;
  changes: DeadlineChange[];
} {
  const reader = new FieldReader(bytes);
  const ackIds: string[] = [];
  let subscription = "";
  let seconds = 0;
  while (reader.next()) {
    if (reader.field === 4) ackIds.push(reader.ascii());
    else if (reader.field === 1) subscription = reader.text();
    else if (reader.field === 3) seconds = reader.int32();
  }
  if (ackIds.length === 0) throw invalidArgument("The request has no ack_ids.");
  return { subscription, changes: ackIds.map((ackId) => ({ ackId, seconds })) };
}

/** A `PullRequest`. */
export function readPullRequest(bytes: Buffer): {
  subscription: string;
  maxMessages: number;
  returnImmediately: boolean;
} {
  const reader = new FieldReader(bytes);
  let subscription = "";
  let maxMessages = 0;
  let returnImmediately = false;
  while (reader.next()) {
    if (reader.field === 1) subscription = reader.text();
    else if (reader.field === 2) returnImmediately = reader.value !== 0;
    else if (reader.field === 3) maxMessages = reader.int32();
  }
  return { subscription, maxMessages, returnImmediately };
}
