import type { BigQuery } from "@google-cloud/bigquery";
import { MAX_FUTURE_SKEW_MS } from "../../../shared/core/auction/future-skew.ts";
import { refusalText } from "../../../shared/core/auction/refusal.ts";
import { dataset } from "../../../shared/names.ts";
import { decodeEvent } from "../../../shared/wire/event-codec.ts";

/** One row of `dead_letters`. */
export interface DeadLetter {
  readonly messageId: string;
  readonly subscription: string;
  readonly failedAt: string;
  readonly reason: string;
  readonly detail: string;
  readonly payload: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly orderingKey: string;
  readonly deliveryAttempt: number;
}

const READ_MAX = 10_000;

/** The newest dead letters, or those of one message: as many as subscriptions failed on it. */
export async function readDeadLetters(
  bigquery: BigQuery,
  which: { readonly messageId?: string; readonly reason?: string; readonly limit?: number },
): Promise<readonly DeadLetter[]> {
  const { messageId = "", reason = "", limit = READ_MAX } = which;
  const [rows] = await bigquery.query({
    query: `SELECT message_id AS messageId, subscription, failed_at AS failedAtTime, reason, detail,
  payload, TO_JSON_STRING(attributes) AS attributesText, ordering_key AS orderingKey,
  delivery_attempt AS deliveryAttempt
FROM \`${dataset.name}.dead_letters\`
WHERE (@messageId = '' OR message_id = @messageId) AND (@reason = '' OR reason = @reason)
ORDER BY failed_at DESC, message_id, subscription LIMIT ${limit}`,
    params: { messageId, reason },
  });
  // The columns of the query are the fields of the row.
  const found = rows as (Omit<DeadLetter, "attributes" | "failedAt"> & {
    readonly failedAtTime: { readonly value: string };
    readonly attributesText: string;
  })[];
  return found.map(({ attributesText, failedAtTime, ...row }) => ({
    ...row,
    failedAt: failedAtTime.value,
    attributes: JSON.parse(attributesText),
  }));
}

/** Whether a dead letter may be published again, or why that would only make it one once more. */
export type ReplayDecision =
  | { readonly kind: "publish" }
  | { readonly kind: "refuse"; readonly why: string };

/** Decides from the letter alone, at `nowMs`, which is when it would be published. */
export function decideReplay(
  { reason, payload }: Pick<DeadLetter, "reason" | "payload">,
  nowMs: number,
): ReplayDecision {
  if (reason === "conflictingPrice") {
    return { kind: "refuse", why: "the bid was counted at its first price, which stands" };
  }
  const event = decodeEvent(payload);
  if ("kind" in event) return { kind: "refuse", why: refusalText(event) };
  if (event.eventTimeUs / 1000 > nowMs + MAX_FUTURE_SKEW_MS) {
    const time = new Date(event.eventTimeUs / 1000).toISOString();
    return { kind: "refuse", why: `its event time, ${time}, is still in the future` };
  }
  return { kind: "publish" };
}
