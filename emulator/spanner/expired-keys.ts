import { DAY_MS } from "../../shared/core/time.ts";
import type { Table } from "./schema/schema.ts";
import type { Cell } from "./values/cell.ts";
import { ALL_KEYS } from "./values/key-codec.ts";
import { timestampOfMicros } from "./values/timestamp.ts";

/** A policy deletes at most so many rows in one transaction. */
const ROWS_A_TRANSACTION = 1000;
/** Length of a timestamp's text to the second: so far, texts compare as their times do. */
const WHOLE_SECONDS = 19;

/** Primary keys of the rows that a table's row deletion policy calls expired, in pieces to be deleted together. */
export function expiredKeys(table: Table, nowMs: number): Cell[][][] {
  if (table.rowDeletion === undefined) return [];
  const { column, days } = table.rowDeletion;
  const horizon = timestampOfMicros((nowMs - days * DAY_MS) * 1000).slice(0, WHOLE_SECONDS);
  const pieces: Cell[][][] = [];
  for (const [, row] of table.rows.scan(ALL_KEYS, Number.POSITIVE_INFINITY)) {
    const cell = row[column.ordinal];
    if (typeof cell !== "string" || cell >= horizon) continue;
    const last = pieces.at(-1);
    const key = table.primaryKey.map((part) => row[part.ordinal] ?? null);
    if (last !== undefined && last.length < ROWS_A_TRANSACTION) last.push(key);
    else pieces.push([key]);
  }
  return pieces;
}
