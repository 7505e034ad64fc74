import type { BigQuery } from "@google-cloud/bigquery";
import { dataset } from "../../../shared/names.ts";

/** One window of one auction as the page shows it. Prices are decimal text in currency units. */
export interface WindowCount {
  readonly auctionId: string;
  readonly region: string;
  readonly startMs: number;
  readonly bids: number;
  readonly priceMin: string;
  readonly priceMax: string;
  readonly isFinal: boolean;
}

/** The windows of all auctions of one region. */
export interface RegionWindows {
  readonly region: string;
  readonly open: number;
  readonly final: number;
  /** Start of the earliest open window; null where none is open. */
  readonly oldestOpenMs: number | null;
}

export interface DeadLetterView {
  readonly total: number;
  readonly byReason: readonly { readonly reason: string; readonly count: number }[];
  readonly newest: readonly {
    readonly messageId: string;
    readonly subscription: string;
    readonly reason: string;
    readonly detail: string;
    readonly failedAtMs: number;
  }[];
}

const path = (table: string): string => `\`${dataset.name}.${table}\``;

const windowColumns = `auction_id AS auctionId, region, UNIX_MILLIS(window_start) AS startMs,
  bid_count AS bids, CAST(price_min AS STRING) AS priceMin, CAST(price_max AS STRING) AS priceMax,
  is_final AS isFinal`;
const recent = `window_size_s = @windowS AND window_slide_s = @windowS
  AND window_start >= TIMESTAMP_MILLIS(@fromMs)`;
const NEWEST_DEAD_LETTERS = 8;

/** Asks BigQuery what the Counts page shows. */
export class CountsQuery {
  readonly #bigquery: BigQuery;
  readonly #windowS: number;

  constructor(bigquery: BigQuery, windowS: number) {
    this.#bigquery = bigquery;
    this.#windowS = windowS;
  }

  /** The windows from `fromMs` on of the auctions that took most bids in them. */
  topAuctions(fromMs: number, auctionsMax: number): Promise<readonly WindowCount[]> {
    return this.#rows<WindowCount>(
      `SELECT ${windowColumns} FROM ${path("auction_windows")}
WHERE ${recent} AND auction_id IN (
  SELECT auction_id FROM ${path("auction_counts")} WHERE ${recent}
  GROUP BY auction_id ORDER BY SUM(bid_count) DESC, auction_id LIMIT ${auctionsMax}
)`,
      { windowS: this.#windowS, fromMs },
    );
  }

  /** The newest windows of some auctions, whenever they were. */
  auctions(auctionIds: readonly string[], windowsMax: number): Promise<readonly WindowCount[]> {
    return this.#rows<WindowCount>(
      `SELECT ${windowColumns} FROM ${path("auction_windows")}
WHERE window_size_s = @windowS AND window_slide_s = @windowS AND auction_id IN UNNEST(@auctionIds)
QUALIFY ROW_NUMBER() OVER (PARTITION BY auction_id ORDER BY window_start DESC) <= ${windowsMax}`,
      { windowS: this.#windowS, auctionIds: [...auctionIds] },
    );
  }

  /** How many windows are open and final in each region, from `fromMs` on. */
  regionWindows(fromMs: number): Promise<readonly RegionWindows[]> {
    return this.#rows<RegionWindows>(
      `SELECT region, COUNTIF(NOT is_final) AS open, COUNTIF(is_final) AS final,
  MIN(IF(is_final, NULL, UNIX_MILLIS(window_start))) AS oldestOpenMs
FROM ${path("auction_windows")}
WHERE window_start >= TIMESTAMP_MILLIS(@fromMs) AND window_size_s = @windowS
GROUP BY region`,
      { fromMs, windowS: this.#windowS },
    );
  }

  async lateEvents(): Promise<number> {
    const [row] = await this.#rows<{ count: number }>(
      `SELECT COUNT(*) AS count FROM ${path("late_events")}`,
    );
    return row?.count ?? 0;
  }

  async deadLetters(): Promise<DeadLetterView> {
    const [byReason, newest] = await Promise.all([
      this.#rows<{ reason: string; count: number }>(
        `SELECT reason, COUNT(*) AS count FROM ${path("dead_letters")}
GROUP BY reason ORDER BY count DESC, reason`,
      ),
      this.#rows<DeadLetterView["newest"][number]>(
        `SELECT message_id AS messageId, subscription, reason, detail,
  UNIX_MILLIS(failed_at) AS failedAtMs
FROM ${path("dead_letters")} ORDER BY failed_at DESC, message_id LIMIT ${NEWEST_DEAD_LETTERS}`,
      ),
    ]);
    return { total: byReason.reduce((sum, { count }) => sum + count, 0), byReason, newest };
  }

  /** The columns of each query above are the fields of its row. */
  async #rows<Row>(query: string, params: Record<string, unknown> = {}): Promise<readonly Row[]> {
    const [rows] = await this.#bigquery.query({ query, params });
    return rows as Row[];
  }
}
