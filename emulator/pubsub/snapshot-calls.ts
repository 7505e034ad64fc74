import { DAY_MS, HOUR_MS } from "../../shared/core/time.ts";
import type { Catalog } from "./catalog.ts";
import { applyMask } from "./field-mask.ts";
import { type PageRequest, pageOf } from "./page.ts";
import { alreadyExists, failedPrecondition, invalidArgument } from "./refusal.ts";
import { checkName, checkProject } from "./resource-name.ts";
import {
  type FieldMask,
  millisecondsOf,
  type SnapshotResource,
  type Timestamp,
  timestampOf,
} from "./resources.ts";
import { createSnapshot as snapshotOf } from "./snapshot.ts";
import { decodeMessage, type StoredMessage } from "./stored-message.ts";

const LIFETIME_MS = 7 * DAY_MS;
const FIELDS = { mutable: ["labels", "expire_time"], immutable: ["name", "topic"] } as const;

export function createSnapshot(
  catalog: Catalog,
  request: { name: string; subscription: string; labels?: Record<string, string> },
  nowMs: number,
): SnapshotResource {
  checkName("snapshots", request.name);
  const subscription = catalog.subscription(request.subscription);
  subscription.checkAttached();
  if (catalog.snapshots.has(request.name)) throw alreadyExists("Snapshot", request.name);
  const { topic } = subscription;
  if (topic === undefined) {
    throw failedPrecondition(`The topic of ${request.subscription} is deleted.`);
  }
  const unacked = [...subscription.unacked()];
  const oldestMs = unacked.reduce(
    (oldest, message) => Math.min(oldest, message.publishTimeMs),
    nowMs,
  );
  const expireMs = oldestMs + LIFETIME_MS;
  if (expireMs < nowMs + HOUR_MS) {
    throw failedPrecondition(
      `The oldest unacked message of ${request.subscription} is so old that the snapshot would ` +
        "expire within the hour.",
    );
  }
  const resource = {
    name: request.name,
    topic: topic.name,
    expireTime: timestampOf(expireMs),
    labels: request.labels ?? {},
  };
  const snapshot = snapshotOf(resource, unacked);
  catalog.snapshots.set(request.name, snapshot);
  topic.snapshots.add(snapshot);
  return resource;
}

export function updateSnapshot(
  catalog: Catalog,
  request: { snapshot: SnapshotResource | null; updateMask: FieldMask | null },
): SnapshotResource {
  if (request.snapshot === null) throw invalidArgument("The request has no snapshot to update.");
  const snapshot = catalog.snapshot(request.snapshot.name);
  snapshot.resource = applyMask(snapshot.resource, request.snapshot, request.updateMask, FIELDS);
  return snapshot.resource;
}

export function listSnapshots(catalog: Catalog, request: PageRequest & { project: string }) {
  checkProject(request.project);
  const own = [...catalog.snapshots.values()].filter(({ resource }) =>
    resource.name.startsWith(`${request.project}/`),
  );
  const { items, nextPageToken } = pageOf(own, ({ resource }) => resource.name, request);
  return { snapshots: items.map(({ resource }) => resource), nextPageToken };
}

export function deleteSnapshot(catalog: Catalog, request: { snapshot: string }): object {
  const snapshot = catalog.snapshot(request.snapshot);
  catalog.snapshots.delete(request.snapshot);
  for (const topic of catalog.topics.values()) topic.snapshots.delete(snapshot);
  return {};
}

/** Marks messages acked or unacked in bulk; what was delivered and not settled starts afresh. */
export function seek(
  catalog: Catalog,
  request: { subscription: string; time?: Timestamp | null; snapshot?: string },
): object {
  const subscription = catalog.subscription(request.subscription);
  subscription.checkAttached();
  if (request.time) {
    const timeMs = millisecondsOf(request.time);
    subscription.restart(
      subscription.replayable().filter((message) => message.publishTimeMs >= timeMs),
    );
    return {};
  }
  if (!request.snapshot) throw invalidArgument("The seek request has neither time nor snapshot.");
  const snapshot = catalog.snapshot(request.snapshot);
  if (snapshot.resource.topic !== subscription.topic?.name) {
    throw failedPrecondition(
      `Snapshot ${request.snapshot} is of topic ${snapshot.resource.topic}, not of the topic of ` +
        `${request.subscription}.`,
    );
  }
  const messages: StoredMessage[] = [...snapshot.unacked, ...snapshot.later];
  const accepted = messages
    .filter((message) => subscription.accepts(decodeMessage(message).attributes))
    .sort((a, b) => a.messageId - b.messageId);
  subscription.restart(accepted);
  return {};
}
