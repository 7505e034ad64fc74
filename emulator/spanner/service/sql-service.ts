import { status } from "@grpc/grpc-js";
import { StatusError, toServiceError } from "../../grpc/status-error.ts";
import type { CommitResult, DatabaseState } from "../database-state.ts";
import { TokenReader } from "../language/tokens.ts";
import { runDml } from "../sql/dml.ts";
import { readParameters } from "../sql/parameters.ts";
import { isDml, parseDml } from "../sql/parse-statement.ts";
import { simpleSelectOf } from "../sql/plan-query.ts";
import { planSelect } from "../sql/select.ts";
import type { ResultRows } from "../transactions/read-rows.ts";
import type { StatementResult, Transaction } from "../transactions/transaction.ts";
import { SnapshotView, type View } from "../transactions/write-set.ts";
import { ALL_KEYS } from "../values/key-codec.ts";
import {
  type BatchDmlRequest,
  decodeBatchDmlRequest,
  decodeSqlRequest,
  type SqlRequest,
  type Statement,
} from "../wire/decode-request.ts";
import {
  encodeBatchDmlResponse,
  encodePartialResultSets,
  encodeResultSet,
  type Result,
} from "../wire/encode-response.ts";
import {
  type DataServiceContext,
  openDatabase,
  type Reading,
  selectTransaction,
  waitFor,
} from "./data-service.ts";
import type { CallContext, Methods } from "./grpc-methods.ts";

/** Queries and DML of `google.spanner.v1.Spanner`. */
export function sqlMethods(context: DataServiceContext): Methods {
  return {
    ExecuteSql: {
      decode: decodeSqlRequest,
      answer: async (request: SqlRequest, call: CallContext) =>
        encodeResultSet(await execute(context, request, call)),
    },
    ExecuteStreamingSql: {
      decode: decodeSqlRequest,
      stream: async (request: SqlRequest, call: CallContext) =>
        encodePartialResultSets(await execute(context, request, call)),
    },
    ExecuteBatchDml: {
      decode: decodeBatchDmlRequest,
      answer: (request: BatchDmlRequest, call: CallContext) => executeBatch(context, request, call),
    },
  };
}

const PLAN_MODE = 1;

async function execute(
  context: DataServiceContext,
  request: SqlRequest,
  call: CallContext,
): Promise<Result> {
  const { state } = await openDatabase(context, request.session);
  if (request.queryMode === PLAN_MODE) {
    throw new StatusError(
      status.UNIMPLEMENTED,
      "The emulator makes no query plans (query_mode PLAN).",
    );
  }
  const reading = selectTransaction(state, request.selector, context.now());
  const run = { context, state, reading, call };
  if (!isDml(request.statement.sql)) {
    const rows = await runQuery(run, request.statement);
    return { ...rows, transaction: reading.begun, rowCount: undefined };
  }
  const transaction = writableTransaction(reading);
  const { count, ...rows } = await runDmlOnce(run, transaction, request);
  const rowCount = { count, isExact: !transaction.isPartitioned };
  return { ...rows, transaction: reading.begun, rowCount };
}

interface Run {
  readonly context: DataServiceContext;
  readonly state: DatabaseState;
  readonly reading: Reading;
  readonly call: CallContext;
}

function runQuery(run: Run, statement: Statement): Promise<ResultRows> | ResultRows {
  const { context, state, reading, call } = run;
  const { transaction, timestamp } = reading;
  const select = simpleSelectOf(statement.sql);
  if (select === undefined) return runOnReplica(run, statement);
  const moment = { nowMicros: context.now() * 1000 };
  const plan = planSelect(state.schema, select, readParameters(statement), moment);
  if (transaction === undefined) return plan.run(new SnapshotView(timestamp));
  return waitFor<ResultRows>(state, transaction, call, (reply) =>
    state.locked(transaction, { locks: plan.locks, look: plan.run }, reply),
  );
}

/** A query that needs DuckDB. In a read-write transaction it locks its tables as a whole. */
async function runOnReplica(run: Run, statement: Statement): Promise<ResultRows> {
  const { context, state, reading, call } = run;
  assertQuery(statement.sql);
  const { schema } = state;
  const replica = await context.replicas.of(state);
  const query = { sql: statement.sql, parameters: readParameters(statement) };
  const { transaction, timestamp } = reading;
  if (transaction === undefined) {
    return replica.run(schema, query, { view: new SnapshotView(timestamp), timestamp });
  }
  const requests = replica
    .tablesOf(schema, query)
    .map(({ rows: store }) => ({ store, covers: ALL_KEYS, exclusive: false }));
  const view = await waitFor<View>(state, transaction, call, (reply) =>
    state.locked(transaction, { locks: () => requests, look: (seen) => seen }, reply),
  );
  return replica.run(schema, query, { view, timestamp: undefined });
}

/** Refuses what does not begin as a query does. */
function assertQuery(sql: string): void {
  const reader = new TokenReader(sql);
  if (reader.isNext("SELECT") || reader.isNext("WITH") || reader.isNext("(")) return;
  if (reader.isNext("FROM") || reader.isNext("@", "{")) return;
  throw reader.unexpected("Expected a query or DML statement");
}

function writableTransaction({ transaction }: Reading): Transaction {
  if (transaction !== undefined) return transaction;
  throw new StatusError(
    status.INVALID_ARGUMENT,
    "DML statements can only be performed in a read-write or partitioned-dml transaction.",
  );
}

/** A statement that comes again with the sequence number of the last one is answered, not run again. */
async function runDmlOnce(
  run: Run,
  transaction: Transaction,
  request: { readonly statement: Statement; readonly sequence: string },
): Promise<StatementResult> {
  const last = transaction.lastStatement;
  if (last?.sequence === request.sequence && request.sequence !== "0") return last.result;
  const result = await runDmlStatement(run, transaction, request.statement);
  transaction.lastStatement = { sequence: request.sequence, result };
  return result;
}

async function runDmlStatement(
  { context, state, call }: Run,
  transaction: Transaction,
  statement: Statement,
): Promise<StatementResult> {
  const { schema } = state;
  const dml = parseDml(statement.sql);
  const parameters = readParameters(statement);
  const moment = { nowMicros: context.now() * 1000 };
  const result = await waitFor<StatementResult>(state, transaction, call, (reply) =>
    state.writeUncommitted(
      transaction,
      (writes) => runDml(writes, dml, { schema, parameters, moment }),
      reply,
    ),
  );
  if (transaction.isPartitioned) {
    await waitFor<CommitResult>(state, transaction, call, (reply) =>
      state.commit(transaction, [], context.now(), reply),
    );
  }
  return result;
}

/** Runs statements until one fails; the answer holds the results so far, and that one's status. */
async function executeBatch(
  context: DataServiceContext,
  request: BatchDmlRequest,
  call: CallContext,
): Promise<Buffer> {
  const { state } = await openDatabase(context, request.session);
  const reading = selectTransaction(state, request.selector, context.now());
  const transaction = writableTransaction(reading);
  const results: Result[] = [];
  let failure = { code: status.OK as number, message: "" };
  for (const statement of request.statements) {
    try {
      const { count, ...rows } = await runDmlStatement(
        { context, state, reading, call },
        transaction,
        statement,
      );
      const begun = results.length === 0 ? reading.begun : undefined;
      results.push({ ...rows, transaction: begun, rowCount: { count, isExact: true } });
    } catch (error) {
      const { code, details } = toServiceError(error);
      if (code === status.ABORTED) throw error;
      failure = { code, message: details };
      break;
    }
  }
  return encodeBatchDmlResponse(results, failure);
}
