import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { messageOf, UsageError } from "../../../shared/core/errors.ts";
import {
  csvOf,
  type ReportCell,
  type ReportTable,
  recordsOf,
} from "../../../shared/core/settlement/report-table.ts";

export type ReportFormat = "csv" | "json" | "parquet";

/** A report in a text form. */
export function textOf(table: ReportTable, format: "csv" | "json"): string {
  if (format === "csv") return csvOf(table);
  const { rows, totals } = table;
  const document = { rows: recordsOf(table, rows), totals: recordsOf(table, totals) };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * Writes a report to a file, and beside it `FILE.sha256` as `sha256sum -c` reads it; returns the hash.
 * The file is whole or absent: it is written under another name first. Throws UsageError, in one
 * sentence, where there is no room or no place for it.
 */
export async function writeReport(
  table: ReportTable,
  format: ReportFormat,
  file: string,
): Promise<string> {
  const partial = `${file}.partial`;
  const partialHash = `${file}.sha256.partial`;
  try {
    if (format === "parquet") await writeParquet(table, partial);
    else await writeFile(partial, textOf(table, format));
    const sha256 = await sha256Of(partial);
    await writeFile(partialHash, `${sha256}  ${basename(file)}\n`);
    await rename(partial, file);
    await rename(partialHash, `${file}.sha256`);
    return sha256;
  } catch (error) {
    await rm(partial, { force: true });
    await rm(partialHash, { force: true });
    throw new UsageError(faultOf(file, error), { cause: error });
  }
}

/** Columns as typed ones; the totals, which are no rows, as the file's metadata `totals` (JSON). */
async function writeParquet(table: ReportTable, file: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const columns = table.columns.map(({ name, kind }) => `"${name}" ${duckTypes[kind]}`);
    await connection.run(`CREATE TABLE report (${columns.join(", ")})`);
    const places = table.columns.map(({ kind }) => `?::${duckTypes[kind]}`).join(", ");
    const insert = await connection.prepare(`INSERT INTO report VALUES (${places})`);
    await connection.run("BEGIN");
    for (const cells of table.rows) {
      insert.bind(cells.map(parameterOf));
      await insert.run();
    }
    await connection.run("COMMIT");
    const totals = sqlText(JSON.stringify(recordsOf(table, table.totals)));
    await connection.run(
      `COPY report TO ${sqlText(file)} (FORMAT parquet, KV_METADATA {totals: ${totals}})`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** NUMERIC of BigQuery and Spanner is DECIMAL(38, 9). */
const duckTypes = {
  text: "VARCHAR",
  amount: "DECIMAL(38, 9)",
  count: "BIGINT",
  flag: "BOOLEAN",
} as const;

function parameterOf(cell: ReportCell): string | null {
  return cell === null ? null : String(cell);
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}

function faultOf(file: string, error: unknown): string {
  const reason = messageOf(error);
  if (/ENOSPC|no space left/i.test(reason)) {
    return `${file}: the disk is full; nothing is left of the report. Free some space, or name a file elsewhere.`;
  }
  if (/ENOENT|EACCES|EISDIR|no such file|permission denied/i.test(reason)) {
    return `${file} cannot be written (${reason}): name a file in a folder that exists and is yours.`;
  }
  return `${file} cannot be written: ${reason}`;
}
