import { BigQuery } from "@google-cloud/bigquery";
import { HOUR_MS } from "../core/time.ts";
import { dataset } from "../names.ts";
import { readSegmentWindows, type SegmentWindow } from "./segment-history.ts";

/** The span of a flag: what evidence is asked about. */
export interface FlaggedSegment {
  readonly segment: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** One user, seat or publisher: its bids in the span, and in as long a time before it. */
export interface TopName {
  readonly name: string;
  readonly bids: number;
  readonly bidsBefore: number;
}

/** One bar of the price histogram: prices in `[from, to)`, currency units. */
export interface PriceBar {
  readonly currency: string;
  readonly from: number;
  readonly to: number;
  readonly bids: number;
  readonly bidsBefore: number;
}

/** What the span's bids and wins come to, currency units. */
export interface MoneyAtStake {
  readonly currency: string;
  readonly bids: number;
  readonly bidValue: string;
  readonly wins: number;
  readonly wonValue: string;
}

/** Another flag of the segment, or of the same first reason: what became of it says something of this one. */
export interface SimilarFlag {
  readonly flagId: string;
  readonly segment: string;
  readonly startMs: number;
  readonly score: number;
  readonly reviewState: string;
  readonly decisionReason: string | undefined;
}

/** How much of the series is shown on either side of the span. */
const AROUND_MS = 2 * HOUR_MS;
const TOP_MAX = 10;
const SIMILAR_MAX = 10;
/** Bars a doubling of the price. */
const BARS_A_DOUBLING = 4;

const top = { user: "user_key", seat: "seat", publisher: "publisher" } as const;
export type TopKind = keyof typeof top;

/** What a reviewer looks at beside a flag itself, from BigQuery. */
export class FlagEvidence {
  readonly #bigquery: BigQuery;

  constructor(bigquery: BigQuery) {
    this.#bigquery = bigquery;
  }

  /** The segment's slices around the span: counts, what was expected, and its spread. */
  series({ segment, startMs, endMs }: FlaggedSegment): Promise<SegmentWindow[]> {
    const span = { segment, fromMs: startMs - AROUND_MS, untilMs: endMs + AROUND_MS };
    return readSegmentWindows(this.#bigquery, span);
  }

  /** Who placed the span's bids, most bids first, against as long a time before. */
  async topNames(span: FlaggedSegment, kind: TopKind): Promise<TopName[]> {
    const rows = await this.#query(
      `SELECT COALESCE(${top[kind]}, '') AS name,
        COUNT(DISTINCT IF(event_time >= @start, bid_id, NULL)) AS bids,
        COUNT(DISTINCT IF(event_time < @start, bid_id, NULL)) AS bids_before
      FROM ${table("events_raw")}
      WHERE ${BIDS_OF_SPAN_AND_BEFORE}
      GROUP BY name ORDER BY bids DESC, name LIMIT ${TOP_MAX}`,
      span,
    );
    return rows.map((row) => ({
      name: String(row["name"]),
      bids: Number(row["bids"]),
      bidsBefore: Number(row["bids_before"]),
    }));
  }

  /** Prices of the span against as long a time before, in bars of equal ratio, by currency. */
  async priceHistogram(span: FlaggedSegment): Promise<PriceBar[]> {
    const rows = await this.#query(
      `SELECT currency, CAST(FLOOR(LN(price_nanos) / LN(2) * ${BARS_A_DOUBLING}) AS INT64) AS bar,
        COUNT(DISTINCT IF(event_time >= @start, bid_id, NULL)) AS bids,
        COUNT(DISTINCT IF(event_time < @start, bid_id, NULL)) AS bids_before
      FROM ${table("events_raw")}
      WHERE ${BIDS_OF_SPAN_AND_BEFORE} AND price_nanos > 0
      GROUP BY currency, bar ORDER BY currency, bar`,
      span,
    );
    const priceOf = (bar: number): number => 2 ** (bar / BARS_A_DOUBLING) / 1e9;
    return rows.map((row) => ({
      currency: String(row["currency"]),
      from: priceOf(Number(row["bar"])),
      to: priceOf(Number(row["bar"]) + 1),
      bids: Number(row["bids"]),
      bidsBefore: Number(row["bids_before"]),
    }));
  }

  /** What the span's bids offered and won, each bid once, by currency. */
  async moneyAtStake(span: FlaggedSegment): Promise<MoneyAtStake[]> {
    const rows = await this.#query(
      `SELECT currency, COUNTIF(type = 'bid') AS bids, COUNTIF(type = 'win') AS wins,
        CAST(SUM(IF(type = 'bid', CAST(price_nanos AS NUMERIC), 0)) / 1000000000 AS STRING) AS bid_value,
        CAST(SUM(IF(type = 'win', CAST(price_nanos AS NUMERIC), 0)) / 1000000000 AS STRING) AS won_value
      FROM (
        SELECT type, bid_id, ANY_VALUE(currency) AS currency, MIN(price_nanos) AS price_nanos
        FROM ${table("events_raw")}
        WHERE segment = @segment AND type IN ('bid', 'win')
          AND event_time >= @start AND event_time < @end
        GROUP BY type, bid_id
      )
      GROUP BY currency ORDER BY currency`,
      span,
    );
    return rows.map((row) => ({
      currency: String(row["currency"]),
      bids: Number(row["bids"]),
      bidValue: String(row["bid_value"]),
      wins: Number(row["wins"]),
      wonValue: String(row["won_value"]),
    }));
  }

  /** Earlier flags of the segment or of the same first reason, those of the segment first. */
  async similar(span: FlaggedSegment, firstReason: string): Promise<SimilarFlag[]> {
    const rows = await this.#query(
      `SELECT flag_id, segment, start_time, score, review_state, decision_reason
      FROM ${table("bot_flags")}
      WHERE start_time < @start
        AND (segment = @segment OR JSON_VALUE(reasons, '$[0].code') = @reason)
      ORDER BY IF(segment = @segment, 0, 1), start_time DESC LIMIT ${SIMILAR_MAX}`,
      span,
      { reason: firstReason },
    );
    return rows.map((row) => ({
      flagId: String(row["flag_id"]),
      segment: String(row["segment"]),
      startMs: timeOf(row["start_time"]),
      score: Number(row["score"]),
      reviewState: String(row["review_state"]),
      decisionReason: row["decision_reason"] === null ? undefined : String(row["decision_reason"]),
    }));
  }

  async #query(
    query: string,
    { segment, startMs, endMs }: FlaggedSegment,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Readonly<Record<string, unknown>>[]> {
    const times = { before: 2 * startMs - endMs, start: startMs, end: endMs };
    const params = Object.entries(times).flatMap(([name, ms]) =>
      query.includes(`@${name}`) ? [[name, BigQuery.timestamp(new Date(ms))] as const] : [],
    );
    const [rows] = await this.#bigquery.query({
      query,
      params: { segment, ...Object.fromEntries(params), ...more },
    });
    return rows;
  }
}

const BIDS_OF_SPAN_AND_BEFORE =
  "segment = @segment AND type = 'bid' AND event_time >= @before AND event_time < @end";

function table(name: string): string {
  return `\`${dataset.name}.${name}\``;
}

/** BigQuery's client wraps a TIMESTAMP in an object with its text. */
function timeOf(value: unknown): number {
  const text =
    typeof value === "object" && value !== null && "value" in value ? value.value : value;
  return Date.parse(String(text));
}
