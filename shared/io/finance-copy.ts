import type { BigQuery } from "@google-cloud/bigquery";
import type { WarehouseRow } from "../core/settlement/reconciliation.ts";
import { dataset } from "../names.ts";

/** The copies of settlements in BigQuery, in the order of the bid ids' bytes. */
export function readSettlementCopies(bigquery: BigQuery): AsyncIterable<WarehouseRow> {
  return bigquery.createQueryStream(`SELECT bid_id, state, version, auction_id, region, seat, currency,
    ${["won", "billed", "owed", "paid"].map(asText).join(", ")},
    ${["first_event_time", "settled_time"].map(asRfc3339).join(", ")}
  FROM \`${dataset.name}.settlements\` ORDER BY bid_id`);
}

/** The copies of entry lines, in the same order. */
export function readLedgerCopies(bigquery: BigQuery): AsyncIterable<WarehouseRow> {
  return bigquery.createQueryStream(`SELECT entry_id, bid_id, account, seat, currency, cause, period,
    ${asText("amount")}, ${asRfc3339("commit_timestamp")}
  FROM \`${dataset.name}.ledger\` ORDER BY bid_id, entry_id`);
}

function asText(column: string): string {
  return `CAST(${column} AS STRING) AS ${column}`;
}

function asRfc3339(column: string): string {
  return `FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', ${column}, 'UTC') AS ${column}`;
}
