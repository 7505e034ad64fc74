/**
 * Loads a Spanner emulator through the official client and prints one line of JSON. Arguments: the
 * number of seconds that each timed workload lasts, and the address, which SPANNER_EMULATOR_HOST holds too.
 */
import { performance } from "node:perf_hooks";
import { type Database, Spanner } from "@google-cloud/spanner";
import { GeneratedClient } from "./spanner-generated-client.ts";
import { rawInsertsPerSecond } from "./spanner-raw-inserts.ts";

export interface LoadResult {
  readonly sequentialPerSecond: number;
  readonly concurrent8PerSecond: number;
  readonly concurrent32PerSecond: number;
  readonly generated8PerSecond: number;
  readonly generated32PerSecond: number;
  readonly hotKeyPerSecond: number;
  readonly hotKeyExact: boolean;
  readonly insertRowsPerSecond: number;
  readonly rawInsertRowsPerSecond: number;
}

const DDL = [
  "CREATE TABLE Counter (id STRING(36) NOT NULL, value INT64 NOT NULL) PRIMARY KEY (id)",
  `CREATE TABLE AuctionLog (
    auction_id STRING(64) NOT NULL, revision INT64 NOT NULL, totals JSON, fingerprints BYTES(MAX),
    committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  ) PRIMARY KEY (auction_id, revision)`,
];
const ROWS_A_COMMIT = 500;
const KEYS = 256;

const seconds = Number(process.argv[2] ?? "3");
const address = process.argv[3] ?? "";
const spanner = new Spanner({ projectId: "bench" });
const [instance, creation] = await spanner.createInstance("bench-instance", {
  config: "emulator-config",
  nodes: 1,
  displayName: "bench",
});
await creation.promise();
const [database, databaseCreation] = await instance.createDatabase("bench", { schema: DDL });
await databaseCreation.promise();
process.stdout.write(`${JSON.stringify(await measure(database))}\n`);
await database.close();
await Promise.resolve(spanner.close());

async function measure(db: Database): Promise<LoadResult> {
  await seedCounters(db);
  await run(db, 1, 0.5, disjointKey);
  const sequentialPerSecond = await run(db, 1, seconds, disjointKey);
  const concurrent8PerSecond = await run(db, 8, seconds, disjointKey);
  const concurrent32PerSecond = await run(db, 32, seconds, disjointKey);
  const generated8PerSecond = await runGenerated(db, 8);
  const generated32PerSecond = await runGenerated(db, 32);
  const hot = await runHotKey(db);
  return {
    sequentialPerSecond,
    concurrent8PerSecond,
    concurrent32PerSecond,
    generated8PerSecond,
    generated32PerSecond,
    ...hot,
    insertRowsPerSecond: await runInserts(db),
    rawInsertRowsPerSecond: await runRawInserts(db),
  };
}

async function seedCounters(db: Database): Promise<void> {
  const ids = Array.from({ length: KEYS }, (_, index) => `key-${index}`);
  await db.table("Counter").insert([...ids, "hot"].map((id) => ({ id, value: 0 })));
}

function disjointKey(worker: number, iteration: number): string {
  return `key-${worker * 8 + (iteration % 8)}`;
}

async function run(
  db: Database,
  workers: number,
  durationSeconds: number,
  keyOf: (worker: number, iteration: number) => string,
): Promise<number> {
  return await repeat(workers, durationSeconds, (worker, iteration) =>
    increment(db, keyOf(worker, iteration)),
  );
}

async function runGenerated(db: Database, workers: number): Promise<number> {
  const client = new GeneratedClient(address, db.formattedName_);
  const sessions = await Promise.all(Array.from({ length: workers }, () => client.createSession()));
  const perSecond = await repeat(workers, seconds, (worker, iteration) =>
    client.increment(sessions[worker] ?? "", disjointKey(worker, iteration)),
  );
  await client.close();
  return perSecond;
}

/** How often a second so many workers at once get something done. */
async function repeat(
  workers: number,
  durationSeconds: number,
  act: (worker: number, iteration: number) => Promise<void>,
): Promise<number> {
  const began = performance.now();
  const ends = began + durationSeconds * 1000;
  let count = 0;
  const work = async (worker: number) => {
    for (let iteration = 0; performance.now() < ends; iteration++) {
      await act(worker, iteration);
      count++;
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  return count / ((performance.now() - began) / 1000);
}

async function increment(db: Database, id: string): Promise<void> {
  await db.runTransactionAsync(async (transaction) => {
    const [rows] = await transaction.read("Counter", { columns: ["value"], keys: [id] });
    const value = Number(rows[0]?.toJSON()["value"] ?? 0);
    transaction.update("Counter", { id, value: value + 1 });
    await transaction.commit();
  });
}

/** Eight workers on one key: what it holds at the end must be what was added. */
async function runHotKey(
  db: Database,
): Promise<Pick<LoadResult, "hotKeyPerSecond" | "hotKeyExact">> {
  let count = 0;
  const hotKeyPerSecond = await run(db, 8, seconds, () => {
    count++;
    return "hot";
  });
  const [rows] = await db.table("Counter").read({ columns: ["value"], keys: ["hot"] });
  return { hotKeyPerSecond, hotKeyExact: Number(rows[0]?.toJSON()["value"]) === count };
}

async function runRawInserts(db: Database): Promise<number> {
  const client = new GeneratedClient(address, db.formattedName_);
  const session = await client.createSession();
  await client.close();
  return await rawInsertsPerSecond(address, session, { seconds, rowsACommit: ROWS_A_COMMIT });
}

async function runInserts(db: Database): Promise<number> {
  const fingerprints = Buffer.alloc(64, 7);
  const totals = JSON.stringify({ count: 8, sum: 12_345, min: 1, max: 9000 });
  const began = performance.now();
  let rows = 0;
  for (let commit = 0; performance.now() - began < seconds * 1000; commit++) {
    const batch = Array.from({ length: ROWS_A_COMMIT }, (_, index) => ({
      auction_id: `${(index * 7919) % 10_007}-auction-${commit}-${index}`,
      revision: 1,
      totals,
      fingerprints,
      committed_at: "spanner.commit_timestamp()",
    }));
    await db.table("AuctionLog").insert(batch);
    rows += batch.length;
  }
  return rows / ((performance.now() - began) / 1000);
}
