import type { Catalog } from "./catalog.ts";
import { applyMask } from "./field-mask.ts";
import { type PageRequest, pageOf } from "./page.ts";
import { alreadyExists, invalidArgument } from "./refusal.ts";
import { checkName, checkProject } from "./resource-name.ts";
import type { FieldMask, SubscriptionResource } from "./resources.ts";
import { Subscription } from "./subscription.ts";
import { completeSubscription } from "./subscription-rules.ts";
import type { Topic } from "./topic.ts";
import { withTopicRetention } from "./topic-calls.ts";

const FIELDS = {
  mutable: [
    "ack_deadline_seconds",
    "labels",
    "retain_acked_messages",
    "message_retention_duration",
    "expiration_policy",
    "dead_letter_policy",
    "retry_policy",
    "enable_exactly_once_delivery",
    "bigquery_config",
    "push_config",
    "cloud_storage_config",
    "bigtable_config",
    "message_transforms",
  ],
  immutable: ["name", "topic", "filter", "enable_message_ordering", "detached", "state", "tags"],
} as const;

export function createSubscription(
  catalog: Catalog,
  resource: SubscriptionResource,
  nowMs: number,
): SubscriptionResource {
  checkName("subscriptions", resource.name);
  checkName("topics", resource.topic);
  const complete = completeSubscription(resource);
  if (catalog.subscriptions.has(resource.name)) throw alreadyExists("Subscription", resource.name);
  const topic = catalog.topic(resource.topic);
  checkReferences(catalog, complete, topic);
  const subscription = new Subscription({
    number: catalog.nextNumber(),
    resource: withTopicRetention(complete, topic),
    topic,
    regions: catalog.regions,
    nowMs,
  });
  catalog.subscriptions.set(resource.name, subscription);
  topic.subscriptions.add(subscription);
  return subscription.resource;
}

export function updateSubscription(
  catalog: Catalog,
  request: { subscription: SubscriptionResource | null; updateMask: FieldMask | null },
): SubscriptionResource {
  const { subscription: update, updateMask } = request;
  if (update === null) throw invalidArgument("The request has no subscription to update.");
  const subscription = catalog.subscription(update.name);
  const current = subscription.resource;
  const complete = completeSubscription(applyMask(current, update, updateMask, FIELDS));
  checkReferences(catalog, complete, subscription.topic);
  subscription.resource = { ...complete, detached: current.detached ?? false };
  if (!complete.retainAckedMessages) subscription.retained.clear();
  return subscription.resource;
}

export function listSubscriptions(catalog: Catalog, request: PageRequest & { project: string }) {
  checkProject(request.project);
  const own = [...catalog.subscriptions.values()].filter(({ name }) =>
    name.startsWith(`${request.project}/`),
  );
  const { items, nextPageToken } = pageOf(own, ({ name }) => name, request);
  return { subscriptions: items.map(({ resource }) => resource), nextPageToken };
}

export function deleteSubscription(catalog: Catalog, request: { subscription: string }): object {
  const subscription = catalog.subscription(request.subscription);
  catalog.subscriptions.delete(subscription.name);
  subscription.topic?.subscriptions.delete(subscription);
  return {};
}

/** Cuts a subscription off from its topic and drops all that it holds. */
export function detachSubscription(catalog: Catalog, request: { subscription: string }): object {
  const subscription = catalog.subscription(request.subscription);
  subscription.topic?.subscriptions.delete(subscription);
  subscription.resource = { ...subscription.resource, detached: true };
  subscription.retained.clear();
  subscription.restart([]);
  return {};
}

function checkReferences(
  catalog: Catalog,
  resource: SubscriptionResource,
  topic: Topic | undefined,
): void {
  const deadLetterTopic = resource.deadLetterPolicy?.deadLetterTopic;
  if (deadLetterTopic !== undefined) catalog.topic(deadLetterTopic);
  if (resource.bigqueryConfig?.useTopicSchema && topic && !topic.resource.schemaSettings) {
    throw invalidArgument(
      `use_topic_schema is set, and topic ${topic.name} has no schema. Give the topic one first.`,
    );
  }
}
