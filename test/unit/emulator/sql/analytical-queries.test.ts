import { createAnalyst } from "./analytical-fixture.ts";

type Case = readonly [what: string, query: string, rows: readonly (readonly unknown[])[]];

/** Expectations worked out by hand from GoogleSQL's documentation and the four bids of the fixture. */
const cases: readonly Case[] = [
  [
    "counts by key",
    "SELECT auction, COUNT(*) FROM d.bids GROUP BY auction ORDER BY auction",
    [
      ["a1", 2],
      ["a2", 2],
    ],
  ],
  ["NUMERIC sums are exact", "SELECT SUM(price) FROM d.bids", [["3.750000001"]]],
  [
    "AVG of NUMERIC keeps nine decimals",
    "SELECT AVG(price) FROM d.bids WHERE auction = 'a1'",
    [["1.875000000"]],
  ],
  [
    "NUMERIC division rounds half away from zero",
    "SELECT NUMERIC '2' / 3, NUMERIC '-2' / 3",
    [["0.666666667", "-0.666666667"]],
  ],
  [
    "NUMERIC product",
    "SELECT price * 2, price * price FROM d.bids WHERE id = 2",
    [["4.500000000", "5.062500000"]],
  ],
  [
    "a ratio of aggregates is NUMERIC",
    "SELECT SUM(price) / COUNT(price) FROM d.bids WHERE id < 3",
    [["1.875000000"]],
  ],
  ["/ of integers is not an integer", "SELECT 7 / 2, DIV(-7, 2), MOD(-7, 2)", [[3.5, -3, -1]]],
  ["SAFE_DIVIDE by zero is NULL", "SELECT SAFE_DIVIDE(1, 0), IEEE_DIVIDE(1, 4)", [[null, 0.25]]],
  [
    "SAFE_ADD overflow is NULL",
    "SELECT SAFE_ADD(9223372036854775807, 1), SAFE_ADD(1, 1)",
    [[null, 2]],
  ],
  [
    "CAST to INT64 rounds half away from zero",
    "SELECT CAST(2.5 AS INT64), CAST(-2.5 AS INT64), CAST(NUMERIC '0.5' AS INT64)",
    [[3, -3, 1]],
  ],
  [
    "SAFE_CAST of a bad text is NULL",
    "SELECT SAFE_CAST('2.5' AS INT64), SAFE_CAST('17' AS INT64), SAFE_CAST('t' AS BOOL)",
    [[null, 17, null]],
  ],
  ["ROUND and TRUNC", "SELECT ROUND(-2.5), TRUNC(1.57, 1), ROUND(1.005, 1)", [[-3, 1.5, 1]]],
  ["GREATEST is NULL with a NULL", "SELECT GREATEST(1, NULL), LEAST(2, 1)", [[null, 1]]],
  ["bit operations", "SELECT 5 ^ 3, 6 & 3, 6 | 1, ~5, 1 << 4", [[6, 2, 7, -6, 16]]],
  [
    "a day begins at local midnight, before the clocks change",
    "SELECT CAST(TIMESTAMP_TRUNC(seen, DAY, 'America/New_York') AS STRING) FROM d.bids WHERE id = 1",
    [["2026-03-08 05:00:00+00"]],
  ],
  [
    "an hour in a zone of half hours",
    "SELECT CAST(TIMESTAMP_TRUNC(seen, HOUR, 'Asia/Kolkata') AS STRING) FROM d.bids WHERE id = 2",
    [["2026-03-08 07:30:00+00"]],
  ],
  [
    "WEEK starts on Sunday, ISOWEEK on Monday",
    "SELECT CAST(DATE_TRUNC(DATE '2026-03-08', WEEK) AS STRING), CAST(DATE_TRUNC(DATE '2026-03-08', ISOWEEK) AS STRING), CAST(DATE_TRUNC(DATE '2026-03-08', WEEK(SATURDAY)) AS STRING)",
    [["2026-03-08", "2026-03-02", "2026-03-07"]],
  ],
  [
    "months and quarters",
    "SELECT CAST(DATE_TRUNC(DATE '2026-05-20', MONTH) AS STRING), CAST(DATE_TRUNC(DATE '2026-05-20', QUARTER) AS STRING), CAST(DATE_TRUNC(DATE '2027-01-01', ISOYEAR) AS STRING)",
    [["2026-05-01", "2026-04-01", "2025-12-29"]],
  ],
  [
    "EXTRACT in a zone",
    "SELECT EXTRACT(HOUR FROM seen AT TIME ZONE 'America/New_York'), EXTRACT(DAYOFWEEK FROM seen) FROM d.bids WHERE id < 3 ORDER BY id",
    [
      [1, 1],
      [3, 1],
    ],
  ],
  [
    "week numbers",
    "SELECT EXTRACT(WEEK FROM DATE '2026-01-03'), EXTRACT(WEEK FROM DATE '2026-01-04'), EXTRACT(ISOWEEK FROM DATE '2027-01-01')",
    [[0, 1, 53]],
  ],
  [
    "parts of a second",
    "SELECT EXTRACT(MILLISECOND FROM seen), EXTRACT(MICROSECOND FROM seen), EXTRACT(SECOND FROM seen) FROM d.bids WHERE id = 3",
    [[999, 999_999, 59]],
  ],
  [
    "FORMAT_TIMESTAMP with a zone and its offset",
    "SELECT FORMAT_TIMESTAMP('%F %H:%M %Ez', seen, 'America/New_York') FROM d.bids WHERE id < 3 ORDER BY id",
    [["2026-03-08 01:30 -05:00"], ["2026-03-08 03:30 -04:00"]],
  ],
  [
    "FORMAT_DATE",
    "SELECT FORMAT_DATE('%d %b %Y, %A, Q%Q', DATE '2026-03-08')",
    [["08 Mar 2026, Sunday, Q1"]],
  ],
  [
    "PARSE_TIMESTAMP in a zone",
    "SELECT CAST(PARSE_TIMESTAMP('%Y-%m-%d %H:%M:%S', '2026-07-01 00:00:00', 'America/New_York') AS STRING)",
    [["2026-07-01 04:00:00+00"]],
  ],
  ["PARSE_DATE", "SELECT CAST(PARSE_DATE('%d/%m/%Y', '02/01/2026') AS STRING)", [["2026-01-02"]]],
  [
    "DATE of a TIMESTAMP in a zone",
    "SELECT CAST(DATE(seen, 'America/New_York') AS STRING), CAST(DATE(seen) AS STRING) FROM d.bids WHERE id = 4",
    [["2026-03-31", "2026-04-01"]],
  ],
  [
    "TIMESTAMP_DIFF counts whole days",
    "SELECT TIMESTAMP_DIFF(TIMESTAMP '2026-01-02', TIMESTAMP '2026-01-01 00:00:01', DAY), TIMESTAMP_DIFF(TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-01 01:30:00', HOUR)",
    [[0, -1]],
  ],
  [
    "DATE_DIFF counts boundaries",
    "SELECT DATE_DIFF(DATE '2026-03-01', DATE '2026-02-28', MONTH), DATE_DIFF(DATE '2026-03-08', DATE '2026-03-07', WEEK), DATE_DIFF(DATE '2026-03-08', DATE '2026-03-07', ISOWEEK)",
    [[1, 1, 0]],
  ],
  [
    "a month added at a month's end",
    "SELECT CAST(DATE_ADD(DATE '2026-01-31', INTERVAL 1 MONTH) AS STRING), CAST(DATE_SUB(DATE '2026-03-01', INTERVAL 1 DAY) AS STRING)",
    [["2026-02-28", "2026-02-28"]],
  ],
  [
    "TIMESTAMP arithmetic",
    "SELECT CAST(seen + INTERVAL 90 MINUTE AS STRING), CAST(TIMESTAMP_SUB(seen, INTERVAL 1 DAY) AS STRING) FROM d.bids WHERE id = 1",
    [["2026-03-08 08:00:00+00", "2026-03-07 06:30:00+00"]],
  ],
  [
    "epoch conversions floor",
    "SELECT UNIX_SECONDS(TIMESTAMP_MICROS(-1)), UNIX_MILLIS(seen), UNIX_MICROS(seen) FROM d.bids WHERE id = 3",
    [[-1, 1_775_001_599_999, 1_775_001_599_999_999]],
  ],
  [
    "a TIMESTAMP's fraction in threes",
    "SELECT CAST(TIMESTAMP '2026-01-01 00:00:00.25+00' AS STRING)",
    [["2026-01-01 00:00:00.250+00"]],
  ],
  [
    "running totals",
    "SELECT id, SUM(price) OVER (PARTITION BY seat ORDER BY id) FROM d.bids ORDER BY id",
    [
      [1, "1.500000000"],
      [2, "2.250000000"],
      [3, "1.500000001"],
      [4, "2.250000000"],
    ],
  ],
  [
    "rank and row number",
    "SELECT id, ROW_NUMBER() OVER w, RANK() OVER (ORDER BY auction) FROM d.bids WINDOW w AS (ORDER BY id DESC) ORDER BY id",
    [
      [1, 4, 1],
      [2, 3, 1],
      [3, 2, 3],
      [4, 1, 3],
    ],
  ],
  [
    "LAG and LEAD",
    "SELECT LAG(id) OVER (ORDER BY id), LEAD(id, 2, 0) OVER (ORDER BY id) FROM d.bids ORDER BY id",
    [
      [null, 3],
      [1, 4],
      [2, 0],
      [3, 0],
    ],
  ],
  [
    "LAST_VALUE that ignores NULLs",
    "SELECT LAST_VALUE(price IGNORE NULLS) OVER (ORDER BY id) FROM d.bids ORDER BY id DESC LIMIT 1",
    [["0.000000001"]],
  ],
  [
    "a moving frame",
    "SELECT SUM(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM d.bids ORDER BY id",
    [[1], [3], [5], [7]],
  ],
  [
    "QUALIFY keeps the newest of each",
    "SELECT id FROM d.bids WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY auction ORDER BY seen DESC) = 1 ORDER BY id",
    [[2], [4]],
  ],
  ["PERCENTILE_CONT", "SELECT DISTINCT PERCENTILE_CONT(id, 0.5) OVER () FROM d.bids", [[2.5]]],
  [
    "APPROX_QUANTILES and APPROX_COUNT_DISTINCT",
    "SELECT APPROX_QUANTILES(id, 1), APPROX_COUNT_DISTINCT(seat) FROM d.bids",
    [[[1, 4], 2]],
  ],
  [
    "APPROX_TOP_COUNT",
    "SELECT APPROX_TOP_COUNT(tag, 1) FROM d.bids, UNNEST(tags) AS tag",
    [[[{ value: "x", count: 2 }]]],
  ],
  [
    "COUNTIF, LOGICAL_OR, ANY_VALUE HAVING MAX",
    "SELECT COUNTIF(price > 1), LOGICAL_OR(id = 3), ANY_VALUE(seat HAVING MAX id) FROM d.bids",
    [[2, true, "s2"]],
  ],
  [
    "ARRAY_AGG in order with a limit",
    "SELECT ARRAY_AGG(id ORDER BY id DESC LIMIT 2), ARRAY_AGG(price IGNORE NULLS ORDER BY id)[OFFSET(0)] FROM d.bids",
    [[[4, 3], "1.500000000"]],
  ],
  ["STRING_AGG", "SELECT STRING_AGG(DISTINCT seat, '|' ORDER BY seat) FROM d.bids", [["s1|s2"]]],
  ["STRUCT fields", "SELECT s.a, s.b FROM (SELECT STRUCT(1 AS a, 'x' AS b) AS s)", [[1, "x"]]],
  [
    "ARRAY of STRUCTs by subquery",
    "SELECT ARRAY(SELECT AS STRUCT id, seat FROM d.bids WHERE id < 3 ORDER BY id)",
    [
      [
        [
          { id: 1, seat: "s1" },
          { id: 2, seat: "s2" },
        ],
      ],
    ],
  ],
  [
    "UNNEST with offset",
    "SELECT id, tag, at_index FROM d.bids, UNNEST(tags) AS tag WITH OFFSET AS at_index ORDER BY id, at_index",
    [
      [1, "x", 0],
      [1, "y", 1],
      [2, "x", 0],
      [4, "z", 0],
    ],
  ],
  [
    "LEFT JOIN of an array keeps empty ones",
    "SELECT id, tag FROM d.bids b LEFT JOIN b.tags AS tag WHERE id > 2 ORDER BY id",
    [
      [3, null],
      [4, "z"],
    ],
  ],
  [
    "UNNEST of STRUCTs as a table",
    "SELECT * FROM UNNEST([STRUCT('a' AS k, 1 AS v), STRUCT('b', 2)]) ORDER BY k",
    [
      ["a", 1],
      ["b", 2],
    ],
  ],
  [
    "GENERATE_ARRAY and GENERATE_DATE_ARRAY",
    "SELECT GENERATE_ARRAY(1, 10, 4), ARRAY_LENGTH(GENERATE_DATE_ARRAY(DATE '2026-02-27', DATE '2026-03-02'))",
    [[[1, 5, 9], 4]],
  ],
  [
    "array elements",
    "SELECT [10, 20][OFFSET(1)], [10, 20][ORDINAL(1)], [10][SAFE_OFFSET(3)]",
    [[20, 10, null]],
  ],
  [
    "PIVOT",
    "SELECT * FROM (SELECT auction, seat, price FROM d.bids) PIVOT(SUM(price) AS amount, COUNT(*) AS n FOR seat IN ('s1', 's2')) ORDER BY auction",
    [
      ["a1", "1.500000000", 1, "2.250000000", 1],
      ["a2", "0.000000001", 1, null, 1],
    ],
  ],
  [
    "UNPIVOT",
    "SELECT k, v FROM (SELECT 1 AS a, 2 AS b) UNPIVOT(v FOR k IN (a, b AS 'bee')) ORDER BY v",
    [
      ["a", 1],
      ["bee", 2],
    ],
  ],
  [
    "REGEXP_CONTAINS searches",
    "SELECT REGEXP_CONTAINS('auction', 'ct'), REGEXP_CONTAINS('auction', '^ct')",
    [[true, false]],
  ],
  [
    "REGEXP_EXTRACT gives its group, or NULL",
    "SELECT REGEXP_EXTRACT('seat-42', r'(\\d+)'), REGEXP_EXTRACT('seat', r'\\d'), REGEXP_EXTRACT_ALL('a1b2', r'[a-z](\\d)')",
    [[42, null, [1, 2]]],
  ],
  ["REGEXP_REPLACE replaces all", "SELECT REGEXP_REPLACE('a-b-c', '-(.)', r'+\\1')", [["a+b+c"]]],
  [
    "JSON_VALUE is a scalar or NULL",
    "SELECT JSON_VALUE(attributes, '$.seat.id'), JSON_VALUE(attributes, '$.seat'), JSON_VALUE(attributes, '$.n') FROM d.bids WHERE id < 3 ORDER BY id",
    [
      ["s1", null, 3],
      [null, null, null],
    ],
  ],
  [
    "JSON_QUERY and arrays",
    "SELECT JSON_QUERY(attributes, '$.seat'), JSON_VALUE_ARRAY(attributes, '$.list') FROM d.bids WHERE id = 1",
    [['{"id":"s1"}', [1, "two"]]],
  ],
  [
    "TO_JSON_STRING",
    "SELECT TO_JSON_STRING(STRUCT(1 AS a, 'x' AS b, [TRUE] AS c))",
    [['{"a":1,"b":"x","c":[true]}']],
  ],
  [
    "EXCEPT and REPLACE in a star",
    "SELECT * EXCEPT (price, seen, tags, attributes) REPLACE (UPPER(seat) AS seat) FROM d.bids WHERE id = 1",
    [[1, "a1", "S1"]],
  ],
  [
    "set operations",
    "SELECT 1 AS x UNION DISTINCT SELECT 1 UNION DISTINCT SELECT 2 ORDER BY x",
    [[1], [2]],
  ],
  ["EXCEPT DISTINCT", "SELECT seat FROM d.bids EXCEPT DISTINCT SELECT 's1'", [["s2"]]],
  [
    "WITH RECURSIVE",
    "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT SUM(i) FROM n",
    [[6]],
  ],
  [
    "GROUP BY an alias that hides a column",
    "SELECT UPPER(seat) AS seat, COUNT(*) FROM d.bids GROUP BY seat ORDER BY seat",
    [
      ["S1", 2],
      ["S2", 2],
    ],
  ],
  [
    "NULLs sort first, and last when descending",
    "SELECT id FROM d.bids ORDER BY price",
    [[4], [3], [1], [2]],
  ],
  [
    "NULLs sort last when descending",
    "SELECT id FROM d.bids ORDER BY price DESC",
    [[2], [1], [3], [4]],
  ],
  [
    "IN UNNEST, EXISTS and CASE",
    "SELECT id IN UNNEST([1, 9]), EXISTS(SELECT 1 FROM d.bids WHERE id = 9), CASE seat WHEN 's1' THEN 'one' ELSE 'two' END FROM d.bids WHERE id = 1",
    [[true, false, "one"]],
  ],
  [
    "text functions",
    "SELECT SUBSTR('abc', 0, 2), SUBSTR('abc', -2), SPLIT('a,b'), CONCAT('a', 'b'), 'a_b' LIKE r'a\\_b', TRIM(' x ')",
    [["ab", "bc", ["a", "b"], "ab", true, "x"]],
  ],
  [
    "casts to STRING",
    "SELECT CAST(1.0 AS STRING), CAST(NUMERIC '1.50' AS STRING) || '!', CAST(TRUE AS STRING), CAST(b'ab' AS STRING)",
    [[1, "1.5!", "true", "ab"]],
  ],
];

const analyst = createAnalyst();

test.each(cases)("%s", async (_what, query, rows) => {
  const run = await analyst;
  expect(await run(query)).toEqual(rows);
});

test("ROLLUP adds the total", async () => {
  const run = await analyst;
  const query =
    "SELECT seat, COUNT(*) AS n FROM d.bids GROUP BY ROLLUP(seat) ORDER BY n DESC, seat";
  expect(await run(query)).toEqual([
    [null, 4],
    ["s1", 2],
    ["s2", 2],
  ]);
});
