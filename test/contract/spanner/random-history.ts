import { performance } from "node:perf_hooks";
import type { Database, Transaction } from "@google-cloud/spanner";
import type { RecordedTransaction } from "../../simulation/checkers/serializability.ts";
import { prng } from "../../support/prng.ts";
import { plainRows } from "./fixture.ts";

export const ACCOUNT_DDL =
  "CREATE TABLE Account (id STRING(10) NOT NULL, version STRING(40) NOT NULL, balance INT64 NOT NULL) PRIMARY KEY (id)";
const BALANCE = 100;

export interface HistoryOptions {
  readonly seed: number;
  readonly workers: number;
  readonly transactionsEach: number;
  readonly accounts: number;
}

export interface RandomHistory {
  readonly initial: ReadonlyMap<string, string>;
  readonly transactions: readonly RecordedTransaction[];
  /** What each snapshot of all accounts added up to; a transfer moves money and makes none. */
  readonly sums: readonly number[];
  readonly expectedSum: number;
}

/** Runs random transfers, read-modify-writes, skews, snapshots and rollbacks at once, and writes down what each saw. */
export async function recordHistory(
  database: Database,
  options: HistoryOptions,
): Promise<RandomHistory> {
  const ids = Array.from({ length: options.accounts }, (_, index) => `a${index}`);
  const initial = new Map(ids.map((id) => [id, `${id}-initial`]));
  await database
    .table("Account")
    .upsert(ids.map((id) => ({ id, version: `${id}-initial`, balance: BALANCE })));
  const sums: number[] = [];
  const recorded: RecordedTransaction[] = [];
  const work = async (worker: number) => {
    const random = prng(options.seed * 1000 + worker);
    for (let number = 0; number < options.transactionsEach; number++) {
      const run = { database, ids, random, name: `w${worker}-${number}`, sums };
      recorded.push(...(await runOne(run)));
    }
  };
  await Promise.all(Array.from({ length: options.workers }, (_, worker) => work(worker)));
  return { initial, transactions: recorded, sums, expectedSum: ids.length * BALANCE };
}

interface Run {
  readonly database: Database;
  readonly ids: readonly string[];
  readonly random: () => number;
  readonly name: string;
  readonly sums: number[];
}

function runOne(run: Run): Promise<RecordedTransaction[]> {
  const kind = run.random();
  if (kind < 0.2) return snapshot(run);
  const from = pick(run);
  const to = pick(run, from);
  if (kind < 0.5) return readWrite(run, { reads: [from, to], writes: [from, to] });
  if (kind < 0.75) return readWrite(run, { reads: [from, to], writes: [from] });
  if (kind < 0.9) return readWrite(run, { reads: [from], writes: [from] });
  return rolledBack(run, from);
}

function pick({ ids, random }: Run, not?: string): string {
  const others = ids.filter((id) => id !== not);
  return others[Math.floor(random() * others.length)] ?? "a0";
}

/** Reads some accounts and writes some of them; only of two that are written does money move. */
async function readWrite(
  { database, name }: Run,
  plan: { readonly reads: readonly string[]; readonly writes: readonly string[] },
): Promise<RecordedTransaction[]> {
  const beganMs = performance.now();
  let reads = new Map<string, string>();
  const writes = new Map(plan.writes.map((id) => [id, `${name}-${id}`]));
  const timestamp = await database.runTransactionAsync(async (transaction) => {
    const found = await readAccounts(transaction, plan.reads);
    reads = versionsOf(found);
    const moved = plan.writes.length === 2 ? 1 : 0;
    for (const [position, id] of plan.writes.entries()) {
      const balance = Number(found.get(id)?.balance) + (position === 0 ? -moved : moved);
      transaction.update("Account", { id, version: writes.get(id), balance });
    }
    const [response] = await transaction.commit();
    return micros(response.commitTimestamp);
  });
  const endedMs = performance.now();
  return [{ id: name, outcome: "committed", reads, writes, beganMs, endedMs, timestamp }];
}

/** Writes by DML, looks, waits a little, and takes it back: nobody else may have seen it. */
async function rolledBack({ database, name }: Run, id: string): Promise<RecordedTransaction[]> {
  const beganMs = performance.now();
  const version = `${name}-${id}-dirty`;
  await database.runTransactionAsync(async (transaction) => {
    await transaction.runUpdate({
      sql: "UPDATE Account SET version = @version WHERE id = @id",
      params: { version, id },
    });
    await readAccounts(transaction, [id]);
    await transaction.rollback();
  });
  const writes = new Map([[id, version]]);
  const endedMs = performance.now();
  return [
    {
      id: name,
      outcome: "aborted",
      reads: new Map(),
      writes,
      beganMs,
      endedMs,
      timestamp: undefined,
    },
  ];
}

async function snapshot({ database, ids, name, sums }: Run): Promise<RecordedTransaction[]> {
  const beganMs = performance.now();
  const [view] = await database.getSnapshot({ strong: true, returnReadTimestamp: true });
  const found = await readAccounts(view, ids);
  const timestamp = micros(view.readTimestampProto);
  view.end();
  sums.push([...found.values()].reduce((sum, { balance }) => sum + balance, 0));
  const endedMs = performance.now();
  const reads = versionsOf(found);
  return [
    { id: name, outcome: "committed", reads, writes: new Map(), beganMs, endedMs, timestamp },
  ];
}

interface Account {
  readonly version: string;
  readonly balance: number;
}

async function readAccounts(
  reader: Pick<Transaction, "read">,
  ids: readonly string[],
): Promise<Map<string, Account>> {
  const [rows] = await reader.read("Account", {
    columns: ["id", "version", "balance"],
    keys: ids.map((id) => [id]),
  });
  return new Map(
    plainRows(rows).map((row) => [
      String(row["id"]),
      { version: String(row["version"]), balance: Number(row["balance"]) },
    ]),
  );
}

function versionsOf(found: ReadonlyMap<string, Account>): Map<string, string> {
  return new Map([...found].map(([id, { version }]) => [id, version]));
}

/** Of a `google.protobuf.Timestamp`. */
function micros(
  timestamp: { seconds?: unknown; nanos?: number | null } | null | undefined,
): number | undefined {
  if (timestamp === null || timestamp === undefined) return undefined;
  return Number(timestamp.seconds) * 1_000_000 + Math.floor((timestamp.nanos ?? 0) / 1000);
}
