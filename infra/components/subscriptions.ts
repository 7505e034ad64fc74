import { Subscription, type SubscriptionArgs } from "@pulumi/gcp/pubsub/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Resource,
} from "@pulumi/pulumi";
import {
  archiveSubscription,
  pullSubscriptions,
  regions,
  type SubscriptionSpec,
  subscriptionOf,
  topics,
} from "../../shared/names.ts";
import { keyOf } from "../access/grant.ts";
import type { StackConfig } from "../config.ts";
import type { EventTopic } from "./event-topic.ts";

export interface SubscriptionsArgs
  extends Pick<
    StackConfig,
    "regions" | "retentionDays" | "windowExactlyOnce" | "deletionProtection"
  > {
  readonly topic: EventTopic;
  /** `project.dataset.table` that every event is archived in. */
  readonly archiveTable: Input<string>;
  /** What Pub/Sub needs before a message can fail: its rights on dead letters and on the archive. */
  readonly after?: readonly Resource[];
}

/** The workers' subscriptions in each region, the archive's, and people's. */
export class Subscriptions extends ComponentResource {
  /** Subscriptions by `keyOf`. */
  readonly resources: ReadonlyMap<string, Subscription>;

  constructor(name: string, args: SubscriptionsArgs, options: ComponentResourceOptions = {}) {
    super("rtb:events:Subscriptions", name, {}, options);
    // What nobody has read yet goes with its subscription.
    const protect = args.deletionProtection;
    const own = { parent: this, protect, dependsOn: [...(args.after ?? [])] };
    const settings = new Map([
      ...pullSubscriptions(args.regions).map((spec) => [spec.name, pullArgs(spec, args)] as const),
      [archiveSubscription.name, archiveArgs(args)] as const,
    ]);
    this.resources = new Map(
      [...settings].map(([each, inputs]) => [
        keyOf({ kind: "subscription", name: each }),
        new Subscription(each, { name: each, ...inputs }, own),
      ]),
    );
    this.registerOutputs();
  }
}

function pullArgs(spec: SubscriptionSpec, args: SubscriptionsArgs): Omit<SubscriptionArgs, "name"> {
  const isWorkers = spec.topic === topics.auctionEvents.name;
  const isWindow = regions.some((region) => spec.name === subscriptionOf("window", region).name);
  return {
    topic: args.topic.idOf(spec.topic),
    filter: spec.filter,
    enableMessageOrdering: spec.ordered,
    enableExactlyOnceDelivery: spec.exactlyOnce && (args.windowExactlyOnce || !isWindow),
    ackDeadlineSeconds: spec.ackDeadlineS,
    messageRetentionDuration: `${isWorkers ? args.retentionDays * 86_400 : spec.retentionS}s`,
    expirationPolicy: { ttl: "" },
    retryPolicy: {
      minimumBackoff: `${spec.retryMinS}s`,
      maximumBackoff: `${spec.retryMaxS}s`,
    },
    ...deadLetterPolicy(spec.deadLetterAttempts, args.topic),
  };
}

function archiveArgs({ topic, archiveTable, retentionDays }: SubscriptionsArgs) {
  return {
    topic: topic.idOf(archiveSubscription.topic),
    messageRetentionDuration: `${retentionDays * 86_400}s`,
    expirationPolicy: { ttl: "" },
    bigqueryConfig: { table: archiveTable, useTopicSchema: true, writeMetadata: true },
    ...deadLetterPolicy(archiveSubscription.deadLetterAttempts, topic),
  };
}

function deadLetterPolicy(attempts: number | undefined, topic: EventTopic) {
  if (attempts === undefined) return {};
  const deadLetterTopic = topic.idOf(topics.deadLetters.name);
  return { deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: attempts } };
}
