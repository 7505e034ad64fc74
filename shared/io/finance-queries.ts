import type { BigQuery } from "@google-cloud/bigquery";
import { dataset } from "../names.ts";

/** Settlements of one state in one currency. Amounts are decimals of currency units. */
export interface StateSum {
  readonly currency: string;
  readonly state: string;
  readonly bids: number;
  readonly owed: string;
  readonly paid: string;
}

/** How many bids are in each state, and what they come to, by currency. */
export async function readStateSums(bigquery: BigQuery): Promise<StateSum[]> {
  const [rows] = await bigquery.query(`SELECT currency, state, COUNT(*) AS bids,
    ${sumsOf(["owed", "paid"])}
  FROM ${path("settlements")} GROUP BY currency, state ORDER BY currency, state`);
  return rows;
}

/** A row of the view `finance_daily`, amounts as decimals. */
export interface DailySum {
  readonly day: string;
  readonly seat: string;
  readonly region: string;
  readonly currency: string;
  readonly bids: number;
  readonly owed: string;
  readonly paid: string;
  readonly outstanding: string;
  readonly disputed: string;
  readonly disputed_bids: number;
  /** Percent, with its sign; null where nothing is owed. */
  readonly discrepancy_pct: string | null;
  readonly is_tolerance_breached: boolean;
}

/**
 * Days of seats whose payments miss what they owe by more than the tolerance: newest first, and of a day
 * the furthest off, in percent, since amounts of two currencies have no order.
 */
export async function readBreaches(bigquery: BigQuery, limit: number): Promise<DailySum[]> {
  const amounts = ["owed", "paid", "outstanding", "disputed", "discrepancy_pct"];
  const [rows] = await bigquery.query({
    query: `SELECT CAST(day AS STRING) AS day, seat, region, currency, bids,
      ${amounts.map((name) => `CAST(${name} AS STRING) AS ${name}`).join(", ")},
      disputed_bids, is_tolerance_breached
    FROM ${path("finance_daily")} AS daily WHERE is_tolerance_breached
    ORDER BY daily.day DESC, ABS(daily.discrepancy_pct) DESC NULLS FIRST,
      ABS(daily.paid - daily.owed) DESC, seat, region, currency LIMIT @limit`,
    params: { limit },
  });
  return rows;
}

/** A row of the view `finance_aging`, amounts as decimals. */
export interface AgingSum {
  readonly seat: string;
  readonly currency: string;
  readonly bids: number;
  readonly outstanding: string;
  readonly days_0_7: string;
  readonly days_8_30: string;
  readonly days_31_60: string;
  readonly days_61_90: string;
  readonly days_91: string;
}

/** What each seat owes and has not paid, by age: of each currency the `limit` largest. */
export async function readAging(bigquery: BigQuery, limit: number): Promise<AgingSum[]> {
  const amounts = [
    "outstanding",
    ...["0_7", "8_30", "31_60", "61_90", "91"].map((days) => `days_${days}`),
  ];
  const [rows] = await bigquery.query({
    query: `SELECT seat, currency, bids,
      ${amounts.map((name) => `CAST(aging.${name} AS STRING) AS ${name}`).join(", ")}
    FROM ${path("finance_aging")} AS aging WHERE TRUE
    QUALIFY ROW_NUMBER() OVER (PARTITION BY currency ORDER BY aging.outstanding DESC, seat) <= @limit
    ORDER BY currency, aging.outstanding DESC, seat`,
    params: { limit },
  });
  return rows;
}

/** A bid whose money does not match, amounts as decimals. */
export interface DiscrepantBid {
  readonly bid_id: string;
  readonly day: string;
  readonly seat: string;
  readonly region: string;
  readonly currency: string;
  readonly state: string;
  readonly owed: string;
  readonly paid: string;
  /** Paid less owed. */
  readonly difference: string;
}

/**
 * Bids that were paid other than they owe, as the report `discrepancies` has them but for disputed ones,
 * which have a list of their own: of each currency the `limit` largest.
 */
export async function readDiscrepantBids(
  bigquery: BigQuery,
  limit: number,
): Promise<DiscrepantBid[]> {
  const [rows] = await bigquery.query({
    query: `SELECT bid_id, CAST(DATE(first_event_time) AS STRING) AS day, seat, region, currency, state,
      CAST(owed AS STRING) AS owed, CAST(paid AS STRING) AS paid,
      CAST(paid - owed AS STRING) AS difference
    FROM ${path("settlements")} AS settlement
    WHERE state NOT IN ('disputed', 'awaitingPayment') AND paid > 0
      AND (state = 'void' OR paid != settlement.owed)
    QUALIFY ROW_NUMBER() OVER (
      PARTITION BY currency ORDER BY ABS(settlement.paid - settlement.owed) DESC, bid_id) <= @limit
    ORDER BY currency, ABS(settlement.paid - settlement.owed) DESC, bid_id`,
    params: { limit },
  });
  return rows;
}

/** A row of the view `trial_balance`, amounts as decimals. */
export interface AccountBalance {
  readonly currency: string;
  readonly account: string;
  readonly debit: string;
  readonly credit: string;
}

/** What stands on each account of each currency. Debits and credits of a currency add up to the same. */
export async function readAccountBalances(bigquery: BigQuery): Promise<AccountBalance[]> {
  const [rows] = await bigquery.query(`SELECT currency, account,
    CAST(debit AS STRING) AS debit, CAST(credit AS STRING) AS credit
  FROM ${path("trial_balance")} ORDER BY currency, account`);
  return rows;
}

function path(table: string): string {
  return `\`${dataset.name}.${table}\``;
}

/** As text: the client's own decimals lose their form in JSON. */
function sumsOf(columns: readonly string[]): string {
  return columns.map((name) => `CAST(SUM(${name}) AS STRING) AS ${name}`).join(", ");
}
