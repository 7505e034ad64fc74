import { DAY_MS } from "../../shared/core/time.ts";
import type { Table } from "./schema/schema.ts";
import type { Cell } from "./values/cell.ts";
import { ALL_KEYS } from "./values/key-codec.ts";
import { timestampOfMicros } from "./values/timestamp.ts";

/** A step looks at so many rows, and deletes those of them that are expired in one transaction. */
const ROWS_A_STEP = 1000;
/** Length of a timestamp's text to the second: so far, texts compare as their times do. */
const WHOLE_SECONDS = 19;

/**
 * Primary keys of the rows that a table's row deletion policy calls expired, a step at a time: the rows may
 * change between two steps. Where no row can be as old, none is looked at.
 */
export function* expiredKeys(table: Table, nowMs: number): Generator<Cell[][]> {
  if (table.rowDeletion === undefined) return;
  const { column, days } = table.rowDeletion;
  const horizon = timestampOfMicros((nowMs - days * DAY_MS) * 1000).slice(0, WHOLE_SECONDS);
  const { least } = table.rows;
  if (!least.mayBeBelow(column.ordinal, horizon)) return;
  const walk = least.begin(column.ordinal);
  let from = ALL_KEYS.from;
  let visited = ROWS_A_STEP;
  while (visited === ROWS_A_STEP) {
    const keys: Cell[][] = [];
    visited = 0;
    for (const [key, row] of table.rows.scan({ ...ALL_KEYS, from }, Number.POSITIVE_INFINITY)) {
      least.take(row);
      const cell = row[column.ordinal];
      if (typeof cell === "string" && cell < horizon) {
        keys.push(table.primaryKey.map((part) => row[part.ordinal] ?? null));
      }
      from = `${key}\u0000`;
      if (++visited === ROWS_A_STEP) break;
    }
    if (visited < ROWS_A_STEP) least.end(walk);
    yield keys;
  }
}
