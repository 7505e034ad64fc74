import { status } from "@grpc/grpc-js";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../shared/core/time.ts";
import { StatusError } from "../grpc/status-error.ts";
import { expiredKeys } from "./expired-keys.ts";
import { COMMIT_TIMESTAMP } from "./language/functions.ts";
import { parseDdl } from "./language/parse-ddl.ts";
import { applyDdl } from "./schema/apply-ddl.ts";
import { Schema } from "./schema/schema.ts";
import { assertFinalChecks } from "./transactions/final-checks.ts";
import { keySpans, toRange } from "./transactions/key-set.ts";
import type { LockRequest } from "./transactions/lock-table.ts";
import type { DeleteMutation, Mutation } from "./transactions/mutation.ts";
import {
  planRead,
  type ReadRequest,
  type ResultRows,
  readLocks,
  readRows,
} from "./transactions/read-rows.ts";
import { deleteRow } from "./transactions/row-effects.ts";
import {
  abortedError,
  outcomeOf,
  type Reply,
  type Transaction,
  TransactionScheduler,
} from "./transactions/transaction.ts";
import { applyWrite, type WriteMoment } from "./transactions/write-row.ts";
import { SnapshotView, type View, WriteSet } from "./transactions/write-set.ts";
import type { Cell } from "./values/cell.ts";
import { timestampOfMicros } from "./values/timestamp.ts";

/** At which time a read-only transaction or single read looks. Micros and milliseconds since the epoch. */
export type TimestampBound =
  | { readonly kind: "strong" }
  | { readonly kind: "exact"; readonly timestampMicros: number }
  | { readonly kind: "staleness"; readonly stalenessMs: number };

export interface CommitResult {
  readonly timestampMicros: number;
  readonly mutationCount: number;
}

/** A read of a read-write transaction: which locks it needs, as the rows stand, and the look itself. */
export interface LockedLook<Value> {
  readonly locks: (view: View) => readonly LockRequest[];
  readonly look: (view: View) => Value;
}

/** A transaction that nobody used for so long may be aborted when others want its locks. */
const IDLE_MS = 10 * SECOND_MS;
/** How long a finished transaction is remembered, so that a repeated Commit answers the same. */
const REMEMBERED_MS = 10 * MINUTE_MS;
const MAX_MUTATIONS = 80_000;

/**
 * One database: schema, rows in all their versions, and transactions. Pure: the time comes in with
 * every call, and what must wait is answered within the later call that ends the wait.
 */
export class DatabaseState {
  readonly schema = new Schema();
  /** How far back reads may look, by ALTER DATABASE … SET OPTIONS (version_retention_period). */
  versionRetentionMs = HOUR_MS;
  readonly #scheduler = new TransactionScheduler();
  readonly #transactions = new Map<string, Transaction>();
  readonly #snapshots = new Map<string, { readonly timestamp: number; readonly beganMs: number }>();
  #lastTimestamp = 0;
  #nextId = 1;

