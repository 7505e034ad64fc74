import { notFound } from "./refusal.ts";
import type { SchemaEntry } from "./schema-entry.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Subscription } from "./subscription.ts";
import type { Topic } from "./topic.ts";

/** Every resource by its full name, and the counters that names and ids are made from. */
export class Catalog {
  /** Names of the regions that the emulator plays; a message's `region` is an index here. */
  readonly regions: readonly string[];
  readonly topics = new Map<string, Topic>();
  readonly subscriptions = new Map<string, Subscription>();
  readonly snapshots = new Map<string, Snapshot>();
  readonly schemas = new Map<string, SchemaEntry>();
  #nextMessageId: number;
  #nextNumber = 1;

  constructor(regions: readonly string[], firstMessageId: number) {
    this.regions = regions;
    this.#nextMessageId = firstMessageId;
  }

  readonly nextMessageId = (): number => this.#nextMessageId++;

  /** A number no other resource of this emulator has. */
  nextNumber(): number {
    return this.#nextNumber++;
  }

  topic(name: string): Topic {
    const topic = this.topics.get(name);
    if (topic === undefined) throw notFound("Topic", name);
    return topic;
  }

  subscription(name: string): Subscription {
    const subscription = this.subscriptions.get(name);
    if (subscription === undefined) throw notFound("Subscription", name);
    return subscription;
  }

  snapshot(name: string): Snapshot {
    const snapshot = this.snapshots.get(name);
    if (snapshot === undefined) throw notFound("Snapshot", name);
    return snapshot;
  }

  schema(name: string): SchemaEntry {
    const schema = this.schemas.get(name);
    if (schema === undefined) throw notFound("Schema", name);
    return schema;
  }
}
