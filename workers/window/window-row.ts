import { formatNanos } from "../../shared/core/money.ts";
import type { WindowRow } from "../../shared/core/window/window-engine.ts";
import type { Upsert } from "../../shared/io/table-writer.ts";

const timingRank = { early: 0, onTime: 1, late: 2 } as const;

/** A window's result as the upsert of its row in `auction_counts`, ordered by the auction's revision. */
export function countUpsert(row: WindowRow, region: string): Upsert {
  return {
    row: {
      window_size_s: row.sizeMs / 1000,
      window_slide_s: row.slideMs / 1000,
      auction_id: row.auctionId,
      window_start: row.startMs * 1000,
      window_end: (row.startMs + row.sizeMs) * 1000,
      region,
      bid_count: row.bidCount,
      price_sum: formatNanos(row.priceSumNanos),
      price_min: formatNanos(row.priceMinNanos),
      price_max: formatNanos(row.priceMaxNanos),
      first_bid_time: row.firstBidUs,
      last_bid_time: row.lastBidUs,
      revision: row.revision,
      pane_timing: row.timing,
    },
    sequence: `${row.revision.toString(16)}/${timingRank[row.timing]}`,
  };
}
