import { BigQuery } from "@google-cloud/bigquery";
import { PublisherClient, SchemaServiceClient, SubscriberClient } from "@google-cloud/pubsub-api";
import { DatabaseAdminClient, InstanceAdminClient } from "@google-cloud/spanner-api";
import { credentials } from "@grpc/grpc-js";

/** Where the emulators listen: `host:port`, BigQuery's REST with its scheme. */
export interface EmulatorAddresses {
  readonly project: string;
  readonly pubsub: string;
  readonly spanner: string;
  readonly bigqueryRest: string;
  /** Google's emulator of Pub/Sub refuses protobuf schemas, and retention beyond a week. */
  readonly isGooglesPubsub: boolean;
}

/** Inputs of one kind of resource as the program declares them, every output resolved. */
interface Inputs {
  readonly "gcp:pubsub/schema:Schema": { name: string; definition: string };
  readonly "gcp:pubsub/topic:Topic": {
    name: string;
    messageRetentionDuration: string;
    messageStoragePolicy: { allowedPersistenceRegions: string[] };
    schemaSettings?: { schema: string; encoding: "BINARY" };
  };
  readonly "gcp:pubsub/subscription:Subscription": {
    name: string;
    topic: string;
    filter?: string;
    enableMessageOrdering?: boolean;
    enableExactlyOnceDelivery?: boolean;
    ackDeadlineSeconds?: number;
    messageRetentionDuration?: string;
    retryPolicy?: { minimumBackoff: string; maximumBackoff: string };
    deadLetterPolicy?: { deadLetterTopic: string; maxDeliveryAttempts: number };
    bigqueryConfig?: { table: string; useTopicSchema: boolean; writeMetadata: boolean };
  };
  readonly "gcp:spanner/instance:Instance": { name: string; displayName: string; config: string };
  readonly "gcp:spanner/database:Database": {
    name: string;
    instance: string;
    ddls: readonly string[];
  };
  readonly "gcp:bigquery/dataset:Dataset": { datasetId: string; location: string };
  readonly "gcp:bigquery/table:Table": {
    datasetId: string;
    tableId: string;
    schema?: string;
    view?: { query: string; useLegacySql: boolean };
    description: string;
    tableConstraints?: object;
    timePartitioning?: object;
    clusterings?: readonly string[];
    maxStaleness?: string;
  };
}
export type EmulatedKind = keyof Inputs;

/** The inputs of each kind that the emulators are given. */
export const emulatedInputs: { readonly [Kind in EmulatedKind]: readonly (keyof Inputs[Kind])[] } =
  {
    "gcp:pubsub/schema:Schema": ["name", "definition"],
    "gcp:pubsub/topic:Topic": [
      "name",
      "messageRetentionDuration",
      "messageStoragePolicy",
      "schemaSettings",
    ],
    "gcp:pubsub/subscription:Subscription": [
      "name",
      "topic",
      "filter",
      "enableMessageOrdering",
      "enableExactlyOnceDelivery",
      "ackDeadlineSeconds",
      "messageRetentionDuration",
      "retryPolicy",
      "deadLetterPolicy",
      "bigqueryConfig",
    ],
    "gcp:spanner/instance:Instance": ["name", "displayName", "config"],
    "gcp:spanner/database:Database": ["name", "instance", "ddls"],
    "gcp:bigquery/dataset:Dataset": ["datasetId", "location"],
    "gcp:bigquery/table:Table": [
      "datasetId",
      "tableId",
      "schema",
      "view",
      "description",
      "tableConstraints",
      "timePartitioning",
      "clusterings",
      "maxStaleness",
    ],
  };

/** Creates each kind in the emulators and gives what Pulumi would call its id. */
export type Creators = {
  readonly [Kind in EmulatedKind]: (inputs: Inputs[Kind]) => Promise<string>;
};

const WEEK_SECONDS = 7 * 86_400;

