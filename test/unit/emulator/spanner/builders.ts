import { type CommitResult, DatabaseState } from "../../../../emulator/spanner/database-state.ts";
import type { Mutation, WriteKind } from "../../../../emulator/spanner/transactions/mutation.ts";
import type { ReadRequest } from "../../../../emulator/spanner/transactions/read-rows.ts";
import type {
  Outcome,
  Transaction,
} from "../../../../emulator/spanner/transactions/transaction.ts";
import type { Cell } from "../../../../emulator/spanner/values/cell.ts";

export const NOW_MS = Date.UTC(2026, 0, 1);

export const COUNTER_DDL =
  "CREATE TABLE Counter (id STRING(10) NOT NULL, value INT64) PRIMARY KEY (id)";

export function databaseWith(...ddl: readonly string[]): DatabaseState {
  const state = new DatabaseState();
  state.applyDdl(ddl, NOW_MS);
  return state;
}

export function write(
  kind: WriteKind,
  table: string,
  columns: Readonly<Record<string, Cell>>,
): Mutation {
  return { kind, table, columns: Object.keys(columns), rows: [Object.values(columns)] };
}

/** What a step that may wait came to so far; undefined while it waits. */
export interface Step<Value> {
  outcome: Outcome<Value> | undefined;
}

export function commit(
  state: DatabaseState,
  transaction: Transaction,
  mutations: readonly Mutation[],
  nowMs = NOW_MS,
): Step<CommitResult> {
  const step: Step<CommitResult> = { outcome: undefined };
  state.commit(transaction, mutations, nowMs, (outcome) => {
    step.outcome = outcome;
  });
  return step;
}

/** Commits in a transaction of its own and returns the commit timestamp; throws what it was refused with. */
export function apply(
  state: DatabaseState,
  mutations: readonly Mutation[],
  nowMs = NOW_MS,
): number {
  const { outcome } = commit(state, state.begin(nowMs), mutations, nowMs);
  if (outcome?.ok === true) return outcome.value.timestampMicros;
  throw outcome === undefined ? new Error("the commit waits") : outcome.error;
}

export function read(
  state: DatabaseState,
  transaction: Transaction,
  request: ReadRequest,
): Step<readonly (readonly Cell[])[]> {
  const step: Step<readonly (readonly Cell[])[]> = { outcome: undefined };
  state.read(transaction, request, (outcome) => {
    step.outcome = outcome.ok ? { ok: true, value: outcome.value.rows } : outcome;
  });
  return step;
}

export function keysOf(
  table: string,
  columns: readonly string[],
  ...keys: readonly (readonly Cell[])[]
): ReadRequest {
  const keySet = { keys, ranges: [], all: false };
  return { table, index: "", columns, keySet, limit: 0, exclusive: false };
}

export function allOf(table: string, columns: readonly string[]): ReadRequest {
  const keySet = { keys: [], ranges: [], all: true };
  return { table, index: "", columns, keySet, limit: 0, exclusive: false };
}

export function rowsAt(
  state: DatabaseState,
  request: ReadRequest,
  timestamp = Number.POSITIVE_INFINITY,
): readonly (readonly Cell[])[] {
  return state.readAt(request, timestamp).rows;
}
