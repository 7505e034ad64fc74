/** Faults on purpose, administration, and what is not supported, as the official client meets them. */
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { Database, Instance, Spanner } from "@google-cloud/spanner";
import { startControlServer } from "../../../emulator/control/control-server.ts";
import { type SpannerEmulator, startSpannerEmulator } from "../../../emulator/spanner/server.ts";
import { codeOf, failure } from "./cases.ts";
import { connect, createDatabase, createInstance, plainRows } from "./fixture.ts";

const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const UNIMPLEMENTED = 12;
const NAME = "projects/contract/instances/faults/databases/ledger";

let emulator: SpannerEmulator;
let spanner: Spanner;
let instance: Instance;
let database: Database;

beforeAll(async () => {
  emulator = await startSpannerEmulator({ port: 0, faultSeed: 5 });
  spanner = connect(emulator.address, {});
  instance = await createInstance(spanner, "faults");
  database = await createDatabase(instance, "ledger", [
    "CREATE TABLE Entry (id STRING(36) NOT NULL, amount INT64, at_time TIMESTAMP) PRIMARY KEY (id), ROW DELETION POLICY (OLDER_THAN(at_time, INTERVAL 1 DAY))",
  ]);
});

afterEach(() => emulator.faults.clear());

afterAll(async () => {
  await database.close();
  await Promise.resolve(spanner.close());
  await emulator.close();
});

test("aborted: the client tries again until the commit goes through", async () => {
  emulator.faults.add({ kind: "aborted", target: NAME, probability: 1, limit: 3 });
  await insert("aborted");
  expect(await amounts("aborted")).toEqual(["1"]);
  expect(emulator.faults.counts()[`aborted ${NAME}`]).toBe(3);
});

test("outcomeUnknown: the insert is applied and its caller is not told; a second one finds it", async () => {
  emulator.faults.add({ kind: "outcomeUnknown", target: NAME, probability: 1, limit: 1 });
  expect(await codeOf(insert("unknown"))).toBe(DEADLINE_EXCEEDED);
  expect(await codeOf(insert("unknown"))).toBe(ALREADY_EXISTS);
  expect(await amounts("unknown")).toEqual(["1"]);
});

test("replyLost: a commit that the client sends again is applied once", async () => {
  await insert("lost");
  emulator.faults.add({ kind: "replyLost", target: NAME, probability: 1, limit: 1 });
  await database.runTransactionAsync(async (transaction) => {
    const [rows] = await transaction.read("Entry", { columns: ["amount"], keys: ["lost"] });
    const amount = Number(plainRows(rows)[0]?.["amount"]) + 1;
    transaction.update("Entry", { id: "lost", amount });
    await transaction.commit();
  });
  expect(await amounts("lost")).toEqual(["2"]);
});

test("unavailable: the call has no effect, and the client asks again", async () => {
  emulator.faults.add({ kind: "unavailable", target: NAME, probability: 1, limit: 2 });
  await insert("unavailable");
  expect(await amounts("unavailable")).toEqual(["1"]);
});

test("slowCommit: the commit takes that long, and is applied", async () => {
  emulator.faults.add({ kind: "slowCommit", target: NAME, probability: 1, limit: 1, delayMs: 150 });
  const began = performance.now();
  await insert("slow");
  expect(performance.now() - began).toBeGreaterThan(145);
  expect(await amounts("slow")).toEqual(["1"]);
});

test("cutOff: nothing gets through until the region is back", async () => {
  const other = await createDatabase(instance, "counts", [
    "CREATE TABLE T (id INT64 NOT NULL) PRIMARY KEY (id)",
  ]);
  const rule = emulator.faults.add({
    kind: "cutOff",
    target: NAME,
    probability: 1,
    delayMs: 20,
  });
  let isDone = false;
  const writing = insert("cutOff").then(() => {
    isDone = true;
  });
  await delay(200);
  await other.table("T").insert({ id: 1 });
  expect(isDone).toBe(false);
  emulator.faults.remove(rule);
  await writing;
  expect(await amounts("cutOff")).toEqual(["1"]);
  await other.close();
});

