import type { DeadLetter } from "./backlog.ts";
import { type PublishRequest, readPublishRequest } from "./publish-request.ts";
import {
  decodeMessage,
  encodeAttributes,
  encodeBytes,
  encodeText,
  MESSAGE_FIELD,
} from "./stored-message.ts";

/** What the service adds to a message that it forwards. Source: Pub/Sub, "Dead-letter topics". */
const PREFIX = "CloudPubSubDeadLetterSource";

/** The request that publishes a dead-lettered message to the dead-letter topic, attributes added. */
export function deadLetterRequest(subscription: string, letter: DeadLetter): PublishRequest {
  const { data, attributes, orderingKey } = decodeMessage(letter.message);
  const [, project = "", , id = ""] = subscription.split("/");
  const kept = [...attributes].filter(([key]) => !key.startsWith("goog"));
  const added: [string, string][] = [
    [`${PREFIX}DeliveryCount`, String(letter.deliveryAttempts)],
    [`${PREFIX}Subscription`, id],
    [`${PREFIX}SubscriptionProject`, project],
    [`${PREFIX}TopicPublishTime`, rfc3339(letter.message.publishTimeMs)],
  ];
  const message = Buffer.concat([
    encodeBytes(MESSAGE_FIELD.data, data),
    encodeAttributes([...kept, ...added]),
    encodeText(MESSAGE_FIELD.orderingKey, orderingKey),
  ]);
  return readPublishRequest(encodeBytes(2, message));
}

function rfc3339(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
