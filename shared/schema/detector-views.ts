import type { ViewSpec } from "./table-spec.ts";

const segmentCounts: ViewSpec = {
  name: "segment_counts",
  description: "Bids of segments by slice, gross and net of the spans that reviewers confirmed.",
  queryOf: (path) => `SELECT segment, slice_start, bid_count AS gross_bid_count,
  IF(is_confirmed, 0, bid_count) AS net_bid_count,
  price_sum AS gross_price_sum, IF(is_confirmed, 0, price_sum) AS net_price_sum, is_confirmed
FROM (
  SELECT slices.segment, slices.slice_start, slices.bid_count, slices.price_sum,
    COUNT(flags.flag_id) > 0 AS is_confirmed
  FROM ${path("segment_windows")} AS slices
  LEFT JOIN ${path("bot_flags")} AS flags
    ON flags.segment = slices.segment AND flags.review_state = 'confirmed'
    AND slices.slice_start >= flags.start_time AND slices.slice_start < flags.end_time
  GROUP BY slices.segment, slices.slice_start, slices.bid_count, slices.price_sum
)`,
};

const auctionBids: ViewSpec = {
  name: "auction_bids",
  description:
    "Bids of auctions from the archive, each bid id once, gross and net of the spans that reviewers confirmed.",
  queryOf: (path) => `SELECT auction_id, region, COUNT(*) AS gross_bid_count,
  COUNTIF(NOT is_confirmed) AS net_bid_count,
  SUM(price_nanos) / 1000000000 AS gross_price_sum,
  SUM(IF(is_confirmed, 0, price_nanos)) / 1000000000 AS net_price_sum
FROM (
  SELECT bids.auction_id, bids.region, bids.bid_id, bids.price_nanos,
    COUNT(flags.flag_id) > 0 AS is_confirmed
  FROM (
    SELECT auction_id, ANY_VALUE(region) AS region, bid_id, ANY_VALUE(segment) AS segment,
      MIN(event_time) AS event_time, MIN(price_nanos) AS price_nanos
    FROM ${path("events_raw")}
    WHERE type = 'bid'
    GROUP BY auction_id, bid_id
  ) AS bids
  LEFT JOIN ${path("bot_flags")} AS flags
    ON flags.segment = bids.segment AND flags.review_state = 'confirmed'
    AND bids.event_time >= flags.start_time AND bids.event_time < flags.end_time
  GROUP BY bids.auction_id, bids.region, bids.bid_id, bids.price_nanos
)
GROUP BY auction_id, region`,
};

/** Counts without what turned out to be bots. */
export const detectorViews: readonly ViewSpec[] = [segmentCounts, auctionBids];
