import { setTimeout as delay } from "node:timers/promises";
import type { Database, Transaction } from "@google-cloud/spanner";
import {
  type ContractCase,
  codeOf,
  failure,
  readRange,
  readRows,
  revisions,
  SLOW_STREAM_ERRORS,
} from "./cases.ts";
import { plainRows } from "./fixture.ts";

const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;

/** Transactions, reads at a time, indexes, limits. */
export const TRANSACTION_CASES: readonly ContractCase[] = [
  {
    name: "a read-modify-write commits once, and reads what was there",
    run: async (database) => {
      await database.table("Tally").insert({ id: 100, age: 1 });
      await Promise.all(Array.from({ length: 5 }, () => increment(database, "100")));
      return readRows(database, "Tally", [100], ["age"]);
    },
    expected: [{ age: "6" }],
  },
  {
    name: "two transactions that read each other's row do not both write (no write skew)",
    run: async (database) => {
      await database.table("Tally").insert([
        { id: 110, age: 1 },
        { id: 111, age: 1 },
      ]);
      await Promise.all([
        leaveIfOther(database, "110", "111"),
        leaveIfOther(database, "111", "110"),
      ]);
      const rows = await readRows(database, "Tally", [110, 111], ["age"]);
      return rows.map((row) => Number(row["age"])).reduce((left, right) => left + right);
    },
    expected: 1,
  },
  {
    name: "a transaction that saw an empty range is not passed by an insert into it (no phantom)",
    run: async (database) => {
      const claim = () =>
        database.runTransactionAsync(async (transaction) => {
          const ranges = [{ startClosed: ["phantom"], endClosed: ["phantom"] }];
          const [rows] = await transaction.read("AuctionLog", { columns: ["revision"], ranges });
          const revision = rows.length + 1;
          transaction.insert("AuctionLog", { auction_id: "phantom", revision });
          await transaction.commit();
        });
      await Promise.all([claim(), claim(), claim()]);
      return revisions(database, "phantom");
    },
    expected: ["1", "2", "3"],
  },
  {
    name: "a rollback leaves nothing",
    run: async (database) => {
      await database.runTransactionAsync(async (transaction) => {
        await transaction.runUpdate("INSERT INTO Owner (id) VALUES (200)");
        await transaction.rollback();
      });
      return readRows(database, "Owner", [200], ["id"]);
    },
    expected: [],
  },
  {
    name: "a failed commit leaves nothing of its other mutations",
    run: async (database) => {
      const code = await codeOf(
        database.runTransactionAsync(async (transaction) => {
          transaction.insert("Owner", { id: 210 });
          transaction.update("Owner", { id: 211 });
          await transaction.commit();
        }),
      );
      return [code, await readRows(database, "Owner", [210], ["id"])];
    },
    expected: [NOT_FOUND, []],
  },
  {
    name: "a snapshot keeps reading what it began with",
    run: async (database) => {
      await database.table("Owner").insert({ id: 220 });
      const [snapshot] = await database.getSnapshot({ strong: true });
      await database.table("Owner").deleteRows(["220"]);
      const [rows] = await snapshot.read("Owner", { columns: ["id"], keys: ["220"] });
      snapshot.end();
      return [plainRows(rows), await readRows(database, "Owner", [220], ["id"])];
    },
    expected: [[{ id: "220" }], []],
  },
  {
    name: "a stale read sees the past",
    run: async (database) => {
      await database.table("Owner").insert({ id: 230 });
      await delay(1000);
      const beforeDeletionMs = Date.now();
      await database.table("Owner").deleteRows(["230"]);
      const sql = "SELECT id FROM Owner WHERE id = 230";
      // Most of a second before the deletion, so that a slow call still reads before it.
      const exactStaleness = Date.now() - beforeDeletionMs + 900;
      const [past] = await database.run({ sql }, { exactStaleness });
      const [now] = await database.run({ sql });
      return [plainRows(past), plainRows(now)];
    },
    expected: [[{ id: "230" }], []],
  },
  {
    name: "ranges, limits and a descending key come in key order",
    run: async (database) => {
      await database.table("Seat").insert({ seat: "order" });
      await database.table("Audit").insert([3, 1, 2].map((number) => ({ seat: "order", number })));
      const all = await readRange(database, "Audit", ["order"], ["number"]);
      const [limited] = await database.table("Audit").read({
        columns: ["number"],
        ranges: [{ startOpen: ["order", "3"], endClosed: ["order", "1"] }],
        limit: 1,
      });
      return [all.map((row) => row["number"]), plainRows(limited)];
    },
    expected: [["3", "2", "1"], [{ number: "2" }]],
  },
  {
    name: "a read by index gives the index's order and its stored columns",
    run: async (database) => {
      await database.table("Person").insert([
        { id: 240, email: "z@index", age: 1 },
        { id: 241, email: "y@index", age: 2 },
      ]);
      const [rows] = await database.table("Person").read({
        index: "PersonByEmail",
        columns: ["email", "age", "id"],
        ranges: [{ startClosed: ["y@index"], endClosed: ["z@index"] }],
      });
      return plainRows(rows);
    },
    expected: [
      { email: "y@index", age: "2", id: "241" },
      { email: "z@index", age: "1", id: "240" },
    ],
  },
  {
    name: "strings sort by code point, integers by value",
    run: async (database) => {
      const ids = ["b", "a\u{10000}", "a\uffee", "B", "", "a"];
      await database.table("Seat").insert(ids.map((seat) => ({ seat: `u-${seat}` })));
      const [rows] = await database.table("Seat").read({
        columns: ["seat"],
        ranges: [{ startClosed: ["u-"], endOpen: ["u."] }],
      });
      await database
        .table("Owner")
        .insert([-10, -9, 9, 10, 1000].map((id) => ({ id: id + 10_000_000 })));
      await database.table("Owner").insert([-10, -9].map((id) => ({ id })));
      const [owners] = await database.table("Owner").read({
        columns: ["id"],
        ranges: [{ startClosed: ["-100"], endClosed: ["0"] }],
      });
      return [plainRows(rows).map((row) => row["seat"]), plainRows(owners).map((row) => row["id"])];
    },
    expected: [
      ["u-", "u-B", "u-a", "u-a\uffee", "u-a\u{10000}", "u-b"],
      ["-10", "-9"],
    ],
  },
  {
    name: "an unknown index, column or table of a read is NOT_FOUND",
    oursOnly: SLOW_STREAM_ERRORS,
    run: async (database) => [
      await codeOf(database.table("Tally").read({ columns: ["id"], index: "None", keys: ["1"] })),
      await codeOf(database.table("Tally").read({ columns: ["none"], keys: ["1"] })),
      await codeOf(database.table("None").read({ columns: ["id"], keys: ["1"] })),
    ],
    expected: [NOT_FOUND, NOT_FOUND, NOT_FOUND],
  },
  {
    name: "DML is seen by its own transaction, mutations only after the commit",
    run: (database) =>
      database.runTransactionAsync(async (transaction) => {
        const [count] = await transaction.runUpdate(
          "INSERT INTO Tally (id, email, age) VALUES (300, 'dml@x', 1), (301, 'dml2@x', 2)",
        );
        await transaction.runUpdate("UPDATE Tally SET age = age + 10 WHERE id >= 300");
        transaction.insert("Tally", { id: 302, age: 3 });
        const seen = await ages(transaction);
        await transaction.commit();
        return [count, seen];
      }),
    expected: [2, ["11", "12"]],
  },
  {
    name: "a DML insert of a row that exists fails as a mutation does",
    run: async (database) => {
      await database.table("Owner").insert({ id: 310 });
      const error = await failure(
        database.runTransactionAsync(async (transaction) => {
          await transaction.runUpdate("INSERT INTO Owner (id) VALUES (310)");
          await transaction.commit();
        }),
      );
      return error;
    },
    expected: { code: ALREADY_EXISTS, message: "Row [310] in table Owner already exists" },
  },
  {
    name: "a batch of DML stops at the first that fails and keeps the counts before it",
    run: (database) =>
      database.runTransactionAsync(async (transaction) => {
        const counts = await batchCounts(transaction, [
          "INSERT INTO Owner (id) VALUES (320)",
          "UPDATE Owner SET id = 1 WHERE id = 320",
          "INSERT INTO Owner (id) VALUES (321)",
        ]);
        await transaction.rollback();
        return counts;
      }),
    expected: [1],
  },
  {
    name: "partitioned DML commits by itself",
    run: async (database) => {
      await database.table("Tally").insert({ id: 330, age: 7 });
      await database.runPartitionedUpdate("UPDATE Tally SET age = 8 WHERE id = 330");
      return readRows(database, "Tally", [330], ["age"]);
    },
    expected: [{ age: "8" }],
  },
];

