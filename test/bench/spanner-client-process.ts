/**
 * One client process of the Spanner bench. A message names a task, how many workers do it at once and for
 * how long or how often each; the answer is how often it was done, and in how many seconds. Its argument is
 * the emulator's address, which SPANNER_EMULATOR_HOST holds too.
 */
import { performance } from "node:perf_hooks";
import { argv, pid } from "node:process";
import { type Database, Spanner } from "@google-cloud/spanner";
import { RawClient, ROWS_A_COMMIT } from "./spanner-raw-client.ts";

export interface Order {
  readonly task: keyof typeof tasks;
  /** Number of the process: no two write the same keys, but for the hot one. */
  readonly client: number;
  readonly workers: number;
  /** Each worker goes on for so long, and does the task at least once. */
  readonly seconds: number;
  /** In place of seconds: how often each worker does the task. */
  readonly turns?: number;
}

export interface Done {
  readonly count: number;
  /** Until the last worker was done. */
  readonly seconds: number;
  /** The longest that one turn took. */
  readonly slowestMs: number;
  /** Of this process. */
  readonly cpuSeconds: number;
}

const DDL = [
  "CREATE TABLE Counter (id STRING(36) NOT NULL, value INT64 NOT NULL) PRIMARY KEY (id)",
  `CREATE TABLE AuctionLog (
    auction_id STRING(64) NOT NULL, revision INT64 NOT NULL, totals JSON, fingerprints BYTES(MAX),
    committed_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true),
  ) PRIMARY KEY (auction_id, revision)`,
];
const KEYS_A_WORKER = 8;
const WORKERS_A_CLIENT = 32;

const address = argv[2] ?? "";
const spanner = new Spanner({ projectId: "bench" });
const database = spanner.instance("bench-instance").database("bench");
const raw = new RawClient(address);
/** One for each worker: outside of multiplexed sessions, a session carries one transaction at a time. */
const rawSessions = new Map<number, string>();
let commits = 0;

const tasks = {
  prepare: () => prepare(),
  increment: ({ client }: Order, worker: number, turn: number) =>
    increment(database, keyOf(client, worker, turn)),
  incrementHot: () => increment(database, "hot"),
  incrementMany: ({ client }: Order, worker: number) => incrementMany(client, worker),
  insert: () => insert(),
  rawIncrement: async ({ client }: Order, worker: number, turn: number) =>
    raw.increment(await rawSession(worker), keyOf(client, worker, turn)),
  rawInsert: async (_: Order, worker: number) =>
    raw.insert(await rawSession(worker), `raw-${pid}-${commits++}`),
  readHot: () => readHot(),
} as const satisfies Record<
  string,
  (order: Order, worker: number, turn: number) => Promise<unknown>
>;

process.on("message", (order: Order) => {
  run(order).then(
    (done) => process.send?.(done),
    (error: unknown) => process.send?.({ failure: `${order.task}: ${String(error)}` }),
  );
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

async function run(order: Order): Promise<Done> {
  const act: (order: Order, worker: number, turn: number) => Promise<unknown> = tasks[order.task];
  const began = performance.now();
  const cpu = process.cpuUsage();
  const ends = began + order.seconds * 1000;
  let count = 0;
  let slowestMs = 0;
  const work = async (worker: number) => {
    let turn = 0;
    let now = performance.now();
    do {
      const start = now;
      const result = await act(order, worker, turn++);
      now = performance.now();
      slowestMs = Math.max(slowestMs, now - start);
      count = typeof result === "number" ? result : count + 1;
    } while (order.turns === undefined ? now < ends : turn < order.turns);
  };
  await Promise.all(Array.from({ length: order.workers }, (_, worker) => work(worker)));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - began) / 1000;
  return { count, seconds, slowestMs, cpuSeconds: (user + system) / 1_000_000 };
}

/** Settlement's shape: a transaction that reads 500 rows and writes them. */
const settledKeys = (client: number, worker: number) =>
  Array.from({ length: ROWS_A_COMMIT }, (_, index) => `settled-${client}-${worker}-${index}`);

async function prepare(): Promise<void> {
  const [instance, creation] = await spanner.createInstance("bench-instance", {
    config: "emulator-config",
    nodes: 1,
    displayName: "bench",
  });
  await creation.promise();
  const [created, databaseCreation] = await instance.createDatabase("bench", { schema: DDL });
  await databaseCreation.promise();
  const counters = [0, 1, 2, 3].flatMap((client) =>
    Array.from({ length: WORKERS_A_CLIENT * KEYS_A_WORKER }, (_, index) =>
      keyOf(client, Math.floor(index / KEYS_A_WORKER), index % KEYS_A_WORKER),
    ),
  );
  const settled = [0, 1, 2, 3].flatMap((worker) => settledKeys(0, worker));
  await created
    .table("Counter")
    .insert([...counters, ...settled, "hot"].map((id) => ({ id, value: 0 })));
}

function keyOf(client: number, worker: number, turn: number): string {
  return `key-${client}-${worker}-${turn % KEYS_A_WORKER}`;
}

async function increment(db: Database, id: string): Promise<void> {
  await db.runTransactionAsync(async (transaction) => {
    const [rows] = await transaction.read("Counter", { columns: ["value"], keys: [id] });
    const value = Number(rows[0]?.toJSON()["value"] ?? 0);
    transaction.update("Counter", { id, value: value + 1 });
    await transaction.commit();
  });
}

async function incrementMany(client: number, worker: number): Promise<void> {
  const keys = settledKeys(client, worker);
  await database.runTransactionAsync(async (transaction) => {
    const [rows] = await transaction.read("Counter", { columns: ["id", "value"], keys });
    const next = rows.map((row) => row.toJSON());
    transaction.update(
      "Counter",
      next.map(({ id, value }) => ({ id, value: Number(value) + 1 })),
    );
    await transaction.commit();
  });
}

async function insert(): Promise<void> {
  const commit = commits++;
  const rows = Array.from({ length: ROWS_A_COMMIT }, (_, index) => ({
    auction_id: `${(index * 7919) % 10_007}-auction-${pid}-${commit}-${index}`,
    revision: 1,
    totals: JSON.stringify({ count: 8, sum: 12_345, min: 1, max: 9000 }),
    fingerprints: Buffer.alloc(64, 7),
    committed_at: "spanner.commit_timestamp()",
  }));
  await database.table("AuctionLog").insert(rows);
}

async function readHot(): Promise<number> {
  const [rows] = await database.table("Counter").read({ columns: ["value"], keys: ["hot"] });
  return Number(rows[0]?.toJSON()["value"]);
}

async function rawSession(worker: number): Promise<string> {
  const known = rawSessions.get(worker);
  if (known !== undefined) return known;
  const session = await raw.createSession(database.formattedName_);
  rawSessions.set(worker, session);
  return session;
}
