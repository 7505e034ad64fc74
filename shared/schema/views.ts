import { financeTolerancePpm } from "../names.ts";
import { detectorViews } from "./detector-views.ts";
import type { ViewSpec } from "./table-spec.ts";

const auctionWindows: ViewSpec = {
  name: "auction_windows",
  description: "auction_counts, with whether each row is final by its region's watermark.",
  queryOf: (path) => `SELECT counts.*,
  COALESCE(counts.window_end <= region.final_before, FALSE) AS is_final
FROM ${path("auction_counts")} AS counts
LEFT JOIN ${path("region_watermarks")} AS region ON region.region = counts.region`,
};

const financeDaily: ViewSpec = {
  name: "finance_daily",
  description:
    "Won, billed, owed, paid, outstanding and disputed by UTC day of a bid's first event, seat, region and currency.",
  queryOf: (path) => `SELECT *,
  SAFE_DIVIDE(paid - owed, owed) * 100 AS discrepancy_pct,
  IF(owed = 0, paid > 0, ABS(paid - owed) * 1000000 > owed * ${financeTolerancePpm})
    AS is_tolerance_breached
FROM (
  SELECT
    DATE(first_event_time) AS day, seat, region, currency,
    COUNT(*) AS bids,
    SUM(IF(state IN ('disputed', 'void'), NUMERIC '0', won)) AS won,
    SUM(IF(state IN ('disputed', 'void'), NUMERIC '0', billed)) AS billed,
    SUM(IF(state IN ('disputed', 'void'), NUMERIC '0', owed)) AS owed,
    SUM(IF(state = 'disputed', NUMERIC '0', paid)) AS paid,
    SUM(IF(state IN ('disputed', 'void'), NUMERIC '0', GREATEST(owed - paid, NUMERIC '0')))
      AS outstanding,
    SUM(IF(state = 'disputed', GREATEST(owed, paid), NUMERIC '0')) AS disputed,
    COUNTIF(state = 'disputed') AS disputed_bids
  FROM ${path("settlements")}
  GROUP BY day, seat, region, currency
)`,
};

const financeAging: ViewSpec = {
  name: "finance_aging",
  description: "What each seat owes and has not paid, by whole days since the bid's first event.",
  queryOf: (path) => `SELECT seat, currency, COUNT(*) AS bids, SUM(open) AS outstanding,
  SUM(IF(days <= 7, open, NUMERIC '0')) AS days_0_7,
  SUM(IF(days BETWEEN 8 AND 30, open, NUMERIC '0')) AS days_8_30,
  SUM(IF(days BETWEEN 31 AND 60, open, NUMERIC '0')) AS days_31_60,
  SUM(IF(days BETWEEN 61 AND 90, open, NUMERIC '0')) AS days_61_90,
  SUM(IF(days > 90, open, NUMERIC '0')) AS days_91
FROM (
  SELECT seat, currency, owed - paid AS open,
    DIV(TIMESTAMP_DIFF(CURRENT_TIMESTAMP(), first_event_time, SECOND), 86400) AS days
  FROM ${path("settlements")}
  WHERE state NOT IN ('disputed', 'void') AND owed > paid
)
GROUP BY seat, currency`,
};

const trialBalance: ViewSpec = {
  name: "trial_balance",
  description: "The sum of every account by currency; each currency's balances add up to zero.",
  queryOf: (path) => `SELECT currency, account, SUM(amount) AS balance,
  GREATEST(SUM(amount), NUMERIC '0') AS debit, GREATEST(-SUM(amount), NUMERIC '0') AS credit
FROM ${path("ledger")}
GROUP BY currency, account`,
};

/** Every view, in an order in which each finds what it reads. */
export const views: readonly ViewSpec[] = [
  auctionWindows,
  financeDaily,
  financeAging,
  trialBalance,
  ...detectorViews,
];