/** Creators by the official clients. What exists already is left as it is. */
export function createCreators(addresses: EmulatorAddresses): Creators {
  const { project, bigqueryRest, isGooglesPubsub } = addresses;
  const publisher = new PublisherClient(optionsAt(addresses.pubsub, project));
  const subscriber = new SubscriberClient(optionsAt(addresses.pubsub, project));
  const schemas = new SchemaServiceClient(optionsAt(addresses.pubsub, project));
  const instances = new InstanceAdminClient(optionsAt(addresses.spanner, project));
  const databases = new DatabaseAdminClient(optionsAt(addresses.spanner, project));
  const bigquery = new BigQuery({ projectId: project, apiEndpoint: bigqueryRest });
  const named = (kind: string, name: string): string => `projects/${project}/${kind}/${name}`;
  return {
    "gcp:pubsub/schema:Schema": async ({ name, definition }) => {
      const schema = { type: "PROTOCOL_BUFFER" as const, definition };
      const parent = `projects/${project}`;
      const request = { parent, schemaId: name, schema };
      if (!isGooglesPubsub) await unlessThere(schemas.createSchema(request));
      return named("schemas", name);
    },
    "gcp:pubsub/topic:Topic": async ({ name, messageRetentionDuration, ...inputs }) => {
      const topic = {
        name: named("topics", name),
        messageRetentionDuration: seconds(messageRetentionDuration),
        messageStoragePolicy: inputs.messageStoragePolicy,
        schemaSettings: isGooglesPubsub ? null : (inputs.schemaSettings ?? null),
      };
      await unlessThere(publisher.createTopic(topic));
      return topic.name;
    },
    "gcp:pubsub/subscription:Subscription": async ({ name, ...inputs }) => {
      const subscription = subscriptionOf(named("subscriptions", name), inputs);
      const retention = subscription.messageRetentionDuration;
      if (isGooglesPubsub) retention.seconds = Math.min(retention.seconds, WEEK_SECONDS);
      await unlessThere(subscriber.createSubscription(subscription));
      return subscription.name;
    },
    "gcp:spanner/instance:Instance": async ({ name, displayName, config }) => {
      const instance = { config: named("instanceConfigs", config), displayName, nodeCount: 1 };
      const parent = `projects/${project}`;
      const [operation] = await unlessThere(
        instances.createInstance({ parent, instanceId: name, instance }),
        [],
      );
      await operation?.promise();
      return `${project}/${name}`;
    },
    "gcp:spanner/database:Database": async ({ name, instance, ddls }) => {
      const [operation] = await unlessThere(
        databases.createDatabase({
          parent: named("instances", instance),
          createStatement: `CREATE DATABASE \`${name}\``,
          extraStatements: [...ddls],
        }),
        [],
      );
      await operation?.promise();
      return `${instance}/${name}`;
    },
    "gcp:bigquery/dataset:Dataset": async ({ datasetId, location }) => {
      await unlessThere(bigquery.createDataset(datasetId, { location }));
      return named("datasets", datasetId);
    },
    "gcp:bigquery/table:Table": async ({ datasetId, tableId, schema, ...inputs }) => {
      const { clusterings, ...settings } = inputs;
      const table = {
        ...settings,
        ...(schema === undefined ? {} : { schema: { fields: JSON.parse(schema) } }),
        ...(clusterings === undefined ? {} : { clustering: { fields: [...clusterings] } }),
      };
      await unlessThere(bigquery.dataset(datasetId).createTable(tableId, table));
      return `${named("datasets", datasetId)}/tables/${tableId}`;
    },
  };
}

function optionsAt(address: string, projectId: string) {
  const [apiEndpoint = "", port = ""] = address.split(":");
  return { projectId, apiEndpoint, port: Number(port), sslCreds: credentials.createInsecure() };
}

function subscriptionOf(
  name: string,
  inputs: Omit<Inputs["gcp:pubsub/subscription:Subscription"], "name">,
) {
  const { retryPolicy, deadLetterPolicy, bigqueryConfig } = inputs;
  return {
    name,
    topic: inputs.topic,
    filter: inputs.filter ?? "",
    enableMessageOrdering: inputs.enableMessageOrdering ?? false,
    enableExactlyOnceDelivery: inputs.enableExactlyOnceDelivery ?? false,
    ackDeadlineSeconds: inputs.ackDeadlineSeconds ?? 10,
    messageRetentionDuration: seconds(inputs.messageRetentionDuration ?? "604800s"),
    expirationPolicy: {},
    retryPolicy:
      retryPolicy === undefined
        ? null
        : {
            minimumBackoff: seconds(retryPolicy.minimumBackoff),
            maximumBackoff: seconds(retryPolicy.maximumBackoff),
          },
    deadLetterPolicy: deadLetterPolicy ?? null,
    bigqueryConfig: bigqueryConfig ?? null,
  };
}

function seconds(duration: string): { seconds: number } {
  return { seconds: Number(duration.replace(/s$/, "")) };
}

const GRPC_ALREADY_EXISTS = 6;
const HTTP_CONFLICT = 409;

/** The call's result, or `fallback` where the resource is there already. */
async function unlessThere<Result, Fallback = undefined>(
  call: Promise<Result>,
  fallback?: Fallback,
): Promise<Result | Fallback> {
  try {
    return await call;
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : 0;
    if (code !== GRPC_ALREADY_EXISTS && code !== HTTP_CONFLICT) throw error;
    return fallback as Fallback; // Absent only where Fallback is undefined.
  }
}
