/**
 * What the system's parts are called and how they are set, declared once: infra provisions from it (in
 * the cloud, and in the emulators on a laptop), workers read it. Plain data, no imports.
 */

/** Regions that events come from, each with its own workers, subscriptions and `counts` database. */
export const regions = ["us", "eu", "apac"] as const;
export type RegionName = (typeof regions)[number];

/** Where each region's resources live on Google Cloud. */
export const cloudRegions: Readonly<Record<RegionName, string>> = {
  us: "us-central1",
  eu: "europe-west1",
  apac: "asia-northeast1",
};

/** The project id of local runs. */
export const localProject = "gavel-local";

export const eventSchema = {
  name: "auction-event",
  /** Fully qualified message type of every revision. */
  messageType: "gavel.v1.AuctionEvent",
  encoding: "BINARY",
} as const;

export const topics = {
  auctionEvents: { name: "auction-events", schema: eventSchema.name, retentionS: 7 * 86_400 },
  botFlags: { name: "bot-flags", schema: undefined, retentionS: 7 * 86_400 },
  /** Where Pub/Sub moves what a worker failed on again and again; it has a subscription of its own. */
  deadLetters: { name: "dead-letters", schema: undefined, retentionS: 31 * 86_400 },
} as const;

/** Where a person looks at what failed. It has no dead letters of its own. */
export const deadLetterSubscription = "dead-letters";

/** Attributes that every message of `auction-events` carries; filters see nothing else. */
export const eventAttributes = { region: "region", type: "type" } as const;

/** Kinds of pull worker, and the event types each of them reads. */
export const workerKinds = {
  window: { types: ["bid", "win", "click"] },
  settlement: { types: ["win", "billing", "loss", "payment", "void"] },
} as const;
export type WorkerKind = keyof typeof workerKinds;

/** Settings of one pull subscription, in Pub/Sub's words. */
export interface SubscriptionSpec {
  readonly name: string;
  readonly topic: string;
  readonly filter: string;
  readonly ordered: boolean;
  readonly exactlyOnce: boolean;
  /** How long a delivery is leased before it comes again. 10 to 600 s. */
  readonly ackDeadlineS: number;
  /** Redelivery backoff after a nack. 0 to 600 s. */
  readonly retryMinS: number;
  readonly retryMaxS: number;
  /** How long an unacked message is kept. 600 s to 31 days. */
  readonly retentionS: number;
  /** Attempts before the message moves to the dead-letter topic, 5 to 100; undefined keeps it here. */
  readonly deadLetterAttempts: number | undefined;
}

const SUBSCRIPTION_RETENTION_S = 7 * 86_400;
/**
 * Our workers dead-letter what can never succeed by themselves at the first attempt. What reaches this
 * bound failed for the world's sake, for over an hour at the backoff below.
 */
const DEAD_LETTER_ATTEMPTS = 100;

/** The subscription of one kind of worker in one region, e.g. `window-us`. */
export function subscriptionOf(kind: WorkerKind, region: RegionName): SubscriptionSpec {
  const types = workerKinds[kind].types.map((type) => `attributes.type = "${type}"`);
  return {
    name: `${kind}-${region}`,
    topic: topics.auctionEvents.name,
    filter: `attributes.region = "${region}" AND (${types.join(" OR ")})`,
    ordered: true,
    exactlyOnce: true,
    ackDeadlineS: 30,
    retryMinS: 1,
    retryMaxS: 60,
    retentionS: SUBSCRIPTION_RETENTION_S,
    deadLetterAttempts: DEAD_LETTER_ATTEMPTS,
  };
}

/** Every pull subscription of a system that runs in these regions. */
export function pullSubscriptions(
  served: readonly RegionName[] = regions,
): readonly SubscriptionSpec[] {
  const kinds: readonly WorkerKind[] = ["window", "settlement"];
  const review = plainSubscription(
    "bot-flags-review",
    topics.botFlags.name,
    SUBSCRIPTION_RETENTION_S,
  );
  return [
    ...kinds.flatMap((kind) => served.map((region) => subscriptionOf(kind, region))),
    plainSubscription(deadLetterSubscription, topics.deadLetters.name, 31 * 86_400),
    { ...review, deadLetterAttempts: DEAD_LETTER_ATTEMPTS },
  ];
}

function plainSubscription(name: string, topic: string, retentionS: number): SubscriptionSpec {
  return {
    name,
    topic,
    filter: "",
    ordered: false,
    exactlyOnce: false,
    ackDeadlineS: 60,
    retryMinS: 10,
    retryMaxS: 600,
    retentionS,
    deadLetterAttempts: undefined,
  };
}

/** The subscription that writes every event into BigQuery without code of ours. */
export const archiveSubscription = {
  name: "events-raw",
  topic: topics.auctionEvents.name,
  table: "events_raw",
  /** What the table refuses moves to the dead letters instead of holding up its ordering key. */
  deadLetterAttempts: DEAD_LETTER_ATTEMPTS,
} as const;

/** Topics that Pub/Sub fills from an exchange's Kafka or Kinesis, each with a subscription of its name. */
export const eventImports = {
  nameOf: (source: string) => `import-${source}`,
  account: "gavel-import",
  ackDeadlineS: 30,
  retentionS: SUBSCRIPTION_RETENTION_S,
  deadLetterAttempts: DEAD_LETTER_ATTEMPTS,
} as const;

/** The secret that holds every source's signing keys, as JSON that `ingest` reads. */
export const ingestKeysSecret = "ingest-keys";

/** Message of the log line by which a worker without a parent process tells its metrics. */
export const metricsMessage = "metrics";

/** Spanner: one regional instance and `counts` database a region, one multi-region `ledger`. */
export const databases = {
  counts: { name: "counts", instanceOf: (region: RegionName) => `gavel-counts-${region}` },
  ledger: { name: "ledger", instance: "gavel-ledger", config: "nam-eur-asia1" },
} as const;

/** Shards that segments are spread over: what one detector at a time reads and judges. */
export const segmentShards = 8;

/** Rows that a seat's balance in a currency is spread over; `AccountBalances` checks the same number. */
export const balanceShards = 256;

export const dataset = { name: "gavel", location: "US" } as const;

/**
 * How far a day's payments of a seat may miss what it owes before finance is told, in millionths.
 * Source: discrepancies of up to 10 % between two sides' counts are usual in the trade.
 */
export const financeTolerancePpm = 100_000;

/** First choices of local ports; the next free one is taken where another program holds one. */
export const localPorts = {
  pubsub: 8085,
  pubsubUs: 8086,
  pubsubEu: 8087,
  pubsubApac: 8088,
  spanner: 9010,
  bigqueryRest: 9050,
  bigqueryStorage: 9060,
  control: 8090,
  ingest: 8080,
  console: 8070,
  /** Metrics of the window workers. */
  metricsUs: 9101,
  metricsEu: 9102,
  metricsApac: 9103,
} as const;
