import { type Database, Spanner } from "@google-cloud/spanner";
import { type Plain, plainRows } from "./fixture.ts";

/**
 * One thing that a user of Spanner rests on, done through the official client. `expected` is what our
 * emulator answers. Of an error Google's emulator must give the same code; its sentences are its own,
 * ours are the service's.
 */
export interface ContractCase {
  readonly name: string;
  readonly run: (database: Database) => Promise<unknown>;
  readonly expected: unknown;
  /** Where Google's emulator answers otherwise: what, and why ours does not follow it. */
  readonly google?: { readonly expected: unknown; readonly why: string };
  /** Why the case is not run against Google's emulator. */
  readonly oursOnly?: string;
}

/** Why cases whose streamed reads fail are ours only. */
export const SLOW_STREAM_ERRORS =
  "a streamed error of Google's emulator comes without headers, which the client takes for no answer: it asks twice more, 7 s each time";

/** `google.rpc.Code`. */
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;
const OUT_OF_RANGE = 11;

export const CASES: readonly ContractCase[] = [
  {
    name: "every type comes back as it was written, timestamps to the nanosecond",
    run: async (database) => {
      await database.table("Everything").insert({
        id: 1,
        flag: true,
        ratio: -0.5,
        amount: Spanner.numeric("-12345678901234567890.123456789"),
        name: "äöü€𝄞",
        raw: Buffer.from([0, 255, 1]),
        day: Spanner.date("2024-02-29"),
        at_time: Spanner.timestamp("9999-12-31T23:59:59.000000001Z"),
        doc: { b: [1, { c: null }], a: "x" },
        numbers: [1, null, Spanner.int("9223372036854775807")],
        names: [],
      });
      return readOne(database, "Everything", 1);
    },
    expected: {
      id: "1",
      flag: true,
      ratio: -0.5,
      amount: "-12345678901234567890.123456789",
      name: "äöü€𝄞",
      raw: { type: "Buffer", data: [0, 255, 1] },
      day: "2024-02-29",
      at_time: "9999-12-31T23:59:59.000000001Z",
      doc: { a: "x", b: [1, { c: null }] },
      numbers: ["1", null, "9223372036854775807"],
      names: [],
      doubled: "2",
      note: "none",
    },
  },
  {
    name: "an insert of a row that exists is refused, and changes nothing of its commit",
    run: async (database) => {
      const table = database.table("AuctionLog");
      await table.insert({ auction_id: "dup", revision: 1 });
      const error = await failure(
        table.insert([
          { auction_id: "dup", revision: 2 },
          { auction_id: "dup", revision: 1 },
        ]),
      );
      return [error, await revisions(database, "dup")];
    },
    expected: [
      { code: ALREADY_EXISTS, message: "Row [dup,1] in table AuctionLog already exists" },
      ["1"],
    ],
  },
  {
    name: "of twenty inserts of one key at once exactly one wins, the others hear ALREADY_EXISTS",
    run: async (database) => {
      const inserts = Array.from({ length: 20 }, () =>
        codeOf(database.table("AuctionLog").insert({ auction_id: "race", revision: 7 })),
      );
      return (await Promise.all(inserts)).sort((left, right) => left - right);
    },
    expected: [0, ...new Array(19).fill(ALREADY_EXISTS)],
  },
  {
    name: "an update of a row that is missing is NOT_FOUND",
    run: (database) =>
      database.table("AuctionLog").update({ auction_id: "no", revision: 1, totals: null }),
    expected: {
      code: NOT_FOUND,
      message: "Row [no,1] in table AuctionLog is missing. Row cannot be updated.",
    },
  },
  {
    name: "insert_or_update keeps the columns that it does not name, replace does not",
    run: async (database) => {
      const table = database.table("Person");
      await table.insert({ id: 10, email: "ten@x", age: 30 });
      await table.upsert({ id: 10, age: 31 });
      const upserted = await readRows(database, "Person", [10], ["email", "age"]);
      await table.replace({ id: 10, age: 32 });
      return [upserted, await readRows(database, "Person", [10], ["email", "age"])];
    },
    expected: [[{ email: "ten@x", age: "31" }], [{ email: null, age: "32" }]],
  },
  {
    name: "a delete may name rows that are not there",
    run: async (database) => {
      const table = database.table("AuctionLog");
      await table.insert([1, 2, 3].map((revision) => ({ auction_id: "del", revision })));
      await table.deleteRows([
        ["del", "1"],
        ["del", "99"],
      ]);
      return revisions(database, "del");
    },
    expected: ["2", "3"],
  },
  {
    name: "a NOT NULL column that is left out or NULL is refused by name",
    run: async (database) => [
      await failure(database.table("AuctionLog").insert({ auction_id: "null", revision: null })),
      await failure(database.table("AuctionLog").insert({ auction_id: "null" })),
    ],
    expected: [
      { code: FAILED_PRECONDITION, message: "revision must not be NULL in table AuctionLog." },
      { code: FAILED_PRECONDITION, message: "revision must not be NULL in table AuctionLog." },
    ],
  },
  {
    name: "a table or column that is not there is NOT_FOUND",
    run: async (database) => [
      await failure(database.table("Nowhere").insert({ id: 1 })),
      await failure(database.table("Owner").insert({ id: 1, nothing: 1 })),
    ],
    expected: [
      { code: NOT_FOUND, message: "Table not found: Nowhere" },
      { code: NOT_FOUND, message: "Column not found in table Owner: nothing" },
    ],
  },
  {
    name: "a value of another type than the column's is refused",
    run: (database) => database.table("Owner").insert({ id: "seven" }),
    expected: {
      code: FAILED_PRECONDITION,
      message: "Invalid value for column id in table Owner: Expected INT64.",
    },
  },
  {
    name: "a STRING counts its characters, not its bytes, against its length",
    run: async (database) => {
      await database.table("Everything").insert({ id: 20, name: "𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞" });
      return failure(database.table("Everything").insert({ id: 21, name: "12345678901" }));
    },
    expected: {
      code: FAILED_PRECONDITION,
      message:
        "New value exceeds the maximum size limit for this column: Everything.name, size: 11, limit: 10.",
    },
  },
  {
    name: "a check constraint that is false is OUT_OF_RANGE",
    run: (database) => database.table("Everything").insert({ id: -1 }),
    expected: {
      code: OUT_OF_RANGE,
      message: "Check constraint `Everything`.`positive_id` is violated for key (-1)",
    },
  },
  {
    name: "a generated column follows its sources and cannot be written",
    run: async (database) => {
      await database.table("Everything").insert({ id: 21 });
      const [row] = await readRows(database, "Everything", [21], ["doubled", "note"]);
      return [row, await failure(database.table("Everything").insert({ id: 22, doubled: 1 }))];
    },
    expected: [
      { doubled: "42", note: "none" },
      {
        code: FAILED_PRECONDITION,
        message: "Cannot write into generated column `Everything.doubled`.",
      },
    ],
  },
  {
    name: "a child needs its parent; deleting the parent deletes it, or is refused with NO ACTION",
    run: async (database) => {
      const orphan = await failure(database.table("Bid").insert({ seat: "s1", bid_id: "b1" }));
      await database.table("Seat").insert([{ seat: "s1" }, { seat: "s2" }]);
      await database.table("Bid").insert({ seat: "s1", bid_id: "b1" });
      await database.table("Audit").insert({ seat: "s2", number: 1 });
      await database.table("Seat").deleteRows(["s1"]);
      const refused = await failure(database.table("Seat").deleteRows(["s2"]));
      const [bids] = await database.run("SELECT bid_id FROM Bid WHERE seat = 's1'");
      return [orphan, bids.length, refused];
    },
    expected: [
      {
        code: NOT_FOUND,
        message: "Parent row for row [s1,b1] in table Bid is missing. Row cannot be written.",
      },
      0,
      {
        code: FAILED_PRECONDITION,
        message:
          "Integrity constraint violation during DELETE/REPLACE. Found child row [s2,1] in table Audit.",
      },
    ],
  },
  {
    name: "a unique index holds one row a value, NULL included; a null-filtered one leaves NULLs out",
    run: async (database) => {
      const table = database.table("Person");
      await table.insert({ id: 30, email: "a@x", alias: null });
      await table.insert({ id: 31, email: "b@x", alias: null });
      return failure(table.insert({ id: 32, email: "a@x", alias: null }));
    },
    expected: {
      code: ALREADY_EXISTS,
      message:
        "Unique index violation on index PersonByEmail at index key [a@x,32]. It conflicts with row [30] in table Person.",
    },
  },
  {
    name: "two rows may swap a unique value in one commit",
    run: async (database) => {
      const table = database.table("Person");
      await table.insert([
        { id: 40, email: "p@x" },
        { id: 41, email: "q@x" },
      ]);
      await table.update([
        { id: 40, email: "q@x" },
        { id: 41, email: "p@x" },
      ]);
      return readRows(database, "Person", [40, 41], ["id", "email"]);
    },
    expected: [
      { id: "40", email: "q@x" },
      { id: "41", email: "p@x" },
    ],
  },
  {
    name: "a foreign key needs its row, and keeps it from being deleted",
    run: async (database) => {
      const missing = await failure(database.table("Pet").insert({ id: 1, owner_id: 5 }));
      await database.table("Owner").insert({ id: 5 });
      await database.table("Pet").insert({ id: 1, owner_id: 5 });
      return [missing.code, (await failure(database.table("Owner").deleteRows(["5"]))).code];
    },
    expected: [FAILED_PRECONDITION, FAILED_PRECONDITION],
  },
  {
    name: "a commit timestamp is the commit's own, and timestamps rise",
    run: async (database) => {
      const insert = (revision: number) =>
        database.table("AuctionLog").insert({
          auction_id: "stamped",
          revision,
          committed_at: Spanner.COMMIT_TIMESTAMP,
        });
      await insert(1);
      await insert(2);
      const rows = await readRange(database, "AuctionLog", ["stamped"], ["committed_at"]);
      const [first, second] = rows.map((row) => String(row["committed_at"]));
      return first !== undefined && second !== undefined && first < second;
    },
    expected: true,
  },
  {
    name: "a commit timestamp needs the column's option, and no time in the future is taken there",
    run: async (database) => [
      await codeOf(
        database.table("Everything").insert({ id: 50, at_time: Spanner.COMMIT_TIMESTAMP }),
      ),
      await codeOf(
        database.table("AuctionLog").insert({
          auction_id: "future",
          revision: 1,
          committed_at: Spanner.timestamp("2999-01-01T00:00:00Z"),
        }),
      ),
    ],
    expected: [FAILED_PRECONDITION, FAILED_PRECONDITION],
  },
];

