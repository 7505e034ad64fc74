import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import { columnOf, findColumn, type Schema } from "../schema/schema.ts";
import type { VersionedStore } from "../storage/versioned-store.ts";
import type { Cell, Row } from "../values/cell.ts";
import type { StructField } from "../values/type.ts";
import { type KeySpan, keySpans } from "./key-set.ts";
import type { LockRequest } from "./lock-table.ts";
import type { KeySet } from "./mutation.ts";
import type { View } from "./write-set.ts";

export interface ReadRequest {
  readonly table: string;
  /** Empty where the table itself is read. */
  readonly index: string;
  readonly columns: readonly string[];
  readonly keySet: KeySet;
  /** 0 is no limit. */
  readonly limit: number;
  /** LOCK_HINT_EXCLUSIVE: the rows will be written. */
  readonly exclusive: boolean;
}

export interface ResultRows {
  readonly columns: readonly StructField[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A read whose names are resolved: where to look, and which cells to hand out. */
export interface PlannedRead {
  readonly store: VersionedStore;
  readonly spans: readonly KeySpan[];
  readonly ordinals: readonly number[];
  readonly columns: readonly StructField[];
  readonly limit: number;
  readonly exclusive: boolean;
}

export function planRead(schema: Schema, request: ReadRequest): PlannedRead {
  const table = schema.table(request.table);
  const { limit, exclusive } = request;
  if (request.index === "") {
    const columns = request.columns.map((name) => columnOf(table, name));
    const { primaryKey, rows: store } = table;
    const spans = keySpans(`table ${table.name}`, primaryKey, primaryKey.length, request.keySet);
    return {
      store,
      spans,
      ordinals: columns.map((column) => column.ordinal),
      columns,
      limit,
      exclusive,
    };
  }
  const index = schema.findIndex(request.index);
  if (index === undefined || index.table !== table) {
    throw new StatusError(
      status.NOT_FOUND,
      `Index not found on table ${table.name}: ${request.index}`,
    );
  }
  const columns = request.columns.map((name) => columnOf(table, name));
  const ordinals = columns.map((column) => index.columns.indexOf(column));
  const absent = columns[ordinals.indexOf(-1)];
  if (absent !== undefined) {
    throw new StatusError(
      status.UNIMPLEMENTED,
      `Reading non-indexed columns using an index is not supported. Consider adding ${findColumn(table, absent.name)?.name} to the index ${index.name} using a STORING clause.`,
    );
  }
  const spans = keySpans(`index ${index.name}`, index.entryKey, index.indexedCount, request.keySet);
  return { store: index.entries, spans, ordinals, columns, limit, exclusive };
}

/**
 * Where `expectsWrites`, single keys are locked exclusively: those who contend for a row then queue for
 * it, where with shared locks all would read it, one would write, and the others would be aborted.
 */
export function readLocks(plan: PlannedRead, expectsWrites: boolean): LockRequest[] {
  const { store } = plan;
  return plan.spans.map((covers) => {
    const exclusive = plan.exclusive || (expectsWrites && typeof covers === "string");
    return { store, covers, exclusive };
  });
}

export function readRows(plan: PlannedRead, view: View): ResultRows {
  const rows: Cell[][] = [];
  for (const row of visit(plan, view)) {
    rows.push(plan.ordinals.map((ordinal) => row[ordinal] ?? null));
    if (rows.length === plan.limit) break;
  }
  return { columns: plan.columns, rows };
}

function* visit(plan: PlannedRead, view: View): Generator<Row> {
  for (const span of plan.spans) {
    if (typeof span === "string") {
      const row = view.get(plan.store, span);
      if (row !== undefined) yield row;
    } else {
      for (const [, row] of view.scan(plan.store, span)) yield row;
    }
  }
}
