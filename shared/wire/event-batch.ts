import type { AuctionEvent } from "../core/auction/event.ts";
import { ByteCursor } from "./byte-cursor.ts";
import { encodeEvent } from "./event-codec.ts";

/**
 * Cuts a protobuf batch into the bytes of its events: each is preceded by its length as a varint, as
 * protobuf's own `writeDelimitedTo` writes them. Undefined where the lengths do not add up.
 */
export function splitEventBatch(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const cursor = new ByteCursor();
  cursor.open(bytes, 0, bytes.length);
  const messages: Uint8Array[] = [];
  while (cursor.at < cursor.end) {
    const length = cursor.readLength();
    if (cursor.overrun) return undefined;
    messages.push(bytes.subarray(cursor.at, cursor.at + length));
    cursor.at += length;
  }
  return messages;
}

/** Writes events as a batch that {@link splitEventBatch} cuts again. */
export function encodeEventBatch(events: readonly AuctionEvent[]): Uint8Array {
  return Buffer.concat(
    events.flatMap((event) => {
      const message = encodeEvent(event);
      return [lengthPrefix(message.length), message];
    }),
  );
}

function lengthPrefix(length: number): Uint8Array {
  const bytes: number[] = [];
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
