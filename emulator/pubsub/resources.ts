/** The resources as the wire has them, after decoding: absent messages are null, enums are names. */
export interface Duration {
  readonly seconds: string | number;
  readonly nanos?: number;
}

export interface Timestamp {
  readonly seconds: string | number;
  readonly nanos?: number;
}

export interface FieldMask {
  readonly paths: readonly string[];
}

export type Encoding = "ENCODING_UNSPECIFIED" | "JSON" | "BINARY";

export interface SchemaSettings {
  readonly schema: string;
  readonly encoding: Encoding;
  readonly firstRevisionId?: string;
  readonly lastRevisionId?: string;
}

export interface TopicResource {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly messageStoragePolicy?: {
    readonly allowedPersistenceRegions: readonly string[];
    readonly enforceInTransit?: boolean;
  } | null;
  readonly kmsKeyName?: string;
  readonly schemaSettings?: SchemaSettings | null;
  readonly messageRetentionDuration?: Duration | null;
  readonly state?: string;
  readonly ingestionDataSourceSettings?: object | null;
  readonly messageTransforms?: readonly object[];
}

export interface BigQueryConfig {
  /** `project.dataset.table`. */
  readonly table: string;
  readonly useTopicSchema?: boolean;
  readonly useTableSchema?: boolean;
  readonly writeMetadata?: boolean;
  readonly dropUnknownFields?: boolean;
  readonly state?: "ACTIVE" | "PERMISSION_DENIED" | "NOT_FOUND" | "SCHEMA_MISMATCH";
}

export interface SubscriptionResource {
  readonly name: string;
  readonly topic: string;
  readonly ackDeadlineSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly enableMessageOrdering?: boolean;
  readonly enableExactlyOnceDelivery?: boolean;
  readonly filter?: string;
  readonly retainAckedMessages?: boolean;
  readonly messageRetentionDuration?: Duration | null;
  readonly expirationPolicy?: { readonly ttl?: Duration | null } | null;
  readonly deadLetterPolicy?: {
    readonly deadLetterTopic: string;
    readonly maxDeliveryAttempts?: number;
  } | null;
  readonly retryPolicy?: {
    readonly minimumBackoff?: Duration | null;
    readonly maximumBackoff?: Duration | null;
  } | null;
  readonly detached?: boolean;
  readonly bigqueryConfig?: BigQueryConfig | null;
  readonly topicMessageRetentionDuration?: Duration | null;
  readonly state?: "ACTIVE" | "RESOURCE_ERROR";
  readonly pushConfig?: { readonly pushEndpoint?: string } | null;
  readonly cloudStorageConfig?: object | null;
  readonly bigtableConfig?: object | null;
  readonly messageTransforms?: readonly object[];
}

export interface SnapshotResource {
  readonly name: string;
  readonly topic: string;
  readonly expireTime: Timestamp;
  readonly labels: Readonly<Record<string, string>>;
}

export interface SchemaResource {
  readonly name: string;
  readonly type: "TYPE_UNSPECIFIED" | "PROTOCOL_BUFFER" | "AVRO";
  readonly definition: string;
  readonly revisionId?: string;
  readonly revisionCreateTime?: Timestamp | null;
}

/** What the service shows where the topic or schema that a resource names is deleted. */
export const DELETED_TOPIC = "_deleted-topic_";
export const DELETED_SCHEMA = "_deleted-schema_";

export function millisecondsOf(time: Duration | Timestamp): number {
  return Number(time.seconds) * 1000 + (time.nanos ?? 0) / 1_000_000;
}

export function timestampOf(timeMs: number): Timestamp {
  const seconds = Math.floor(timeMs / 1000);
  return { seconds, nanos: Math.round((timeMs - seconds * 1000) * 1_000_000) };
}
