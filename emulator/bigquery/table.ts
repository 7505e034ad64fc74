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
  /** Behind the columns of the table: the sequence number, null without one, and whether it is a deletion. */
  readonly changes: readonly Cells[];
}

/** A row that its table takes: a change of a key where it says so. */
export type CheckedRow = Change<Cells> | { readonly kind: "plain"; readonly row: Cells };

/** Rows of one table that arrived and wait for DuckDB, where the newest change of a key stands at last. */
export class TableRows {
  readonly #keyColumns: readonly number[];
  #changes = new Map<string, Change<Cells>>();
  #plain: Cells[] = [];
  #hasChanges = false;
  #arrived = 0;
  #taken = 0;

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

  /** How many rows arrived so far: what a reader who comes now has to see. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Whether some of the first `arrived` rows still wait. */
  lacks(arrived: number): boolean {
    return this.#taken < arrived;
  }

  addPlain(rows: readonly Cells[]): void {
    this.#arrived += rows.length;
    for (const row of rows) this.#plain.push(row);
  }

  /** Checks one row, whose cells it takes over; refuses with the words of the service. */
  check({ changeType, sequence: written, cells }: DecodedRow): CheckedRow {
    if (changeType === undefined) return { kind: "plain", row: cells };
    if (this.#keyColumns.length === 0) {
      throw invalid("Table must have a primary key to accept _CHANGE_TYPE");
    }
    if (changeType !== "UPSERT" && changeType !== "DELETE") {
      throw invalid(`Invalid value ${changeType} for _CHANGE_TYPE: UPSERT and DELETE are allowed`);
    }
    const sequence = written === undefined ? undefined : readSequence(written);
    if (written !== undefined && sequence === undefined) {
      throw invalid(`Invalid value '${written}' for _CHANGE_SEQUENCE_NUMBER`);
    }
    const kind = changeType === "UPSERT" ? "upsert" : "delete";
    cells.push(sequence ?? null, kind === "delete");
    return { kind, sequence, row: cells };
  }

  /** Takes in a row that was checked. */
  add(checked: CheckedRow): void {
    this.#arrived++;
    if (checked.kind === "plain") {
      this.#plain.push(checked.row);
      return;
    }
    this.#hasChanges = true;
    const key = this.#keyOf(checked.row);
    if (supersedes(checked, this.#changes.get(key))) this.#changes.set(key, checked);
  }

  /** Hands over all that waits. */
  take(): WaitingRows {
    const changes = Array.from(this.#changes.values(), ({ row }) => row);
    const waiting = { plain: this.#plain, changes };
    this.#plain = [];
    this.#changes = new Map();
    this.#taken = this.#arrived;
    return waiting;
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
