import { Schema, Topic } from "@pulumi/gcp/pubsub/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import { cloudRegions, eventSchema, topics } from "../../shared/names.ts";
import { readEventSchema } from "../../shared/schema/read-migrations.ts";
import { keyOf } from "../access/grant.ts";
import type { StackConfig } from "../config.ts";

export interface EventTopicArgs
  extends Pick<StackConfig, "regions" | "retentionDays" | "deletionProtection"> {
  /**
   * What a revision of the schema waits for: the tables that archive it, so that no field is published
   * before there is a column for it.
   */
  readonly after?: readonly Resource[];
  readonly kmsKeyName?: Input<string>;
}

/** The event schema and the topics. Committing a changed schema is a revision of it. */
export class EventTopic extends ComponentResource {
  /** Topics by `keyOf`. */
  readonly resources: ReadonlyMap<string, Topic>;

  constructor(name: string, args: EventTopicArgs, options: ComponentResourceOptions = {}) {
    super("rtb:events:EventTopic", name, {}, options);
    const dependsOn = [...(args.after ?? [])];
    const kept = { parent: this, protect: args.deletionProtection, dependsOn };
    const schema = new Schema(
      eventSchema.name,
      { name: eventSchema.name, type: "PROTOCOL_BUFFER", definition: readEventSchema() },
      kept,
    );
    this.resources = new Map(
      Object.values(topics).map((spec) => [
        keyOf({ kind: "topic", name: spec.name }),
        new Topic(spec.name, topicArgs(spec, schema.id, args), kept),
      ]),
    );
    this.registerOutputs();
  }

  /** Id of a topic of ours. */
  idOf(topic: string): Output<string> {
    const resource = this.resources.get(keyOf({ kind: "topic", name: topic }));
    if (resource === undefined) throw new RangeError(`there is no topic ${topic}`);
    return resource.id;
  }
}

function topicArgs(
  { name, schema, retentionS }: (typeof topics)[keyof typeof topics],
  schemaId: Output<string>,
  { regions, retentionDays, kmsKeyName }: EventTopicArgs,
) {
  const isEvents = schema !== undefined;
  return {
    name,
    messageRetentionDuration: `${isEvents ? retentionDays * 86_400 : retentionS}s`,
    messageStoragePolicy: {
      allowedPersistenceRegions: regions.map((region) => cloudRegions[region]),
    },
    ...(isEvents ? { schemaSettings: { schema: schemaId, encoding: eventSchema.encoding } } : {}),
    ...(kmsKeyName === undefined ? {} : { kmsKeyName }),
  };
}
