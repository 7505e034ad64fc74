import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import { type LockRequest, LockTable } from "./lock-table.ts";
import type { ResultRows } from "./read-rows.ts";
import type { WriteSet } from "./write-set.ts";

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: unknown };

/** Called exactly once, at once or within a later call that ended the wait. */
export type Reply<Value> = (outcome: Outcome<Value>) => void;

/** What a DML statement answers: how many rows, and what THEN RETURN asked of them. */
export interface StatementResult extends ResultRows {
  readonly count: number;
}

/** A read-write transaction. */
export interface Transaction {
  readonly id: string;
  /** Lower is older and wins; a retry keeps the age of the attempt before it. */
  readonly age: number;
  /** The attempt before it was aborted: it locks rows that it reads as if it were to write them. */
  readonly isRetry: boolean;
  /** Partitioned DML: each statement commits by itself. */
  readonly isPartitioned: boolean;
  state: "active" | "committed" | "aborted" | "ended";
  lastUseMs: number;
  /** What its DML wrote so far. */
  writes: WriteSet | undefined;
  /** Set once committed: a repeated Commit answers the same. */
  committed: { readonly timestamp: number; readonly mutationCount: number } | undefined;
  /** The newest DML statement's sequence number and row count: a repeat of it answers the same. */
  lastStatement: { readonly sequence: string; readonly result: StatementResult } | undefined;
}

/** One step of a transaction that waits for older ones. */
interface Waiter {
  readonly transaction: Transaction;
  readonly resume: () => void;
  readonly fail: (error: StatusError) => void;
}

/** How long an aborted client is told to wait before it tries again, in milliseconds. */
const RETRY_DELAY_MS = 2;

/**
 * Locks with wound-wait: who is older aborts the younger that stand in its way, who is younger waits.
 * So there is no deadlock, and the oldest always gets through.
 */
export class TransactionScheduler {
  readonly #locks = new LockTable<Transaction>();
  readonly #waiters = new Map<Transaction, Waiter>();

  /**
   * Runs `step` once none of the locks it needs stand against another transaction. `step` says what it
   * needs each time it is tried; its own errors count only then, for what it saw may have been changing.
   */
  run<Value>(
    transaction: Transaction,
    step: () => { readonly requests: Iterable<LockRequest>; readonly finish: () => Value },
    reply: Reply<Value>,
  ): void {
    const attempt = () => {
      const { requests, finish } = step();
      const rivals = this.#locks.conflicts(transaction, requests);
      const younger = [...rivals].filter((rival) => rival.age > transaction.age);
      for (const rival of younger) this.#wound(rival);
      if (younger.length === rivals.size) reply(outcomeOf(finish));
      else {
        const fail = (error: StatusError) => reply({ ok: false, error });
        this.#waiters.set(transaction, { transaction, resume: attempt, fail });
      }
      if (younger.length > 0) this.#resumeWaiters();
    };
    attempt();
  }

  grant(transaction: Transaction, requests: Iterable<LockRequest>): void {
    this.#locks.grant(transaction, requests);
  }

  holdsLocks(transaction: Transaction): boolean {
    return this.#locks.holdsAny(transaction);
  }

  /** Transactions that hold locks. */
  holders(): Transaction[] {
    return this.#locks.owners();
  }

  isWaiting(transaction: Transaction): boolean {
    return this.#waiters.has(transaction);
  }

  /** Ends a transaction's hold; those that wait are tried again, oldest first. */
  release(transaction: Transaction): void {
    this.#waiters.delete(transaction);
    if (!this.#locks.holdsAny(transaction)) return;
    this.#locks.release(transaction);
    this.#resumeWaiters();
  }

  abort(transaction: Transaction, reason: string): void {
    if (transaction.state !== "active") return;
    transaction.state = "aborted";
    transaction.writes = undefined;
    const waiter = this.#waiters.get(transaction);
    this.release(transaction);
    waiter?.fail(abortedError(reason));
  }

  /** Like abort, but without waking others: the wounding transaction goes first. */
  #wound(transaction: Transaction): void {
    transaction.state = "aborted";
    transaction.writes = undefined;
    const waiter = this.#waiters.get(transaction);
    this.#waiters.delete(transaction);
    this.#locks.release(transaction);
    waiter?.fail(abortedError("Transaction was aborted by an older one that needs its locks."));
  }

  #resumeWaiters(): void {
    const waiters = [...this.#waiters.values()];
    waiters.sort((left, right) => left.transaction.age - right.transaction.age);
    for (const waiter of waiters) {
      if (this.#waiters.get(waiter.transaction) !== waiter) continue;
      this.#waiters.delete(waiter.transaction);
      waiter.resume();
    }
  }
}

export function outcomeOf<Value>(produce: () => Value): Outcome<Value> {
  try {
    return { ok: true, value: produce() };
  } catch (error) {
    return { ok: false, error };
  }
}

export function abortedError(reason: string): StatusError {
  return new StatusError(status.ABORTED, reason, { retryDelayMs: RETRY_DELAY_MS });
}
