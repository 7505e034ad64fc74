import { printSchema } from "../../../../../emulator/spanner/schema/print-ddl.ts";
import { allOf, apply, databaseWith, NOW_MS, rowsAt, write } from "../builders.ts";

const PARENT = "CREATE TABLE Parent (\n  id INT64 NOT NULL,\n) PRIMARY KEY(id)";
const CHILD =
  "CREATE TABLE Child (\n  id INT64 NOT NULL,\n  name STRING(MAX),\n) PRIMARY KEY(id, name DESC),\n  INTERLEAVE IN PARENT Parent ON DELETE CASCADE";
const INDEX = "CREATE UNIQUE NULL_FILTERED INDEX ByName ON Child(name DESC)";

test("what is printed can be read, and prints the same", () => {
  expect(printSchema(databaseWith(PARENT, CHILD, INDEX).schema)).toEqual([PARENT, CHILD, INDEX]);
});

test("an index that is made late holds the rows that are there", () => {
  const state = databaseWith(PARENT, CHILD);
  apply(state, [
    write("insert", "Parent", { id: "1" }),
    write("insert", "Child", { id: "1", name: "n" }),
  ]);
  state.applyDdl([INDEX], NOW_MS);
  const request = { ...allOf("Child", ["name", "id"]), index: "ByName" };
  expect(rowsAt(state, request)).toEqual([["n", "1"]]);
});

test("a unique index is refused where rows stand against it", () => {
  const state = databaseWith("CREATE TABLE T (id INT64 NOT NULL, name STRING(9)) PRIMARY KEY (id)");
  apply(state, [
    write("insert", "T", { id: "1", name: "same" }),
    write("insert", "T", { id: "2", name: "same" }),
  ]);
  expect(() => state.applyDdl(["CREATE UNIQUE INDEX U ON T(name)"], NOW_MS)).toThrow(/uniqueness/);
});

test("a column that is added gets its default in old rows, and its place is not given away when dropped", () => {
  const state = databaseWith("CREATE TABLE T (id INT64 NOT NULL, old STRING(9)) PRIMARY KEY (id)");
  apply(state, [write("insert", "T", { id: "1", old: "x" })]);
  state.applyDdl(
    [
      "ALTER TABLE T ADD COLUMN n INT64 NOT NULL DEFAULT (5)",
      "ALTER TABLE T DROP COLUMN old",
      "ALTER TABLE T ADD COLUMN old INT64",
    ],
    NOW_MS,
  );
  expect(rowsAt(state, allOf("T", ["id", "n", "old"]))).toEqual([["1", "5", null]]);
});

test("statements before one that fails stay", () => {
  const state = databaseWith();
  expect(() => state.applyDdl([PARENT, "CREATE TABLE Broken (id NOTHING)"], NOW_MS)).toThrow(
    /NOTHING/,
  );
  expect(printSchema(state.schema)).toEqual([PARENT]);
});

test("a change stream is taken, and changes nothing that is printed", () => {
  const state = databaseWith(PARENT);
  state.applyDdl(
    ["CREATE CHANGE STREAM S FOR Parent(id) OPTIONS (retention_period = '7d')"],
    NOW_MS,
  );
  expect(printSchema(state.schema)).toEqual([PARENT]);
});

const refused: readonly [string, string, RegExp][] = [
  ["a table with children", "DROP TABLE Parent", /interleaved tables: Child/],
  ["a column in an index", "ALTER TABLE Child DROP COLUMN name", /key column name/],
  ["a change of type", "ALTER TABLE Child ALTER COLUMN name INT64", /Cannot change type/],
  [
    "a child whose key does not begin with its parent's",
    "CREATE TABLE C2 (x INT64) PRIMARY KEY (x), INTERLEAVE IN PARENT Parent",
    /does not reference parent key column id/,
  ],
  [
    "a view",
    "CREATE VIEW V SQL SECURITY INVOKER AS SELECT 1",
    /does not support the statement "CREATE VIEW V/,
  ],
  ["a change stream of no table", "CREATE CHANGE STREAM S FOR Nothing", /Nothing/],
  ["a name that is taken", "CREATE TABLE child (id INT64) PRIMARY KEY (id)", /Duplicate name/],
];

test.each(refused)("%s is refused by name", (_, statement, message) => {
  expect(() => databaseWith(PARENT, CHILD, INDEX).applyDdl([statement], NOW_MS)).toThrow(message);
});
