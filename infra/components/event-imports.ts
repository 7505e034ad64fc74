import { Subscription, Topic } from "@pulumi/gcp/pubsub/index.js";
import { Account } from "@pulumi/gcp/serviceaccount/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Resource,
} from "@pulumi/pulumi";
import { cloudRegions, eventImports, type RegionName } from "../../shared/names.ts";
import { keyOf } from "../access/grant.ts";
import type { ImportSource } from "../import-source.ts";

export interface EventImportsArgs {
  readonly project: string;
  readonly regions: readonly RegionName[];
  readonly imports: readonly ImportSource[];
  readonly deadLetterTopic: Input<string>;
  readonly kmsKeyName?: Input<string>;
  readonly after: readonly Resource[];
}

/**
 * Topics that Pub/Sub fills from an exchange's own Kafka or Kinesis. What comes is the exchange's JSON,
 * so these topics have no schema, and what reads them checks each event as ingest does.
 */
export class EventImports extends ComponentResource {
  /** The account, the topics and the subscriptions by `keyOf`. */
  readonly resources: ReadonlyMap<string, Resource>;

  constructor(name: string, args: EventImportsArgs, options: ComponentResourceOptions = {}) {
    super("rtb:events:EventImports", name, {}, options);
    const { project, imports, kmsKeyName } = args;
    const own = { parent: this, dependsOn: [...args.after] };
    const declared = new Map<string, Resource>();
    if (imports.length > 0) {
      const accountInputs = { accountId: eventImports.account, project };
      const account = new Account("account-import", accountInputs, own);
      declared.set(keyOf({ kind: "account", name: eventImports.account }), account);
      for (const source of imports) {
        const each = eventImports.nameOf(source.name);
        const topic = new Topic(
          each,
          {
            name: each,
            messageRetentionDuration: `${eventImports.retentionS}s`,
            messageStoragePolicy: {
              allowedPersistenceRegions: args.regions.map((region) => cloudRegions[region]),
            },
            ingestionDataSourceSettings: settingsOf(source, account.email),
            ...(kmsKeyName === undefined ? {} : { kmsKeyName }),
          },
          own,
        );
        declared.set(keyOf({ kind: "topic", name: each }), topic);
        const subscription = new Subscription(each, subscriptionArgs(each, topic, args), own);
        declared.set(keyOf({ kind: "subscription", name: each }), subscription);
      }
    }
    this.resources = declared;
    this.registerOutputs();
  }
}

function subscriptionArgs(name: string, topic: Topic, { deadLetterTopic }: EventImportsArgs) {
  return {
    name,
    topic: topic.id,
    ackDeadlineSeconds: eventImports.ackDeadlineS,
    messageRetentionDuration: `${eventImports.retentionS}s`,
    expirationPolicy: { ttl: "" },
    retryPolicy: { minimumBackoff: "10s", maximumBackoff: "600s" },
    deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: eventImports.deadLetterAttempts },
  };
}

function settingsOf(source: ImportSource, gcpServiceAccount: Input<string>) {
  switch (source.kind) {
    case "confluent": {
      const { bootstrapServer, clusterId, topic, identityPoolId } = source;
      const settings = { bootstrapServer, clusterId, topic, identityPoolId, gcpServiceAccount };
      return { confluentCloud: settings };
    }
    case "msk": {
      const { clusterArn, topic, awsRoleArn } = source;
      return { awsMsk: { clusterArn, topic, awsRoleArn, gcpServiceAccount } };
    }
    case "kinesis": {
      const { streamArn, consumerArn, awsRoleArn } = source;
      return { awsKinesis: { streamArn, consumerArn, awsRoleArn, gcpServiceAccount } };
    }
  }
}
