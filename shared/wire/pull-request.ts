import type { PulledMessages } from "./pull-response.ts";

/** The first request of a StreamingPull: what is pulled, and how much may be outstanding. */
export interface PullOpening {
  /** Full resource name, `projects/P/subscriptions/S`. */
  readonly subscription: string;
  readonly ackDeadlineS: number;
  /** Tells the service which streams are one client's, so that ordering keys stay with it. */
  readonly clientId: string;
  readonly maxOutstandingMessages: number;
  readonly maxOutstandingBytes: number;
}

/** Bytes of the StreamingPullRequest that opens a stream. */
export function encodePullOpening(opening: PullOpening): Buffer {
  return Buffer.concat([
    textField(1, opening.subscription),
    numberField(5, opening.ackDeadlineS),
    textField(6, opening.clientId),
    numberField(7, opening.maxOutstandingMessages),
    numberField(8, opening.maxOutstandingBytes),
  ]);
}

/**
 * Bytes of the StreamingPullRequest that acks messages `[from, to)`, in their order: the ids are copied
 * from the response's bytes, never made into strings.
 */
export function encodeAcks(messages: PulledMessages, from: number, to: number): Buffer {
  return copyAckIds(messages, { from, to, tag: ACK_IDS });
}

/** Bytes of one that acks ids kept as bytes. */
export function encodeAckIds(ackIds: readonly Buffer[]): Buffer {
  return Buffer.concat(ackIds.flatMap((id) => [lengthPrefix(ACK_IDS, id.length), id]));
}

/**
 * Bytes of one that sets the ack deadline of messages `[from, to)` to `deadlineS` from now; 0 gives
 * them back (a nack).
 */
export function encodeModifyDeadlines(
  messages: PulledMessages,
  range: { readonly from: number; readonly to: number },
  deadlineS: number,
): Buffer {
  const deadline = numberBytes(deadlineS);
  const count = range.to - range.from;
  const packed = Buffer.alloc(count * deadline.length, deadline);
  return Buffer.concat([
    lengthPrefix(MODIFY_SECONDS_PACKED, packed.length),
    packed,
    copyAckIds(messages, { ...range, tag: MODIFY_ACK_IDS }),
  ]);
}

const ACK_IDS = (2 << 3) | 2;
const MODIFY_SECONDS_PACKED = (3 << 3) | 2;
const MODIFY_ACK_IDS = (4 << 3) | 2;

function copyAckIds(
  messages: PulledMessages,
  range: { readonly from: number; readonly to: number; readonly tag: number },
): Buffer {
  const { ackId, bytes } = messages;
  let length = 0;
  for (let message = range.from; message < range.to; message++) {
    const idLength = (ackId[2 * message + 1] ?? 0) - (ackId[2 * message] ?? 0);
    length += idLength + (idLength < 0x80 ? 2 : 3);
  }
  const request = Buffer.allocUnsafe(length);
  const from = viewOf(bytes);
  const to = viewOf(request);
  let at = 0;
  for (let message = range.from; message < range.to; message++) {
    const start = ackId[2 * message] ?? 0;
    const idLength = (ackId[2 * message + 1] ?? 0) - start;
    request[at++] = range.tag;
    if (idLength < 0x80) request[at++] = idLength;
    else {
      request[at++] = (idLength & 0x7f) | 0x80;
      request[at++] = idLength >>> 7;
    }
    copyBytes(from, start, { to, at, length: idLength });
    at += idLength;
  }
  return request;
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Copies word by word: for so few bytes a call of the typed array's own copying costs several times as much. */
function copyBytes(
  from: DataView,
  start: number,
  { to, at, length }: { readonly to: DataView; readonly at: number; readonly length: number },
): void {
  const words = length & ~3;
  for (let offset = 0; offset < words; offset += 4) {
    to.setInt32(at + offset, from.getInt32(start + offset));
  }
  for (let offset = words; offset < length; offset++) {
    to.setUint8(at + offset, from.getUint8(start + offset));
  }
}

function textField(field: number, text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([lengthPrefix((field << 3) | 2, bytes.length), bytes]);
}

function numberField(field: number, value: number): Buffer {
  return Buffer.concat([numberBytes(field << 3), numberBytes(value)]);
}

function lengthPrefix(tag: number, length: number): Buffer {
  return Buffer.concat([numberBytes(tag), numberBytes(length)]);
}

function numberBytes(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
