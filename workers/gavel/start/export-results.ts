import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { BigQuery } from "@google-cloud/bigquery";
import { dataset } from "../../../shared/names.ts";
import { type PlainRow, plainRow } from "../query/plain-value.ts";

/** A table's part of the manifest. */
interface ExportedTable {
  readonly file: string;
  readonly rows: number;
  readonly sha256: string;
}

/** Every result table, the columns of its file, and the order of its rows. */
const exports: readonly {
  readonly table: string;
  readonly columns: string;
  readonly orderBy: string;
}[] = [
  {
    table: "auction_counts",
    columns:
      "window_size_s, window_slide_s, auction_id, window_start, bid_count, price_sum, price_min, price_max, revision, region, window_end",
    orderBy: "window_size_s, window_slide_s, auction_id, window_start",
  },
  {
    table: "settlements",
    columns:
      "bid_id, auction_id, seat, region, currency, state, won, billed, paid, version, first_event_time, settled_time",
    orderBy: "bid_id",
  },
  {
    table: "ledger",
    columns: "entry_id, bid_id, account, seat, currency, amount, cause, commit_timestamp",
    orderBy: "bid_id, entry_id",
  },
  {
    table: "bot_flags",
    columns:
      "flag_id, segment, start_time, end_time, detected_at, is_closed, severity, score, reasons, bid_count, expected_bids, review_state",
    orderBy: "flag_id",
  },
  { table: "late_events", columns: "*", orderBy: "bid_id, type, event_time" },
  { table: "dead_letters", columns: "*", orderBy: "subscription, message_id" },
];

/**
 * Writes every result table as NDJSON with a manifest of rows and SHA-256. `finalBefore` says for each
 * region up to which event time, in milliseconds, windows are final.
 */
export async function exportResults(
  bigquery: BigQuery,
  folder: string,
  finalBefore: (region: string) => number,
): Promise<readonly ExportedTable[]> {
  await mkdir(folder, { recursive: true });
  const manifest: ExportedTable[] = [];
  for (const { table, columns, orderBy } of exports) {
    const query = `SELECT ${columns} FROM \`${dataset.name}.${table}\` ORDER BY ${orderBy}`;
    const [rows] = await bigquery.query({ query });
    const lines = rows.map((row) => {
      const plain = plainRow(row);
      return JSON.stringify(table === "auction_counts" ? countRow(plain, finalBefore) : plain);
    });
    manifest.push(await writeLines(folder, `${table}.ndjson`, lines));
  }
  await writeFile(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

function countRow(row: PlainRow, finalBefore: (region: string) => number): PlainRow {
  const { region, window_end: windowEnd, ...rest } = row;
  return { ...rest, is_final: Date.parse(String(windowEnd)) <= finalBefore(String(region)) };
}

async function writeLines(
  folder: string,
  file: string,
  lines: readonly string[],
): Promise<ExportedTable> {
  const hash = createHash("sha256");
  const stream = createWriteStream(join(folder, file));
  for (const line of lines) {
    hash.update(`${line}\n`);
    if (!stream.write(`${line}\n`)) await once(stream, "drain");
  }
  stream.end();
  await finished(stream);
  return { file, rows: lines.length, sha256: hash.digest("hex") };
}