test.each([
  ["aborted", "ok"],
  ["unavailable", "ok"],
  ["outcomeUnknown", DEADLINE_EXCEEDED],
  ["slowCommit", "ok"],
  ["cutOff", "ok"],
  ["replyLost", "ok"],
])("%s over the control port: the caller hears %s, and the count tells", async (kind, heard) => {
  const control = await startControlServer({
    port: 0,
    services: [{ name: "spanner", faults: emulator.faults, faultKinds: [kind] }],
  });
  const root = `http://127.0.0.1:${control.port}/spanner/faults`;
  const before = emulator.faults.counts()[`${kind} ${NAME}`] ?? 0;
  const body = JSON.stringify({ kind, target: NAME, limit: 1, delayMs: 10 });
  await fetch(root, { method: "POST", body });
  const outcome = await insert(`control ${kind}`).then(
    () => "ok",
    (error: { code: number }) => error.code,
  );
  const counts = await (await fetch(`${root}/counts`)).json();
  await control.close();
  expect(outcome).toBe(heard);
  expect(await amounts(`control ${kind}`)).toEqual(["1"]);
  expect(Object(counts)[`${kind} ${NAME}`]).toBe(before + 1);
});

test("an ABORTED storm: most commits fail for a while, and every increment counts once", async () => {
  await insert("storm");
  emulator.faults.add({ kind: "aborted", target: NAME, probability: 0.7, limit: 60 });
  const increment = () =>
    database.runTransactionAsync(async (transaction) => {
      const [rows] = await transaction.read("Entry", { columns: ["amount"], keys: ["storm"] });
      const amount = Number(plainRows(rows)[0]?.["amount"]) + 1;
      transaction.update("Entry", { id: "storm", amount });
      await transaction.commit();
    });
  await Promise.all(Array.from({ length: 8 }, increment));
  expect(await amounts("storm")).toEqual(["9"]);
}, 30_000);

test("row deletion policies delete what is expired", async () => {
  await database.table("Entry").insert({ id: "old", amount: 9, at_time: "2020-01-01T00:00:00Z" });
  expect(emulator.deleteExpired(Date.now())).toBe(1);
  expect(await amounts("old")).toEqual([]);
});

test("instances and databases are found, listed, altered and dropped", async () => {
  const [exists] = await instance.exists();
  const [absent] = await spanner.instance("absent").exists();
  const extra = await createDatabase(instance, "extra", []);
  const [listed] = await instance.getDatabases();
  const [metadata] = await extra.getMetadata();
  await extra.delete();
  const [after] = await instance.getDatabases();
  expect([exists, absent, metadata.state]).toEqual([true, false, "READY"]);
  expect(listed.length - after.length).toBe(1);
  expect(await codeOf(createInstance(spanner, "faults"))).toBe(ALREADY_EXISTS);
  expect(await codeOf(spanner.instance("absent").getMetadata())).toBe(NOT_FOUND);
});

test("a DDL statement that fails is the operation's error", async () => {
  const [operation] = await database.updateSchema([
    "CREATE TABLE Entry (id INT64) PRIMARY KEY (id)",
  ]);
  await expect(operation.promise()).rejects.toThrow(/Duplicate name in schema: Entry/);
});

test("what the emulator does not do is UNIMPLEMENTED, by name", async () => {
  const error = await failure(database.getDatabaseRoles());
  expect(error.code).toBe(UNIMPLEMENTED);
  expect(error.message).toMatch(/DatabaseAdmin\.ListDatabaseRoles/);
});

async function insert(id: string): Promise<void> {
  await database.table("Entry").insert({ id, amount: 1 });
}

async function amounts(id: string): Promise<unknown[]> {
  const [rows] = await database.table("Entry").read({ columns: ["amount"], keys: [id] });
  return plainRows(rows).map((row) => row["amount"]);
}
