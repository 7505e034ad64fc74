import { type ColumnSpec, nullable, required, type TableSpec } from "./table-spec.ts";

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
  nullable("seat", "STRING", "The buyer."),
  nullable("segment", "STRING", "The user segment."),
  nullable("user_key", "STRING", "Pseudonym of the user."),
  nullable("publisher", "STRING", "The seller."),
  nullable("device_type", "INT64", "OpenRTB device type; 0 where unknown."),
  nullable(
    "price_nanos",
    "INT64",
    "Price in nanos of the currency's unit; 0 where the type has none.",
  ),
  nullable("currency", "STRING", "ISO 4217 code."),
  nullable("payment_id", "STRING", "Identity of a payment."),
  nullable("loss_reason", "INT64", "OpenRTB loss reason code; 0 where unknown."),
  nullable("source", "STRING", "Who handed the event in."),
  nullable("deal_id", "STRING", "The private deal."),
];

const eventsRaw: TableSpec = {
  name: "events_raw",
  description: "Every message of the topic, as published, duplicates included: the archive.",
  partitionBy: "event_time",
  clusterBy: ["auction_id"],
  columns: [
    // A BigQuery subscription refuses REQUIRED columns that the schema's proto3 fields cannot promise.
    ...eventColumns.map(({ name, type, description }) => nullable(name, type, description)),
    nullable("subscription_name", "STRING", "Written by Pub/Sub: the subscription."),
    nullable("message_id", "STRING", "Written by Pub/Sub: identity of the message."),
    nullable("publish_time", "TIMESTAMP", "Written by Pub/Sub: when it took the message."),
    nullable("attributes", "JSON", "Written by Pub/Sub: the message's attributes."),
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
    nullable("segment", "STRING", "The user segment."),
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

const regionWatermarks: TableSpec = {
  name: "region_watermarks",
  description: "How far each region's events have been counted; one row a region.",
  cdc: true,
  primaryKey: ["region"],
  columns: [
    required("region", "STRING", "The region."),
    required("watermark", "TIMESTAMP", "Events before it are expected to be in; never moves back."),
    required(
      "final_before",
      "TIMESTAMP",
      "The watermark less the allowed lateness: a window that ends before it is final.",
    ),
    required("held_by", "STRING", "The ordering key that holds the watermark; empty: all idle."),
  ],
};

/** What the window workers and the archive write. */
export const countTables: readonly TableSpec[] = [
  auctionCounts,
  eventsRaw,
  lateEvents,
  deadLetters,
  regionWatermarks,
];
