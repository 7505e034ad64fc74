import { formatNanos } from "../../shared/core/money.ts";
import type { WindowRow } from "../../shared/core/window/window-rows.ts";
import type { UpsertEncoder } from "../../shared/wire/upsert-encoder.ts";

const timingRank = { early: 0, onTime: 1, late: 2 } as const;

/**
 * Writes windows' results as rows of `auction_counts`, ordered by the auction's revision. Windows of one
 * auction that hold the same bids follow one another: their prices are made into text once.
 */
export class CountRowWriter {
  readonly #region: string;
  readonly #sum = new PriceText();
  readonly #min = new PriceText();
  readonly #max = new PriceText();

  constructor(region: string) {
    this.#region = region;
  }

  /** Gives the encoder one row, value by value in the order of the table's columns. */
  write(row: Readonly<WindowRow>, encoder: UpsertEncoder): void {
    encoder.next(row.sizeMs / 1000);
    encoder.next(row.slideMs / 1000);
    encoder.next(row.auctionId);
    encoder.next(row.startMs * 1000);
    encoder.next((row.startMs + row.sizeMs) * 1000);
    encoder.next(this.#region);
    encoder.next(row.bidCount);
    encoder.next(this.#sum.of(row.priceSumNanos));
    encoder.next(this.#min.of(row.priceMinNanos));
    encoder.next(this.#max.of(row.priceMaxNanos));
    encoder.next(row.firstBidUs);
    encoder.next(row.lastBidUs);
    encoder.next(row.revision);
    encoder.next(row.timing);
    encoder.end(`${row.revision.toString(16)}/${timingRank[row.timing]}`);
  }
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
