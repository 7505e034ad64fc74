/** A BigQuery column. `mode` is NULLABLE unless said otherwise. */
export interface ColumnSpec {
  readonly name: string;
  readonly type:
    | "STRING"
    | "INT64"
    | "BOOL"
    | "TIMESTAMP"
    | "NUMERIC"
    | "JSON"
    | "BYTES"
    | "FLOAT64";
  readonly mode?: "REQUIRED" | "REPEATED";
  readonly description: string;
}

/** A BigQuery table. A table with `cdc` is written by upserts only, ordered by change sequence number. */
export interface TableSpec {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly ColumnSpec[];
  readonly primaryKey?: readonly string[];
  readonly cdc?: true;
  /** Column of a daily partition. */
  readonly partitionBy?: string;
  readonly clusterBy?: readonly string[];
}

/** How old a query of a CDC table may be: INTERVAL text of BigQuery. */
export const CDC_MAX_STALENESS = "0-0 0 0:0:10";

const auctionCounts: TableSpec = {
  name: "auction_counts",
  description:
    "Bids of every auction in every window, one row a window, revised until it is final.",
  cdc: true,
  primaryKey: ["window_size_s", "window_slide_s", "auction_id", "window_start"],
  partitionBy: "window_start",
  clusterBy: ["auction_id"],
  columns: [
    required("window_size_s", "INT64", "Length of the window, seconds."),
    required(
      "window_slide_s",
      "INT64",
      "Step from one window to the next; equal to the size: tumbling.",
    ),
    required("auction_id", "STRING", "The auction."),
    required("window_start", "TIMESTAMP", "First instant of the window."),
    required("window_end", "TIMESTAMP", "First instant after the window."),
    required("region", "STRING", "Home region of the auction."),
    required("bid_count", "INT64", "Distinct bid ids whose event time lies in the window."),
    required("price_sum", "NUMERIC", "Sum of their prices, currency units."),
    required("price_min", "NUMERIC", "Lowest price, currency units."),
    required("price_max", "NUMERIC", "Highest price, currency units."),
    required("first_bid_time", "TIMESTAMP", "Event time of the earliest bid."),
    required("last_bid_time", "TIMESTAMP", "Event time of the latest bid."),
    required(
      "revision",
      "INT64",
      "The auction's revision that the row is of; a later one replaces it.",
    ),
    required(
      "pane_timing",
      "STRING",
      "early | onTime | late: the watermark's place when the row was written.",
    ),
  ],
};

const eventColumns: readonly ColumnSpec[] = [
  required("event_id", "STRING", "Identity of the report."),
  required("type", "STRING", "bid, win, billing, loss, impression, click, payment or void."),
  required("auction_id", "STRING", "The auction."),
  required("bid_id", "STRING", "The bid."),
  required("event_time", "TIMESTAMP", "When it happened, by the exchange's clock."),
  required("region", "STRING", "Home region of the auction."),
  column("seat", "STRING", "The buyer."),
  column("segment", "STRING", "The user segment."),
  column("user_key", "STRING", "Pseudonym of the user."),
  column("publisher", "STRING", "The seller."),
  column("device_type", "INT64", "OpenRTB device type; 0 where unknown."),
  column(
    "price_nanos",
    "INT64",
    "Price in nanos of the currency's unit; 0 where the type has none.",
  ),
  column("currency", "STRING", "ISO 4217 code."),
  column("payment_id", "STRING", "Identity of a payment."),
  column("loss_reason", "INT64", "OpenRTB loss reason code; 0 where unknown."),
  column("source", "STRING", "Who handed the event in."),
  column("deal_id", "STRING", "The private deal."),
];

const eventsRaw: TableSpec = {
  name: "events_raw",
  description: "Every message of the topic, as published, duplicates included: the archive.",
  partitionBy: "event_time",
  clusterBy: ["auction_id"],
  columns: [
    // A BigQuery subscription refuses REQUIRED columns that the schema's proto3 fields cannot promise.
    ...eventColumns.map(({ name, type, description }) => column(name, type, description)),
    column("subscription_name", "STRING", "Written by Pub/Sub: the subscription."),
    column("message_id", "STRING", "Written by Pub/Sub: identity of the message."),
    column("publish_time", "TIMESTAMP", "Written by Pub/Sub: when it took the message."),
    column("attributes", "JSON", "Written by Pub/Sub: the message's attributes."),
  ],
};

const lateEvents: TableSpec = {
  name: "late_events",
  description: "Events that came after their slice was final; counted nowhere else.",
  cdc: true,
  primaryKey: ["bid_id", "type", "event_time"],
  partitionBy: "event_time",
  columns: [
    required("bid_id", "STRING", "The bid."),
    required("type", "STRING", "Type of the event."),
    required("event_time", "TIMESTAMP", "When it happened."),
    required("auction_id", "STRING", "The auction."),
    required("region", "STRING", "Home region of the auction."),
    column("segment", "STRING", "The user segment."),
    required("price", "NUMERIC", "Its price, currency units."),
    required("publish_time", "TIMESTAMP", "When Pub/Sub took it."),
    required("watermark", "TIMESTAMP", "The watermark it was measured against."),
    required("late_by_ms", "INT64", "How far behind the end of its allowed lateness it was."),
  ],
};

const deadLetters: TableSpec = {
  name: "dead_letters",
  description: "Messages that can never succeed, whole, with the reason.",
  cdc: true,
  primaryKey: ["subscription", "message_id"],
  partitionBy: "failed_at",
  clusterBy: ["reason"],
  columns: [
    required("subscription", "STRING", "Where the message was read from, or `ingest`."),
    required("message_id", "STRING", "Pub/Sub's message id."),
    required(
      "failed_at",
      "TIMESTAMP",
      "Publish time of the message, so that a repeat is the same row.",
    ),
    required(
      "reason",
      "STRING",
      "Stable code, e.g. undecodable, tooFarInFuture, conflictingPrice.",
    ),
    required("detail", "STRING", "What is wrong and how to mend it."),
    required("payload", "BYTES", "The message's data."),
    required("attributes", "JSON", "The message's attributes."),
    required("ordering_key", "STRING", "The message's ordering key."),
    required("delivery_attempt", "INT64", "Which delivery failed; 1 where Pub/Sub does not say."),
  ],
};

/** Every table that the pipeline writes, besides the ledger's. */
export const pipelineTables: readonly TableSpec[] = [
  auctionCounts,
  eventsRaw,
  lateEvents,
  deadLetters,
];

/** The table of that name. Throws RangeError where there is none. */
export function tableOf(name: string): TableSpec {
  const table = pipelineTables.find((each) => each.name === name);
  if (table === undefined) throw new RangeError(`there is no table ${name}`);
  return table;
}

function required(name: string, type: ColumnSpec["type"], description: string): ColumnSpec {
  return { name, type, mode: "REQUIRED", description };
}

function column(name: string, type: ColumnSpec["type"], description: string): ColumnSpec {
  return { name, type, description };
}
