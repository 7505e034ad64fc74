/**
 * Random histories through the official client against our emulator, judged by the checker; and the
 * same with the emulator broken on purpose, which the checker must find.
 */
import type { Database, Spanner } from "@google-cloud/spanner";
import { DatabaseState } from "../../../emulator/spanner/database-state.ts";
import { type SpannerEmulator, startSpannerEmulator } from "../../../emulator/spanner/server.ts";
import { type LockRequest, LockTable } from "../../../emulator/spanner/transactions/lock-table.ts";
import type { Reply, Transaction } from "../../../emulator/spanner/transactions/transaction.ts";
import type { WriteSet } from "../../../emulator/spanner/transactions/write-set.ts";
import { checkSerializability } from "../../simulation/checkers/serializability.ts";
import { connect, createDatabase, createInstance } from "./fixture.ts";
import { ACCOUNT_DDL, type HistoryOptions, recordHistory } from "./random-history.ts";

let emulator: SpannerEmulator;
let spanner: Spanner;
let database: Database;
let restore: (() => void) | undefined;

beforeAll(async () => {
  emulator = await startSpannerEmulator({ port: 0 });
  spanner = connect(emulator.address, {});
  const instance = await createInstance(spanner, "serializability");
  database = await createDatabase(instance, "accounts", [ACCOUNT_DDL]);
});

afterEach(() => {
  restore?.();
  restore = undefined;
});

afterAll(async () => {
  await database.close();
  await Promise.resolve(spanner.close());
  await emulator.close();
});

const options: HistoryOptions = { seed: 1, workers: 8, transactionsEach: 20, accounts: 5 };

test.each([1, 2])("a random history is serialisable in commit order, seed %i", async (seed) => {
  const history = await recordHistory(database, { ...options, seed });
  expect(checkSerializability(history.initial, history.transactions)).toEqual([]);
  expect(new Set(history.sums)).toEqual(new Set([history.expectedSum]));
  expect(history.transactions.length).toBe(160);
});

test("aborts on purpose change nothing of that", async () => {
  const fault = emulator.faults.add({ kind: "aborted", target: "*", probability: 0.2 });
  const history = await recordHistory(database, { ...options, seed: 3 });
  emulator.faults.remove(fault);
  expect(checkSerializability(history.initial, history.transactions)).toEqual([]);
  expect(Object.values(emulator.faults.counts()).some((count) => count > 10)).toBe(true);
});

test("mutant: transactions that hold no locks lose updates", async () => {
  plant(LockTable.prototype, "grant", () => undefined);
  const found = new Set<string>();
  for (let seed = 10; seed < 12; seed++) {
    for (const kind of await anomalies({ ...options, seed })) found.add(kind);
  }
  expect(found).toContain("lostUpdate");
});

test("mutant: shared locks that are forgotten let writes skew", async () => {
  const grant = LockTable.prototype.grant;
  const mutant = function (
    this: LockTable<unknown>,
    owner: unknown,
    requests: Iterable<LockRequest>,
  ) {
    grant.call(
      this,
      owner,
      [...requests].filter(({ exclusive }) => exclusive),
    );
  };
  plant(LockTable.prototype, "grant", mutant);
  const found = new Set<string>();
  for (let seed = 20; seed < 24; seed++) {
    for (const kind of await anomalies({ ...options, seed, accounts: 12 })) found.add(kind);
  }
  expect(found).toContain("writeSkew");
});

test("mutant: DML that others see before its commit is a dirty read", async () => {
  const writeUncommitted = DatabaseState.prototype.writeUncommitted;
  const mutant = function (
    this: DatabaseState,
    transaction: Transaction,
    write: (writes: WriteSet) => unknown,
    reply: Reply<unknown>,
  ) {
    const writeThrough = (writes: WriteSet) => {
      const value = write(writes);
      const timestamp = this.readTimestamp({ kind: "strong" }, Date.now());
      for (const [store, rows] of writes.merged()) {
        for (const [key, row] of rows) store.write(key, row, timestamp);
      }
      return value;
    };
    writeUncommitted.call(this, transaction, writeThrough, reply);
  };
  plant(LockTable.prototype, "conflicts", () => new Set());
  plant(DatabaseState.prototype, "writeUncommitted", mutant);
  expect(await anomalies({ ...options, seed: 30 })).toContain("dirtyRead");
});

async function anomalies(each: HistoryOptions): Promise<string[]> {
  const history = await recordHistory(database, each);
  return checkSerializability(history.initial, history.transactions).map(({ kind }) => kind);
}

/** Replaces a method until the test ends. */
function plant(prototype: object, method: string, mutant: unknown): void {
  const original: unknown = Reflect.get(prototype, method);
  const before = restore;
  Reflect.set(prototype, method, mutant);
  restore = () => {
    Reflect.set(prototype, method, original);
    before?.();
  };
}
