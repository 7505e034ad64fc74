import { DuckDBTimestampTZValue, type DuckDBValue } from "@duckdb/node-api";
import { invalid } from "./api-error.ts";
import type { DecodedRow } from "./row-reader.ts";
import type { Field } from "./schema.ts";
import { type Change, readSequence, supersedes } from "./state.ts";

/** Text that tells apart any two values of one key column. */
function keyText(value: DuckDBValue | undefined): string {
  if (typeof value === "string") return value;
  return value instanceof DuckDBTimestampTZValue ? String(value.micros) : String(value);
}

export type Cells = readonly DuckDBValue[];

/** What DuckDB has not seen: plain rows in order of arrival, and the newest change of each key. */
export interface WaitingRows {
  readonly plain: readonly Cells[];
  readonly changes: readonly Change<Cells>[];
}

/** Rows of one table that arrived and wait for DuckDB, where the newest change of a key stands at last. */
export class TableRows {
  readonly #keyColumns: readonly number[];
  #changes = new Map<string, Change<Cells>>();
  #plain: Cells[] = [];
  #hasChanges = false;

  constructor(schema: readonly Field[], primaryKey: readonly string[]) {
    this.#keyColumns = primaryKey.map((name) => schema.findIndex((field) => field.name === name));
  }

  /** Once a table was written by change data capture, DML on it is refused. */
  get hasChanges(): boolean {
    return this.#hasChanges;
  }

  /** How many rows wait. */
  get waiting(): number {
    return this.#plain.length + this.#changes.size;
  }

  addPlain(rows: readonly Cells[]): void {
    for (const row of rows) this.#plain.push(row);
  }

  /** Checks one change, and gives what applies it; refuses with the words of the service. */
  prepare(row: DecodedRow): () => void {
    if (row.changeType === undefined) return () => this.#plain.push(row.cells);
    if (this.#keyColumns.length === 0) {
      throw invalid("Table must have a primary key to accept _CHANGE_TYPE");
    }
    if (row.changeType !== "UPSERT" && row.changeType !== "DELETE") {
      throw invalid(
        `Invalid value ${row.changeType} for _CHANGE_TYPE: UPSERT and DELETE are allowed`,
      );
    }
    const sequence = row.sequence === undefined ? undefined : readSequence(row.sequence);
    if (row.sequence !== undefined && sequence === undefined) {
      throw invalid(`Invalid value '${row.sequence}' for _CHANGE_SEQUENCE_NUMBER`);
    }
    const kind = row.changeType === "UPSERT" ? "upsert" : "delete";
    return () => this.#apply({ kind, sequence, row: row.cells });
  }

  /** Hands over all that waits. */
  take(): WaitingRows {
    const waiting = { plain: this.#plain, changes: [...this.#changes.values()] };
    this.#plain = [];
    this.#changes = new Map();
    return waiting;
  }

  #apply(change: Change<Cells>): void {
    this.#hasChanges = true;
    const key = this.#keyOf(change.row);
    if (supersedes(change, this.#changes.get(key))) this.#changes.set(key, change);
  }

  #keyOf(row: Cells): string {
    let key = "";
    for (const at of this.#keyColumns) {
      const part = keyText(row[at]);
      key += `${part.length}:${part}`;
    }
    return key;
  }
}
