import { DAY_MS, MINUTE_MS } from "../../shared/core/time.ts";
import type { Catalog } from "./catalog.ts";
import { applyMask } from "./field-mask.ts";
import { type PageRequest, pageOf } from "./page.ts";
import { alreadyExists, failedPrecondition, invalidArgument, unimplemented } from "./refusal.ts";
import { checkName, checkProject } from "./resource-name.ts";
import {
  DELETED_TOPIC,
  type Duration,
  type FieldMask,
  millisecondsOf,
  type TopicResource,
} from "./resources.ts";
import { checkRange } from "./subscription-rules.ts";
import { Topic } from "./topic.ts";

const RETENTION_MS = { min: 10 * MINUTE_MS, max: 31 * DAY_MS } as const;
const FIELDS = {
  mutable: [
    "labels",
    "message_storage_policy",
    "schema_settings",
    "message_retention_duration",
    "kms_key_name",
    "ingestion_data_source_settings",
    "message_transforms",
  ],
  immutable: ["name", "state", "satisfies_pzs", "tags"],
} as const;

export function createTopic(catalog: Catalog, resource: TopicResource): TopicResource {
  checkName("topics", resource.name);
  const complete = completeTopic(catalog, resource);
  if (catalog.topics.has(resource.name)) throw alreadyExists("Topic", resource.name);
  catalog.topics.set(resource.name, new Topic(complete));
  return complete;
}

export function updateTopic(
  catalog: Catalog,
  request: { topic: TopicResource | null; updateMask: FieldMask | null },
): TopicResource {
  if (request.topic === null) throw invalidArgument("The request has no topic to update.");
  const topic = catalog.topic(request.topic.name);
  const updated = applyMask(topic.resource, request.topic, request.updateMask, FIELDS);
  topic.resource = completeTopic(catalog, updated);
  if (topic.retentionMs === undefined) topic.retained.clear();
  for (const subscription of topic.subscriptions) {
    subscription.resource = withTopicRetention(subscription.resource, topic);
  }
  return topic.resource;
}

export function listTopics(catalog: Catalog, request: PageRequest & { project: string }) {
  checkProject(request.project);
  const own = [...catalog.topics.values()].filter(({ name }) =>
    name.startsWith(`${request.project}/`),
  );
  const { items, nextPageToken } = pageOf(own, ({ name }) => name, request);
  return { topics: items.map(({ resource }) => resource), nextPageToken };
}

export function listTopicSubscriptions(catalog: Catalog, request: PageRequest & { topic: string }) {
  const { subscriptions } = catalog.topic(request.topic);
  const { items, nextPageToken } = pageOf(subscriptions, ({ name }) => name, request);
  return { subscriptions: items.map(({ name }) => name), nextPageToken };
}

export function listTopicSnapshots(catalog: Catalog, request: PageRequest & { topic: string }) {
  const { snapshots } = catalog.topic(request.topic);
  const { items, nextPageToken } = pageOf(snapshots, ({ resource }) => resource.name, request);
  return { snapshots: items.map(({ resource }) => resource.name), nextPageToken };
}

/** The subscriptions stay, with the messages they have, and show that their topic is gone. */
export function deleteTopic(catalog: Catalog, request: { topic: string }): object {
  const topic = catalog.topic(request.topic);
  catalog.topics.delete(topic.name);
  for (const subscription of topic.subscriptions) {
    subscription.topic = undefined;
    subscription.resource = { ...subscription.resource, topic: DELETED_TOPIC };
  }
  for (const snapshot of topic.snapshots) {
    snapshot.resource = { ...snapshot.resource, topic: DELETED_TOPIC };
  }
  return {};
}

/** What a subscription shows of its topic's retention. */
export function withTopicRetention<Resource extends object>(resource: Resource, topic: Topic) {
  const { messageRetentionDuration = null } = topic.resource;
  return { ...resource, topicMessageRetentionDuration: messageRetentionDuration };
}

function completeTopic(catalog: Catalog, resource: TopicResource): TopicResource {
  if (resource.ingestionDataSourceSettings) {
    throw unimplemented("Ingestion into a topic (ingestion_data_source_settings)");
  }
  if (resource.messageTransforms?.length) {
    throw unimplemented("Transforming messages (message_transforms)");
  }
  checkRetention(resource.messageRetentionDuration);
  checkSchemaSettings(catalog, resource);
  const policy = resource.messageStoragePolicy;
  if (policy && policy.allowedPersistenceRegions.length === 0) {
    throw invalidArgument("The message_storage_policy allows no region: name at least one.");
  }
  return { ...resource, state: "ACTIVE" };
}

function checkRetention(duration: Duration | null | undefined): void {
  if (!duration) return;
  checkRange("message_retention_duration (ms)", millisecondsOf(duration), RETENTION_MS);
}

function checkSchemaSettings(catalog: Catalog, resource: TopicResource): void {
  const settings = resource.schemaSettings;
  if (!settings) return;
  if (settings.encoding === "ENCODING_UNSPECIFIED") {
    throw invalidArgument("The schema_settings.encoding is unset: it is JSON or BINARY.");
  }
  const schema = catalog.schema(settings.schema);
  const [first, last] = [settings.firstRevisionId ?? "", settings.lastRevisionId ?? ""];
  for (const revisionId of [first, last]) if (revisionId !== "") schema.revision(revisionId);
  if (schema.allowedRevisions(settings).length === 0) {
    throw failedPrecondition(
      `No revision of ${settings.schema} is from ${first} to ${last}: the first must not be newer.`,
    );
  }
}
