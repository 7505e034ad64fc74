import type { EmulatedKind } from "./emulated-resources.ts";

const NO_IDENTITIES = "the emulators let everybody in: there is nobody to grant anything to";
const NO_MACHINES = "`npx gavel start` runs the same programs as processes of this machine";
const NO_MONITORING = "workers send their metrics to the process that started them";
const NO_ENCRYPTION = "the emulators keep everything in memory";
const NO_PROJECT = "there is no project whose services could be turned on";

/** Kinds of resource that have no effect on a laptop, and why. A kind in no list is an error. */
export const cloudOnlyKinds: Readonly<Record<string, string>> = {
  "gcp:projects/service:Service": NO_PROJECT,
  "gcp:projects/serviceIdentity:ServiceIdentity": NO_PROJECT,
  "gcp:serviceaccount/account:Account": NO_IDENTITIES,
  "gcp:projects/iAMCustomRole:IAMCustomRole": NO_IDENTITIES,
  "gcp:projects/iAMMember:IAMMember": NO_IDENTITIES,
  "gcp:pubsub/topicIAMMember:TopicIAMMember": NO_IDENTITIES,
  "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": NO_IDENTITIES,
  "gcp:spanner/databaseIAMMember:DatabaseIAMMember": NO_IDENTITIES,
  "gcp:bigquery/datasetIamMember:DatasetIamMember": NO_IDENTITIES,
  "gcp:bigquery/iamMember:IamMember": NO_IDENTITIES,
  "gcp:bigquery/connectionIamMember:ConnectionIamMember": NO_IDENTITIES,
  "gcp:bigquery/rowAccessPolicy:RowAccessPolicy": NO_IDENTITIES,
  "gcp:datacatalog/taxonomy:Taxonomy": NO_IDENTITIES,
  "gcp:datacatalog/policyTag:PolicyTag": NO_IDENTITIES,
  "gcp:datacatalog/policyTagIamMember:PolicyTagIamMember": NO_IDENTITIES,
  "gcp:secretmanager/secretIamMember:SecretIamMember": NO_IDENTITIES,
  "gcp:serviceaccount/iAMMember:IAMMember": NO_IDENTITIES,
  "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": NO_IDENTITIES,
  "gcp:iap/webCloudRunServiceIamMember:WebCloudRunServiceIamMember": NO_IDENTITIES,
  "gcp:secretmanager/secret:Secret": "local runs of ingest take their keys from a variable",
  "gcp:bigquery/connection:Connection": "the BigQuery emulator has no EXTERNAL_QUERY",
  "gcp:bigquery/dataTransferConfig:DataTransferConfig": "the BigQuery emulator schedules nothing",
  "gcp:spanner/backupSchedule:BackupSchedule": "the Spanner emulator forgets all when it ends",
  "gcp:cloudrunv2/workerPool:WorkerPool": NO_MACHINES,
  "gcp:cloudrunv2/service:Service": NO_MACHINES,
  "gcp:artifactregistry/repository:Repository": NO_MACHINES,
  "gcp:kms/keyRing:KeyRing": NO_ENCRYPTION,
  "gcp:kms/cryptoKey:CryptoKey": NO_ENCRYPTION,
  "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": NO_ENCRYPTION,
  "gcp:logging/metric:Metric": NO_MONITORING,
  "gcp:monitoring/dashboard:Dashboard": NO_MONITORING,
  "gcp:monitoring/alertPolicy:AlertPolicy": NO_MONITORING,
  "gcp:monitoring/notificationChannel:NotificationChannel": NO_MONITORING,
  "gcp:billing/budget:Budget": "nothing here costs anything",
};

const PROTECTION = "what is in memory is gone at the end anyhow";

/** Inputs of emulated kinds that have no effect on a laptop, and why. */
export const cloudOnlyInputs: Readonly<Record<EmulatedKind, Readonly<Record<string, string>>>> = {
  "gcp:pubsub/schema:Schema": { type: "every schema of ours is PROTOCOL_BUFFER" },
  "gcp:pubsub/topic:Topic": {
    kmsKeyName: NO_ENCRYPTION,
    ingestionDataSourceSettings: "there is no other cloud to read from",
  },
  "gcp:pubsub/subscription:Subscription": { expirationPolicy: "no local run lasts 31 days" },
  "gcp:spanner/instance:Instance": {
    processingUnits: "the emulator is as fast as the machine",
    edition: "the emulator has one",
    defaultBackupScheduleType: PROTECTION,
    forceDestroy: PROTECTION,
  },
  "gcp:spanner/database:Database": {
    deletionProtection: PROTECTION,
    enableDropProtection: PROTECTION,
    versionRetentionPeriod: PROTECTION,
    encryptionConfig: NO_ENCRYPTION,
  },
  "gcp:bigquery/dataset:Dataset": {
    description: "nobody browses the emulator",
    defaultEncryptionConfiguration: NO_ENCRYPTION,
  },
  "gcp:bigquery/table:Table": { deletionProtection: PROTECTION },
};
