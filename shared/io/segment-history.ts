import { BigQuery } from "@google-cloud/bigquery";
import type { PastSlice } from "../core/detector/review-baseline.ts";
import type { JudgedSegment } from "../core/watch/shard-watch.ts";
import { dataset } from "../names.ts";
import type { Upsert } from "./table-writer.ts";

/** One slice of a segment as `segment_windows` holds it. */
export interface SegmentWindow extends PastSlice {
  readonly expectedBids: number;
  /** Standard deviation over mean of the expected count. */
  readonly expectedSpread: number;
  readonly nats: number;
  readonly isLearning: boolean;
  readonly regions: readonly string[];
}

/** A judged slice as the upsert of its row in `segment_windows`. Judging it again gives the same row. */
export function windowUpsert(
  { statistics, verdict, fleetNats, regions }: JudgedSegment,
  sliceMs: number,
): Upsert {
  const row = {
    segment: statistics.segment,
    slice_start: statistics.sliceStartMs * 1000,
    slice_ms: sliceMs,
    bid_count: statistics.bidCount,
    price_sum: statistics.priceSum,
    price_p50: statistics.priceP50,
    price_p90: statistics.priceP90,
    top_price_share: statistics.topPriceShare,
    user_count: statistics.userCount,
    new_user_share: statistics.newUserShare,
    interval_cv: statistics.intervalCv,
    win_count: statistics.winCount,
    click_count: statistics.clickCount,
    seat_count: statistics.seatCount,
    expected_bids: verdict.expectedBids,
    expected_spread: verdict.expectedSpread,
    nats: verdict.verdict.nats,
    is_learning: verdict.verdict.isLearning,
    fleet_nats: fleetNats,
    regions,
  };
  const known = Object.entries(row).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { row: Object.fromEntries(known), sequence: "0" };
}

/** A segment's slices in `[fromMs, untilMs)`, in order. */
export async function readSegmentWindows(
  bigquery: BigQuery,
  { segment, fromMs, untilMs }: { segment: string; fromMs: number; untilMs: number },
): Promise<SegmentWindow[]> {
  const [rows] = await bigquery.query({
    query: `SELECT * FROM \`${dataset.name}.segment_windows\`
      WHERE segment = @segment AND slice_start >= @from AND slice_start < @until
      ORDER BY slice_start`,
    params: {
      segment,
      from: BigQuery.timestamp(new Date(fromMs)),
      until: BigQuery.timestamp(new Date(untilMs)),
    },
  });
  return rows.map(windowOf);
}

interface WindowRow {
  readonly segment: string;
  readonly slice_start: { readonly value: string };
  readonly regions: readonly string[];
  readonly is_learning: boolean;
  readonly [column: string]: unknown;
}

function windowOf(read: object): SegmentWindow {
  // The table's columns are declared in shared/schema; the client types a row as anything.
  const row = read as WindowRow;
  const number = (name: string): number | undefined => {
    const value = row[name];
    return typeof value === "number" ? value : undefined;
  };
  return {
    slice: {
      segment: row.segment,
      sliceStartMs: Date.parse(row.slice_start.value),
      bidCount: number("bid_count") ?? 0,
      priceSum: number("price_sum"),
      priceP50: number("price_p50"),
      priceP90: number("price_p90"),
      topPriceShare: number("top_price_share"),
      userCount: number("user_count"),
      newUserShare: number("new_user_share"),
      intervalCv: number("interval_cv"),
      winCount: number("win_count"),
      clickCount: number("click_count"),
      seatCount: number("seat_count"),
    },
    fleetNats: number("fleet_nats") ?? 0,
    expectedBids: number("expected_bids") ?? 0,
    expectedSpread: number("expected_spread") ?? 0,
    nats: number("nats") ?? 0,
    isLearning: row.is_learning,
    regions: row.regions,
  };
}
