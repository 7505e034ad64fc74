import { DAY_MS, MINUTE_MS, SECOND_MS } from "../../shared/core/time.ts";
import type { DeliveryRules } from "./backlog.ts";
import { invalidArgument, unimplemented } from "./refusal.ts";
import { type Duration, millisecondsOf, type SubscriptionResource } from "./resources.ts";

const ACK_DEADLINE_SECONDS = { default: 10, min: 10, max: 600 } as const;
const RETENTION_MS = { default: 7 * DAY_MS, min: 10 * MINUTE_MS, max: 31 * DAY_MS } as const;
const EXPIRATION_MS = { default: 31 * DAY_MS, min: DAY_MS, max: Number.MAX_SAFE_INTEGER } as const;
const BACKOFF_MS = { min: 0, max: 600 * SECOND_MS } as const;
const BACKOFF_DEFAULT_MS = { minimum: 10 * SECOND_MS, maximum: 600 * SECOND_MS } as const;
const DELIVERY_ATTEMPTS = { default: 5, min: 5, max: 100 } as const;

/** The resource with the service's defaults filled in; refuses what the service refuses. */
export function completeSubscription(resource: SubscriptionResource): SubscriptionResource {
  refuseWhatIsNotPlayed(resource);
  checkBigQuery(resource);
  const { deadLetterPolicy, retryPolicy } = resource;
  return {
    ...resource,
    pushConfig: { pushEndpoint: "" },
    ackDeadlineSeconds: ackDeadlineSecondsOf(resource),
    messageRetentionDuration: { seconds: retentionMsOf(resource) / 1000 },
    expirationPolicy: expirationPolicyOf(resource),
    deadLetterPolicy: deadLetterPolicy
      ? {
          deadLetterTopic: deadLetterPolicy.deadLetterTopic,
          maxDeliveryAttempts: deliveryAttemptsOf(deadLetterPolicy),
        }
      : null,
    retryPolicy: retryPolicy ? completeRetryPolicy(retryPolicy) : null,
    detached: false,
    state: "ACTIVE",
  };
}

/** The rules that a completed resource stands for. */
export function deliveryRulesOf(resource: SubscriptionResource): DeliveryRules {
  const { retryPolicy, deadLetterPolicy } = resource;
  return {
    ordered: resource.enableMessageOrdering ?? false,
    exactlyOnce: resource.enableExactlyOnceDelivery ?? false,
    retentionMs: retentionMsOf(resource),
    retry: retryPolicy
      ? {
          minimumMs: durationMs(retryPolicy.minimumBackoff, BACKOFF_DEFAULT_MS.minimum),
          maximumMs: durationMs(retryPolicy.maximumBackoff, BACKOFF_DEFAULT_MS.maximum),
        }
      : undefined,
    maxDeliveryAttempts: deadLetterPolicy ? deliveryAttemptsOf(deadLetterPolicy) : undefined,
  };
}

function refuseWhatIsNotPlayed(resource: SubscriptionResource): void {
  if (resource.pushConfig?.pushEndpoint) throw unimplemented("Push delivery (push_config)");
  if (resource.cloudStorageConfig) {
    throw unimplemented("Delivery to Cloud Storage (cloud_storage_config)");
  }
  if (resource.bigtableConfig) throw unimplemented("Delivery to Bigtable (bigtable_config)");
  if (resource.messageTransforms?.length) {
    throw unimplemented("Transforming messages (message_transforms)");
  }
}

function checkBigQuery(resource: SubscriptionResource): void {
  const config = resource.bigqueryConfig;
  if (!config) return;
  if (config.table.split(".").length !== 3) {
    throw invalidArgument(
      `The bigquery_config.table is "${config.table}"; it has the form project.dataset.table.`,
    );
  }
  if (config.useTopicSchema && config.useTableSchema) {
    throw invalidArgument("use_topic_schema and use_table_schema cannot both be set.");
  }
  if (config.useTableSchema)
    throw unimplemented("Writing by the table's schema (use_table_schema)");
  if (resource.enableExactlyOnceDelivery) {
    throw invalidArgument(
      "Exactly-once delivery is for pull subscriptions, not for BigQuery ones.",
    );
  }
}

function ackDeadlineSecondsOf({ ackDeadlineSeconds = 0 }: SubscriptionResource): number {
  if (ackDeadlineSeconds === 0) return ACK_DEADLINE_SECONDS.default;
  checkRange("ack_deadline_seconds", ackDeadlineSeconds, ACK_DEADLINE_SECONDS);
  return ackDeadlineSeconds;
}

function retentionMsOf(resource: SubscriptionResource): number {
  const retentionMs = durationMs(resource.messageRetentionDuration, RETENTION_MS.default);
  checkRange("message_retention_duration (ms)", retentionMs, RETENTION_MS);
  return retentionMs;
}

/** A policy without a ttl never expires; no policy is the default ttl. */
function expirationPolicyOf(resource: SubscriptionResource): { ttl: Duration | null } {
  const { expirationPolicy } = resource;
  if (expirationPolicy && !expirationPolicy.ttl) return { ttl: null };
  const ttlMs = durationMs(expirationPolicy?.ttl, EXPIRATION_MS.default);
  checkRange("expiration_policy.ttl (ms)", ttlMs, EXPIRATION_MS);
  return { ttl: { seconds: ttlMs / 1000 } };
}

function deliveryAttemptsOf({ maxDeliveryAttempts = 0 }: { maxDeliveryAttempts?: number }): number {
  if (maxDeliveryAttempts === 0) return DELIVERY_ATTEMPTS.default;
  checkRange("max_delivery_attempts", maxDeliveryAttempts, DELIVERY_ATTEMPTS);
  return maxDeliveryAttempts;
}

function completeRetryPolicy(policy: NonNullable<SubscriptionResource["retryPolicy"]>) {
  const minimumMs = durationMs(policy.minimumBackoff, BACKOFF_DEFAULT_MS.minimum);
  const maximumMs = durationMs(policy.maximumBackoff, BACKOFF_DEFAULT_MS.maximum);
  checkRange("retry_policy.minimum_backoff (ms)", minimumMs, BACKOFF_MS);
  checkRange("retry_policy.maximum_backoff (ms)", maximumMs, BACKOFF_MS);
  if (minimumMs > maximumMs) {
    throw invalidArgument("retry_policy.minimum_backoff must not be above maximum_backoff.");
  }
  return { minimumBackoff: secondsAndNanos(minimumMs), maximumBackoff: secondsAndNanos(maximumMs) };
}

function secondsAndNanos(timeMs: number): Duration {
  const seconds = Math.floor(timeMs / 1000);
  return { seconds, nanos: Math.round((timeMs - seconds * 1000) * 1_000_000) };
}

function durationMs(duration: Duration | null | undefined, defaultMs: number): number {
  return duration ? millisecondsOf(duration) : defaultMs;
}

export function checkRange(
  field: string,
  value: number,
  range: { readonly min: number; readonly max: number },
): void {
  if (value >= range.min && value <= range.max) return;
  throw invalidArgument(`The ${field} is ${value}; it must be from ${range.min} to ${range.max}.`);
}
