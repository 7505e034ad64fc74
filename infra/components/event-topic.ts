import { Schema, Subscription, Topic } from "@pulumi/gcp/pubsub/index.js";
import { ComponentResource, type ComponentResourceOptions, type Input } from "@pulumi/pulumi";
import {
  archiveSubscription,
  cloudRegions,
  eventSchema,
  pullSubscriptions,
  type SubscriptionSpec,
  topics,
} from "../../shared/names.ts";
import { readEventSchema } from "../../shared/schema/read-migrations.ts";
import type { StackConfig } from "../config.ts";

export interface EventTopicArgs extends Pick<StackConfig, "regions"> {
  /** `project.dataset.table` that every event is archived in. */
  readonly archiveTable: Input<string>;
}

/** The topics, the event schema, and every subscription. */
export class EventTopic extends ComponentResource {
  constructor(name: string, args: EventTopicArgs, options: ComponentResourceOptions = {}) {
    super("rtb:events:EventTopic", name, {}, options);
    const parent = { parent: this };
    const schema = new Schema(
      eventSchema.name,
      { name: eventSchema.name, type: "PROTOCOL_BUFFER", definition: readEventSchema() },
      parent,
    );
    const declared = new Map<string, Topic>(
      Object.values(topics).map((topic) => {
        const settings = { schema: schema.id, encoding: eventSchema.encoding };
        const resource = new Topic(
          topic.name,
          {
            name: topic.name,
            messageRetentionDuration: `${topic.retentionS}s`,
            messageStoragePolicy: {
              allowedPersistenceRegions: args.regions.map((region) => cloudRegions[region]),
            },
            ...(topic.schema === undefined ? {} : { schemaSettings: settings }),
          },
          parent,
        );
        return [topic.name, resource];
      }),
    );
    const idOf = (topic: string): Input<string> => declared.get(topic)?.id ?? topic;
    for (const spec of pullSubscriptions()) {
      new Subscription(spec.name, pullArgs(spec, idOf), parent);
    }
    new Subscription(
      archiveSubscription.name,
      {
        name: archiveSubscription.name,
        topic: idOf(archiveSubscription.topic),
        expirationPolicy: { ttl: "" },
        bigqueryConfig: { table: args.archiveTable, useTopicSchema: true, writeMetadata: true },
      },
      parent,
    );
    this.registerOutputs();
  }
}

function pullArgs(spec: SubscriptionSpec, idOf: (topic: string) => Input<string>) {
  const { deadLetterAttempts } = spec;
  return {
    name: spec.name,
    topic: idOf(spec.topic),
    filter: spec.filter,
    enableMessageOrdering: spec.ordered,
    enableExactlyOnceDelivery: spec.exactlyOnce,
    ackDeadlineSeconds: spec.ackDeadlineS,
    messageRetentionDuration: `${spec.retentionS}s`,
    expirationPolicy: { ttl: "" },
    retryPolicy: {
      minimumBackoff: `${spec.retryMinS}s`,
      maximumBackoff: `${spec.retryMaxS}s`,
    },
    ...(deadLetterAttempts === undefined
      ? {}
      : {
          deadLetterPolicy: {
            deadLetterTopic: idOf(topics.deadLetters.name),
            maxDeliveryAttempts: deadLetterAttempts,
          },
        }),
  };
}
