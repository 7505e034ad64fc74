import { MAX_FUTURE_SKEW_MS } from "../../shared/core/auction/future-skew.ts";
import { noticeOf } from "../../shared/core/settlement/settlement-event.ts";
import { type PoisonMessage, refusalDetail, tooFarInFuture } from "../../shared/io/dead-letter.ts";
import type { PulledBundle } from "../../shared/io/pull-stream.ts";
import type { TimedEvent } from "../../shared/io/settlement-writes.ts";
import { workerKinds } from "../../shared/names.ts";
import { decodeEvent } from "../../shared/wire/event-codec.ts";
import type { PulledMessages } from "../../shared/wire/pull-response.ts";

/** A notice and the message that brought it. */
export interface PulledNotice extends TimedEvent {
  readonly messages: PulledMessages;
  readonly index: number;
}

export interface DecodedBundle {
  readonly notices: readonly PulledNotice[];
  readonly poison: readonly PoisonMessage[];
}

/** Decodes every message of a bundle; what can never settle anything is told apart with its reason. */
export function decodeBundle(bundle: PulledBundle): DecodedBundle {
  const notices: PulledNotice[] = [];
  const poison: PoisonMessage[] = [];
  for (const messages of bundle.responses) {
    for (let index = 0; index < messages.count; index++) {
      const read = readNotice(messages, index);
      if ("reason" in read) poison.push(read);
      else notices.push(read);
    }
  }
  return { notices, poison };
}

function readNotice(messages: PulledMessages, index: number): PulledNotice | PoisonMessage {
  const start = messages.data[2 * index] ?? 0;
  const end = messages.data[2 * index + 1] ?? 0;
  const place = { messages, index };
  const decoded = decodeEvent(messages.bytes.subarray(start, end));
  if ("kind" in decoded) {
    return { ...place, reason: decoded.reason, detail: refusalDetail(decoded) };
  }
  const event = noticeOf(decoded);
  if (event === undefined) return { ...place, ...unexpected(decoded.type) };
  const publishTimeMs = messages.publishTimeMs[index] ?? 0;
  const isTooFar = event.eventTimeUs / 1000 > publishTimeMs + MAX_FUTURE_SKEW_MS;
  return isTooFar ? { ...place, ...tooFarInFuture } : { ...place, event, publishTimeMs };
}

function unexpected(type: string): { reason: string; detail: string } {
  const types = workerKinds.settlement.types.join(", ");
  return {
    reason: "unexpectedType",
    detail: `This subscription takes ${types}, not ${type}: mend its filter.`,
  };
}
