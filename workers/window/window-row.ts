import { formatNanos } from "../../shared/core/money.ts";
import type { WindowRow } from "../../shared/core/window/window-engine.ts";
import type { Upsert } from "../../shared/io/table-writer.ts";

const timingRank = { early: 0, onTime: 1, late: 2 } as const;

/**
 * Windows' results as the upserts of their rows in `auction_counts`, ordered by the auction's revision.
 * Windows of one auction that hold the same bids follow one another: their prices are written once.
 */
export function countUpserts(rows: readonly WindowRow[], region: string): Upsert[] {
  const [sum, min, max] = [new PriceText(), new PriceText(), new PriceText()];
  return rows.map((row) => ({
    row: {
      window_size_s: row.sizeMs / 1000,
      window_slide_s: row.slideMs / 1000,
      auction_id: row.auctionId,
      window_start: row.startMs * 1000,
      window_end: (row.startMs + row.sizeMs) * 1000,
      region,
      bid_count: row.bidCount,
      price_sum: sum.of(row.priceSumNanos),
      price_min: min.of(row.priceMinNanos),
      price_max: max.of(row.priceMaxNanos),
      first_bid_time: row.firstBidUs,
      last_bid_time: row.lastBidUs,
      revision: row.revision,
      pane_timing: row.timing,
    },
    sequence: `${row.revision.toString(16)}/${timingRank[row.timing]}`,
  }));
}

/** The text of a price, kept for the next row. */
class PriceText {
  #nanos = 0n;
  #text = formatNanos(0n);

  of(nanos: bigint): string {
    if (nanos === this.#nanos) return this.#text;
    this.#nanos = nanos;
    this.#text = formatNanos(nanos);
    return this.#text;
  }
}