  /** Applies DDL statements in order; those before one that fails stay applied. */
  applyDdl(statements: readonly string[], nowMs: number): void {
    for (const text of statements) {
      const statement = parseDdl(text);
      if (statement.kind === "setDatabaseOptions") {
        this.versionRetentionMs = statement.versionRetentionMs ?? this.versionRetentionMs;
        continue;
      }
      this.#lastTimestamp = this.#nextTimestamp(nowMs);
      applyDdl(this.schema, statement, this.#lastTimestamp);
    }
  }

  /** Begins a read-write transaction. A retry names the attempt before it, and keeps that one's age. */
  begin(nowMs: number, previousId?: string, isPartitioned = false): Transaction {
    const number = this.#nextId++;
    const previous = previousId === undefined ? undefined : this.#transactions.get(previousId);
    const transaction: Transaction = {
      id: `rw-${number}`,
      age: previous?.state === "aborted" ? previous.age : number,
      isRetry: previous?.state === "aborted",
      isPartitioned,
      state: "active",
      lastUseMs: nowMs,
      writes: undefined,
      committed: undefined,
      lastStatement: undefined,
    };
    this.#transactions.set(transaction.id, transaction);
    return transaction;
  }

  /** Begins a read-only transaction: nothing but a timestamp to read at. */
  beginReadOnly(bound: TimestampBound, nowMs: number): { id: string; timestampMicros: number } {
    const id = `ro-${this.#nextId++}`;
    const timestamp = this.readTimestamp(bound, nowMs);
    this.#snapshots.set(id, { timestamp, beganMs: nowMs });
    return { id, timestampMicros: timestamp };
  }

  /** The timestamp that a bound stands for. Every later commit has a higher one. */
  readTimestamp(bound: TimestampBound, nowMs: number): number {
    const nowMicros = Math.floor(nowMs * 1000);
    const timestamp = resolveBound(bound, Math.max(this.#lastTimestamp, nowMicros), nowMicros);
    if (timestamp < nowMicros - this.versionRetentionMs * 1000) {
      throw new StatusError(
        status.FAILED_PRECONDITION,
        `Read timestamp ${timestampOfMicros(timestamp)} is older than the version retention period of the database (${this.versionRetentionMs / SECOND_MS} s).`,
      );
    }
    this.#lastTimestamp = Math.max(this.#lastTimestamp, timestamp);
    return timestamp;
  }

  /** The timestamp of a read-only transaction, or undefined where the id is a read-write one's. */
  snapshotOf(id: string): number | undefined {
    return this.#snapshots.get(id)?.timestamp;
  }

  /** The transaction of that id while it may be used; throws what the service answers where it may not. */
  active(id: string, nowMs: number): Transaction {
    const transaction = this.#find(id);
    if (transaction.state === "aborted") {
      throw abortedError(
        "Transaction was aborted. It was wounded by an older transaction or idle for too long.",
      );
    }
    if (transaction.state === "committed") {
      throw new StatusError(
        status.FAILED_PRECONDITION,
        "Cannot start a read or query within a transaction after Commit() or Rollback() has been called.",
      );
    }
    transaction.lastUseMs = nowMs;
    return transaction;
  }

  readAt(request: ReadRequest, timestamp: number): ResultRows {
    return readRows(planRead(this.schema, request), new SnapshotView(timestamp));
  }

  /** Reads under shared locks; sees what the transaction's own DML wrote. */
  read(transaction: Transaction, request: ReadRequest, reply: Reply<ResultRows>): void {
    const planned = outcomeOf(() => planRead(this.schema, request));
    if (!planned.ok) {
      reply(planned);
      return;
    }
    const plan = planned.value;
    const locks = () => readLocks(plan, transaction.isRetry);
    this.locked(transaction, { locks, look: (view) => readRows(plan, view) }, reply);
  }

  /** Takes the locks, waiting for them, and then looks: any read of a read-write transaction. */
  locked<Value>(
    transaction: Transaction,
    { locks, look }: LockedLook<Value>,
    reply: Reply<Value>,
  ): void {
    const step = () => {
      const view = new WriteSet(transaction.writes);
      const requests = locks(view);
      const finish = () => {
        this.#scheduler.grant(transaction, requests);
        return look(view);
      };
      return { requests, finish };
    };
    this.#scheduler.run(transaction, step, reply);
  }

  /**
   * Writes at once but uncommitted, as DML does: exclusive locks, seen by the transaction's own reads.
   * `write` may run again where it had to wait.
   */
  writeUncommitted<Value>(
    transaction: Transaction,
    write: (writes: WriteSet) => Value,
    reply: Reply<Value>,
  ): void {
    const step = () => {
      const writes = new WriteSet(transaction.writes);
      const outcome = outcomeOf(() => {
        const value = write(writes);
        assertFinalChecks(this.schema, writes);
        return value;
      });
      const finish = () => {
        if (!outcome.ok) throw outcome.error;
        this.#scheduler.grant(transaction, writes.locks);
        transaction.writes = writes;
        return outcome.value;
      };
      return { requests: writes.locks, finish };
    };
    this.#scheduler.run(transaction, step, reply);
  }

  /** Commits all mutations and DML of a transaction, or none. A repeat answers what the first one did. */
  commit(
    transaction: Transaction,
    mutations: readonly Mutation[],
    nowMs: number,
    reply: Reply<CommitResult>,
  ): void {
    const { committed } = transaction;
    if (committed !== undefined) {
      reply({
        ok: true,
        value: { timestampMicros: committed.timestamp, mutationCount: committed.mutationCount },
      });
      return;
    }
    const step = () => {
      const timestamp = this.#nextTimestamp(nowMs);
      const writes = new WriteSet(transaction.writes);
      const moment = { nowMicros: timestamp, commitTimestamp: timestampOfMicros(timestamp) };
      const outcome = outcomeOf(() => this.#evaluate(writes, mutations, moment));
      const finish = () => {
        if (outcome.ok) return this.#apply(transaction, writes, timestamp);
        transaction.state = "ended";
        this.#scheduler.release(transaction);
        throw outcome.error;
      };
      return { requests: writes.locks, finish };
    };
    this.#scheduler.run(transaction, step, reply);
  }

  rollback(id: string): void {
    const transaction = this.#transactions.get(id);
    if (transaction?.state !== "active") return;
    transaction.state = "ended";
    transaction.writes = undefined;
    this.#scheduler.release(transaction);
  }

  /** Aborts a transaction from outside: a fault, or a caller that went away while it waited. */
  abort(transaction: Transaction, reason: string): void {
    this.#scheduler.abort(transaction, reason);
  }

  isWaiting(transaction: Transaction): boolean {
    return this.#scheduler.isWaiting(transaction);
  }

  /** Deletes the rows whose row deletion policy calls them expired; rows that are locked stay for the next time. */
  deleteExpired(nowMs: number): number {
    let count = 0;
    for (const deleted of this.expirySteps(nowMs)) count += deleted;
    return count;
  }

  /** The same in steps of a few milliseconds each; each tells how many rows it deleted. */
  *expirySteps(nowMs: number): Generator<number> {
    for (const table of this.schema.tables()) {
      for (const keys of expiredKeys(table, nowMs)) {
        yield keys.length === 0 ? 0 : this.#deleteNow(table.name, keys, nowMs);
      }
    }
  }

  #deleteNow(table: string, keys: Cell[][], nowMs: number): number {
    let count = 0;
    const transaction = this.begin(nowMs);
    const deletion: Mutation = {
      kind: "delete",
      table,
      keySet: { keys, ranges: [], all: false },
    };
    this.commit(transaction, [deletion], nowMs, (outcome) => {
      if (outcome.ok) count = keys.length;
    });
    this.abort(transaction, "Row deletion policies do not wait for locks.");
    return count;
  }

  /** Versions of rows and index entries in memory. */
  get heldVersions(): number {
    let count = 0;
    for (const table of this.schema.tables()) {
      count += table.rows.held;
      for (const index of table.indexes) count += index.entries.held;
    }
    return count;
  }

  /**
   * Housekeeping, to be called about once a second: idle transactions, finished ones, old versions. True
   * where so many versions are old that more are to be forgotten, by another call.
   */
  sweep(nowMs: number): boolean {
    for (const transaction of this.#scheduler.holders()) {
      const isIdle = nowMs - transaction.lastUseMs > IDLE_MS;
      if (isIdle && transaction.state === "active" && !this.#scheduler.isWaiting(transaction)) {
        this.#scheduler.abort(transaction, "Transaction was idle.");
      }
    }
    this.#forgetTransactions(nowMs);
    const horizonMs = nowMs - this.versionRetentionMs;
    for (const [id, { beganMs }] of this.#snapshots) {
      if (beganMs >= horizonMs) break;
      this.#snapshots.delete(id);
    }
    let isMore = false;
    for (const table of this.schema.tables()) {
      for (const store of [table.rows, ...table.indexes.map((index) => index.entries)]) {
        if (store.forgetBefore(horizonMs * 1000)) isMore = true;
      }
    }
    return isMore;
  }

  /** They stand in the order in which they began. */
  #forgetTransactions(nowMs: number): void {
    for (const transaction of this.#transactions.values()) {
      if (this.#scheduler.holdsLocks(transaction) || this.#scheduler.isWaiting(transaction))
        continue;
      if (nowMs - transaction.lastUseMs <= REMEMBERED_MS) break;
      this.#transactions.delete(transaction.id);
    }
  }

  #nextTimestamp(nowMs: number): number {
    return Math.max(this.#lastTimestamp + 1, Math.floor(nowMs * 1000));
  }

  #find(id: string): Transaction {
    const transaction = this.#transactions.get(id);
    if (transaction !== undefined && transaction.state !== "ended") return transaction;
    throw new StatusError(status.NOT_FOUND, `Transaction not found: ${id}`);
  }

  /** The transaction that a Commit names: also one that is committed, for the answer is the same again. */
  committable(id: string, nowMs: number): Transaction {
    const transaction = this.#find(id);
    return transaction.state === "committed" ? transaction : this.active(id, nowMs);
  }

  #evaluate(writes: WriteSet, mutations: readonly Mutation[], moment: WriteMoment): void {
    for (const mutation of mutations) {
      if (mutation.kind === "delete") this.#delete(writes, mutation);
      else applyWrite(writes, this.schema.table(mutation.table), mutation, moment);
    }
    assertFinalChecks(this.schema, writes);
    if (writes.mutationCount <= MAX_MUTATIONS) return;
    throw new StatusError(
      status.INVALID_ARGUMENT,
      `The transaction contains too many mutations. Insert and update operations count with the multiplicity of the number of columns they affect. Please reduce the number of writes, or use fewer indexes. (Maximum number: ${MAX_MUTATIONS})`,
    );
  }

  #delete(writes: WriteSet, { table: name, keySet }: DeleteMutation): void {
    const table = this.schema.table(name);
    const { primaryKey, rows } = table;
    for (const span of keySpans(`table ${table.name}`, primaryKey, primaryKey.length, keySet)) {
      writes.lock(rows, span, true);
      writes.mutationCount++;
      for (const [key, row] of [...writes.scan(rows, toRange(span))])
        deleteRow(writes, table, key, row);
    }
  }

  #apply(transaction: Transaction, writes: WriteSet, timestamp: number): CommitResult {
    const text = timestampOfMicros(timestamp);
    const hasUncommitted = transaction.writes !== undefined;
    for (const [store, rows] of writes.merged()) {
      for (const [key, row] of rows) {
        const stamped = hasUncommitted
          ? row?.map((cell) => (cell === COMMIT_TIMESTAMP ? text : cell))
          : row;
        if (stamped !== undefined || store.at(key, timestamp) !== undefined) {
          store.write(key, stamped, timestamp);
        }
      }
    }
    this.#lastTimestamp = timestamp;
    const { mutationCount } = writes;
    transaction.committed = { timestamp, mutationCount };
    transaction.state = "committed";
    transaction.writes = undefined;
    this.#scheduler.release(transaction);
    return { timestampMicros: timestamp, mutationCount };
  }
}

function resolveBound(bound: TimestampBound, newest: number, nowMicros: number): number {
  if (bound.kind === "strong") return newest;
  if (bound.kind === "exact") return bound.timestampMicros;
  return nowMicros - Math.floor(bound.stalenessMs * 1000);
}
