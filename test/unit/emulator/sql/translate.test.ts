import { translateQuery } from "../../../../emulator/sql/translate.ts";
import { createAnalyst } from "./analytical-fixture.ts";

const options = {
  dialect: "bigquery" as const,
  resolveTable: (path: readonly string[]) => (path.at(-1) === "t" ? '"t"' : undefined),
};

test.each([
  [
    "SELECT 1,\n  FARM_FINGERPRINT('x')",
    "The emulator does not translate function FARM_FINGERPRINT at [2:3]",
  ],
  ["SELECT a FROM d.absent", "Table not found: d.absent at [1:15]"],
  [
    "SELECT * FROM d.t TABLESAMPLE SYSTEM (1 PERCENT)",
    "The emulator does not support TABLESAMPLE at [1:19]",
  ],
  ["SELECT CAST(1 AS GEOGRAPHY)", "The emulator does not support type GEOGRAPHY at [1:18]"],
  ["SELECT a FROM d.t WHERE", "Syntax error: Unexpected end of input at [1:24]"],
  [
    "SELECT FORMAT_DATE('%E9Y', a) FROM d.t",
    "The emulator does not translate format element %E9Y of FORMAT_DATE at [1:8]",
  ],
  [
    "SELECT FORMAT_DATE(f, a) FROM d.t",
    "The emulator needs the format of FORMAT_DATE as a literal at [1:8]",
  ],
  ["SELECT JSON_VALUE(j, '$..a') FROM d.t", "The emulator does not read JSON path $..a at [1:8]"],
  ["SELECT STRUCT(1 AS a).*", "The emulator expands .* of tables and columns only at [1:22]"],
  [
    "SELECT a FROM d.t GROUP BY GROUPING SETS (ROLLUP (a))",
    "The emulator does not support ROLLUP or CUBE within GROUPING SETS at [1:43]",
  ],
  ["SELECT 'open", "Syntax error: Unclosed string literal at [1:8]"],
  [
    "SELECT * FROM d.t, UNNEST(d.t.tags)",
    "The emulator cannot expand * over UNNEST of an array it knows no element type of; name the columns at [1:8]",
  ],
  [
    "SELECT 1 UNION ALL SELECT 2 EXCEPT DISTINCT SELECT 1",
    "Syntax error: Different set operations cannot be mixed without parentheses at [1:45]",
  ],
])("%s is refused by name and position", (query, sentence) => {
  expect(() => translateQuery(query, options)).toThrow(sentence);
});

test("parameters are listed in the order of their first use, and typed", () => {
  const { sql, parameters } = translateQuery("SELECT @b, @a, @b", {
    ...options,
    parameterTypes: { a: "INT64", b: "ARRAY<STRING>" },
  });
  expect(parameters).toEqual(["b", "a"]);
  expect(sql).toBe(
    'SELECT CAST($b AS VARCHAR[]) AS "f0_", CAST($a AS BIGINT) AS "f1_", CAST($b AS VARCHAR[]) AS "f2_"',
  );
});

test("a table's star is its columns, beside others", () => {
  const { sql } = translateQuery("SELECT t.* EXCEPT (a), 1 AS one FROM d.t AS t", options);
  expect(sql).toMatch(/^SELECT "t"\.\* EXCLUDE \("a"\), CAST\(1 AS BIGINT\) AS "one" FROM /);
});

test("positional parameters are numbered", () => {
  expect(translateQuery("SELECT ? + ?", options).parameters).toEqual(["1", "2"]);
});

test.each([
  ["SELECT 1 / 0", "division by zero"],
  ["SELECT [1, 2][OFFSET(2)]", "Array index 2 is out of bounds"],
  ["SELECT CAST('1.5' AS INT64)", "Bad int64 value: 1.5"],
  ["SELECT 9223372036854775807 + 1", "Overflow in addition"],
  ["SELECT REGEXP_EXTRACT('a', '(a)(b)?')", "more than 1 capturing group"],
])("%s fails when it runs, and says why", async (query, sentence) => {
  const run = await createAnalyst();
  await expect(run(query)).rejects.toThrow(sentence);
});

test("a Spanner table hint is passed over", () => {
  const { sql } = translateQuery("SELECT a AS x FROM t@{FORCE_INDEX=i}", {
    ...options,
    dialect: "spanner",
  });
  expect(sql).toBe('SELECT "a" AS "x" FROM "t" AS "t"');
});
