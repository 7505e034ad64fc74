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

type Cells = readonly DuckDBValue[];

/**
 * Rows that arrived and that DuckDB has not seen. Plain rows wait in order; of a table with change
 * data capture the newest change of every key is the truth here, and DuckDB holds its replica.
 */
export class TableRows {
  readonly #keyColumns: readonly number[];
  readonly #changes = new Map<string, Change<Cells>>();
  readonly #replicated = new Set<string>();
  #dirty = new Set<string>();
  #plain: Cells[] = [];

  constructor(schema: readonly Field[], primaryKey: readonly string[]) {
    this.#keyColumns = primaryKey.map((name) => schema.findIndex((field) => field.name === name));
  }

  get hasPrimaryKey(): boolean {
    return this.#keyColumns.length > 0;
  }

  /** Once a table was written by change data capture, DML on it is refused. */
  get hasChanges(): boolean {
    return this.#changes.size > 0;
  }

  /** Rows that wait for DuckDB. */
  get waiting(): number {
    return this.#plain.length + this.#dirty.size;
  }

  addPlain(rows: readonly Cells[]): void {
    for (const row of rows) this.#plain.push(row);
  }

  /** Checks one change, and gives what applies it; refuses with the words of the service. */
  prepare(row: DecodedRow): () => void {
    if (row.changeType === undefined) return () => this.#plain.push(row.cells);
    if (!this.hasPrimaryKey) throw invalid("Table must have a primary key to accept _CHANGE_TYPE");
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

  /** Takes what DuckDB has not seen: keys to remove there, and rows to add. */
  takeUnreplicated(): { removed: Cells[]; added: Cells[] } {
    const removed: Cells[] = [];
    const added = this.#plain;
    this.#plain = [];
    for (const key of this.#dirty) {
      const change = this.#changes.get(key);
      if (change === undefined) continue;
      if (this.#replicated.delete(key))
        removed.push(this.#keyColumns.map((at) => change.row[at] ?? null));
      if (change.kind === "upsert") {
        added.push(change.row);
        this.#replicated.add(key);
      }
    }
    this.#dirty = new Set();
    return { removed, added };
  }

  #apply(change: Change<Cells>): void {
    const key = this.#keyOf(change.row);
    if (!supersedes(change, this.#changes.get(key))) return;
    this.#changes.set(key, change);
    this.#dirty.add(key);
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