export async function readOne(database: Database, table: string, id: number): Promise<unknown> {
  const [rows] = await database.run(`SELECT * FROM ${table} WHERE id = ${id}`);
  return plainRows(rows)[0];
}

export async function readRows(
  database: Database,
  table: string,
  ids: readonly number[],
  columns: readonly string[],
): Promise<Plain[]> {
  const keys = ids.map((id) => [String(id)]);
  const [rows] = await database.table(table).read({ columns: [...columns], keys });
  return plainRows(rows);
}

/** Rows whose keys begin with `prefix`. */
export async function readRange(
  database: Database,
  table: string,
  prefix: readonly string[],
  columns: readonly string[],
): Promise<Plain[]> {
  const ranges = [{ startClosed: [...prefix], endClosed: [...prefix] }];
  const [rows] = await database.table(table).read({ columns: [...columns], ranges });
  return plainRows(rows);
}

export async function revisions(database: Database, auctionId: string): Promise<unknown[]> {
  const rows = await readRange(database, "AuctionLog", [auctionId], ["revision"]);
  return rows.map((row) => row["revision"]);
}

export interface Failure {
  readonly code: number;
  readonly message: string;
}

/** The error of something that must fail. */
export async function failure(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) {
      const { code, details } = { code: 0, details: "", ...error };
      return { code, message: details };
    }
    throw error;
  }
  return { code: 0, message: "it succeeded" };
}

export async function codeOf(promise: Promise<unknown>): Promise<number> {
  return (await failure(promise)).code;
}
