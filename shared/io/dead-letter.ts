import { MAX_FUTURE_SKEW_MS } from "../core/auction/future-skew.ts";
import type { Refusal } from "../core/auction/refusal.ts";
import type { PulledMessages } from "../wire/pull-response.ts";
import type { Upsert } from "./table-writer.ts";

/** The dead letter's reason and detail of an event that lies too far ahead of its publish time. */
export const tooFarInFuture = {
  reason: "tooFarInFuture",
  detail: `event_time is over ${MAX_FUTURE_SKEW_MS} ms past its publish time: mend the sender's clock.`,
} as const;

/** A message that can never succeed. */
export interface PoisonMessage {
  readonly messages: PulledMessages;
  readonly index: number;
  readonly reason: string;
  readonly detail: string;
}

/** The row of `dead_letters` that keeps a poison message whole; the same whenever it is written again. */
export function deadLetterUpsert(
  subscription: string,
  { messages, index, reason, detail }: PoisonMessage,
): Upsert {
  const payload = messages.bytes.slice(messages.data[2 * index], messages.data[2 * index + 1]);
  return {
    row: {
      subscription,
      message_id: messages.text(messages.messageId, index),
      failed_at: (messages.publishTimeMs[index] ?? 0) * 1000,
      reason,
      detail,
      payload,
      attributes: JSON.stringify(messages.attributes(index)),
      ordering_key: messages.text(messages.orderingKey, index),
      delivery_attempt: messages.deliveryAttempt[index] ?? 0,
    },
    sequence: "0",
  };
}

/** What a dead letter says of an event that the codec refused. */
export function refusalDetail({ field, value, mend }: Refusal): string {
  return `${field === "" ? "message" : field} "${value}": ${mend}`;
}