async function increment(database: Database, id: string): Promise<void> {
  await database.runTransactionAsync(async (transaction) => {
    const [rows] = await transaction.read("Tally", { columns: ["age"], keys: [id] });
    const age = Number(plainRows(rows)[0]?.["age"]) + 1;
    transaction.update("Tally", { id, age });
    await transaction.commit();
  });
}

/** Sets a person's age to 0, but only while the other's is 1: of two, one must stay. */
async function leaveIfOther(database: Database, id: string, other: string): Promise<void> {
  await database.runTransactionAsync(async (transaction) => {
    const [rows] = await transaction.read("Tally", { columns: ["age"], keys: [other] });
    if (plainRows(rows)[0]?.["age"] === "1") transaction.update("Tally", { id, age: 0 });
    await transaction.commit();
  });
}

async function ages(transaction: Transaction): Promise<unknown[]> {
  const [rows] = await transaction.run(
    "SELECT age FROM Tally WHERE id >= 300 AND id < 310 ORDER BY id",
  );
  return plainRows(rows).map((row) => row["age"]);
}

async function batchCounts(transaction: Transaction, statements: string[]): Promise<unknown> {
  try {
    const [counts] = await transaction.batchUpdate(statements);
    return counts;
  } catch (error) {
    return error instanceof Error ? Reflect.get(error, "rowCounts") : undefined;
  }
}
