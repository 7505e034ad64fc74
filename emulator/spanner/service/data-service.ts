import { setTimeout as delay } from "node:timers/promises";
import type { Catalog, Database } from "../catalog.ts";
import type { CommitResult, DatabaseState } from "../database-state.ts";
import type { SqlReplicas } from "../sql/replicas.ts";
import type { ResultRows } from "../transactions/read-rows.ts";
import type { Reply, Transaction } from "../transactions/transaction.ts";
import {
  type BeginRequest,
  type CommitRequest,
  decodeBeginRequest,
  decodeCommitRequest,
  decodeReadRequest,
  type RowsRequest,
} from "../wire/decode-request.ts";
import type { TransactionOptions, TransactionSelector } from "../wire/decode-transaction.ts";
import {
  type BegunTransaction,
  encodeCommitResponse,
  encodePartialResultSets,
  encodeResultSet,
  encodeTransaction,
  type Result,
} from "../wire/encode-response.ts";
import type { FaultPoints } from "./fault-points.ts";
import type { CallContext, Methods } from "./grpc-methods.ts";

export interface DataServiceContext {
  readonly catalog: Catalog;
  readonly faults: FaultPoints;
  readonly replicas: SqlReplicas;
  readonly now: () => number;
}

/** In which transaction a read or query runs, and what of it the answer must tell. */
export interface Reading {
  readonly transaction: Transaction | undefined;
  /** Where `transaction` is undefined: the time to read at. */
  readonly timestamp: number;
  readonly begun: BegunTransaction | undefined;
}

/** Transactions, reads and commits of `google.spanner.v1.Spanner`. */
export function dataMethods(context: DataServiceContext): Methods {
  return {
    BeginTransaction: {
      decode: decodeBeginRequest,
      answer: (request: BeginRequest) => begin(context, request),
    },
    Commit: {
      decode: decodeCommitRequest,
      answer: (request: CommitRequest, call: CallContext) => commit(context, request, call),
    },
    Read: {
      decode: decodeReadRequest,
      answer: async (request: RowsRequest, call: CallContext) =>
        encodeResultSet(await read(context, request, call)),
    },
    StreamingRead: {
      decode: decodeReadRequest,
      stream: async (request: RowsRequest, call: CallContext) =>
        encodePartialResultSets(await read(context, request, call)),
    },
  };
}

/** The database that a call's session belongs to, once the faults that stop calls have been drawn. */
export async function openDatabase(
  context: DataServiceContext,
  sessionName: string,
): Promise<Database> {
  const { database } = context.catalog.session(sessionName, context.now());
  await context.faults.beforeCall(database.name);
  return database;
}

async function begin(context: DataServiceContext, request: BeginRequest): Promise<Buffer> {
  const { state } = await openDatabase(context, request.session);
  return encodeTransaction(beginTransaction(state, request.options, context.now()).begun);
}

function beginTransaction(
  state: DatabaseState,
  options: TransactionOptions,
  nowMs: number,
): Reading & { readonly begun: BegunTransaction } {
  if (options.kind === "readOnly") {
    const { id, timestampMicros } = state.beginReadOnly(options.bound, nowMs);
    const begun = {
      id,
      readTimestampMicros: options.returnTimestamp ? timestampMicros : undefined,
    };
    return { transaction: undefined, timestamp: timestampMicros, begun };
  }
  const previousId = options.kind === "readWrite" ? options.previousId : undefined;
  const transaction = state.begin(nowMs, previousId, options.kind === "partitionedDml");
  const begun = { id: transaction.id, readTimestampMicros: undefined };
  return { transaction, timestamp: 0, begun };
}

/** Resolves a request's transaction selector; begins what it asks to begin. */
export function selectTransaction(
  state: DatabaseState,
  selector: TransactionSelector,
  nowMs: number,
): Reading {
  if (selector.kind === "begin") return beginTransaction(state, selector.options, nowMs);
  if (selector.kind === "id") {
    const timestamp = state.snapshotOf(selector.id);
    if (timestamp !== undefined) return { transaction: undefined, timestamp, begun: undefined };
    return { transaction: state.active(selector.id, nowMs), timestamp: 0, begun: undefined };
  }
  const { options } = selector;
  if (options.kind !== "readOnly") return beginTransaction(state, options, nowMs);
  const timestamp = state.readTimestamp(options.bound, nowMs);
  const begun = options.returnTimestamp ? { id: "", readTimestampMicros: timestamp } : undefined;
  return { transaction: undefined, timestamp, begun };
}

async function read(
  context: DataServiceContext,
  request: RowsRequest,
  call: CallContext,
): Promise<Result> {
  const { state } = await openDatabase(context, request.session);
  const { transaction, timestamp, begun } = selectTransaction(
    state,
    request.selector,
    context.now(),
  );
  const found =
    transaction === undefined
      ? state.readAt(request.read, timestamp)
      : await waitFor<ResultRows>(state, transaction, call, (reply) =>
          state.read(transaction, request.read, reply),
        );
  return { ...found, transaction: begun, rowCount: undefined };
}

async function commit(
  context: DataServiceContext,
  request: CommitRequest,
  call: CallContext,
): Promise<Buffer> {
  const { faults, now } = context;
  const { name, state } = await openDatabase(context, request.session);
  const { selector } = request;
  const transaction =
    selector.kind === "id" ? state.committable(selector.id, now()) : state.begin(now());
  if (faults.abortsCommit(name)) {
    state.abort(transaction, "Transaction was aborted (fault aborted).");
    throw faults.abortedByFault();
  }
  const delayMs = faults.commitDelayMs(name);
  if (delayMs > 0) await delay(delayMs);
  const result = await waitFor<CommitResult>(state, transaction, call, (reply) =>
    state.commit(transaction, request.mutations, now(), reply),
  );
  faults.afterCommit(name);
  return encodeCommitResponse(
    result.timestampMicros,
    request.returnStats ? result.mutationCount : undefined,
  );
}

/** Runs a step that may wait for locks; a caller who goes away meanwhile aborts the transaction. */
export function waitFor<Value>(
  state: DatabaseState,
  transaction: Transaction,
  call: CallContext,
  start: (reply: Reply<Value>) => void,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    start((outcome) => {
      if (outcome.ok) resolve(outcome.value);
      else reject(outcome.error);
    });
    if (state.isWaiting(transaction)) {
      call.onCancelled(() => {
        if (state.isWaiting(transaction)) state.abort(transaction, "The caller went away.");
      });
    }
  });
}
