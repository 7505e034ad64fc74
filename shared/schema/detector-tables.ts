import { nullable, repeated, required, type TableSpec } from "./table-spec.ts";

const segmentWindows: TableSpec = {
  name: "segment_windows",
  description:
    "What the detector read of every segment in every closed slice, and what it expected.",
  cdc: true,
  primaryKey: ["segment", "slice_start"],
  partitionBy: "slice_start",
  clusterBy: ["segment"],
  columns: [
    required("segment", "STRING", "The user segment."),
    required("slice_start", "TIMESTAMP", "First instant of the slice."),
    required("slice_ms", "INT64", "Length of the slice, milliseconds."),
    required("bid_count", "INT64", "Distinct bids whose event time lies in the slice."),
    nullable("price_sum", "FLOAT64", "Sum of their prices, currency units."),
    nullable("price_p50", "FLOAT64", "Median price."),
    nullable("price_p90", "FLOAT64", "90th percentile of the price."),
    nullable("top_price_share", "FLOAT64", "Share of the commonest price, 0 to 1."),
    nullable("user_count", "INT64", "Distinct users, an estimate where they are many."),
    nullable("new_user_share", "FLOAT64", "Share of the users not seen lately, 0 to 1."),
    nullable("interval_cv", "FLOAT64", "Spread over mean of the time between bids."),
    nullable("win_count", "INT64", "Wins."),
    nullable("click_count", "INT64", "Clicks."),
    nullable("seat_count", "INT64", "Distinct seats, an estimate where they are many."),
    required("expected_bids", "FLOAT64", "The bid count that the segment's past expects."),
    required("expected_spread", "FLOAT64", "Standard deviation over mean of the expected count."),
    required("nats", "FLOAT64", "Surprise; 0 while the baseline learns."),
    required("is_learning", "BOOL", "Whether too little was seen to judge the slice."),
    required("fleet_nats", "FLOAT64", "Surprise at all segments together; -1 while many are dark."),
    repeated("regions", "STRING", "Regions whose events were in; the others were dark."),
  ],
};

const botFlags: TableSpec = {
  name: "bot_flags",
  description: "Suspicious spans of segments, one row a flag, replaced by version.",
  cdc: true,
  primaryKey: ["flag_id"],
  partitionBy: "start_time",
  clusterBy: ["segment"],
  columns: [
    required("flag_id", "STRING", "The segment and the span's start."),
    required("segment", "STRING", "The user segment."),
    required("start_time", "TIMESTAMP", "First instant of the span."),
    required("end_time", "TIMESTAMP", "First instant after the span."),
    required("detected_at", "TIMESTAMP", "End of the slice that reached the threshold."),
    required("is_closed", "BOOL", "Whether the span has ended."),
    required("severity", "STRING", "low | medium | high."),
    required("score", "FLOAT64", "Highest surprise, nats."),
    required("reasons", "JSON", "Reasons in MRC's words, the strongest first."),
    required("bid_count", "INT64", "Bids of the span."),
    required("expected_bids", "FLOAT64", "How many of them the past expected."),
    required("review_state", "STRING", "open | claimed | confirmed | dismissed."),
    nullable("claimed_by", "STRING", "Who looks at it."),
    nullable("decided_by", "STRING", "Who confirmed or dismissed it."),
    nullable("decision_reason", "STRING", "Why."),
    required("version", "INT64", "Which change of the flag the row is of."),
  ],
};

/** What the detector writes. */
export const detectorTables: readonly TableSpec[] = [segmentWindows, botFlags];
