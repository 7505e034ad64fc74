import { createAnalyst } from "./analytical-fixture.ts";

type Case = readonly [query: string, ...rows: readonly (readonly unknown[])[]];

/** One line a family of functions. Expectations are worked out by hand from GoogleSQL's documentation. */
const cases: readonly Case[] = [
  // Aggregates where SQL lets them stand.
  ["SELECT seat, SUM(id) AS n FROM d.bids GROUP BY seat HAVING n > 4", ["s2", 6]],
  ["SELECT seat FROM d.bids GROUP BY seat HAVING AVG(price) > 1", ["s2"]],
  [
    "SELECT seat FROM d.bids GROUP BY seat HAVING SUM(price) / COUNT(*) > 1 AND MAX(id) > 0",
    ["s2"],
  ],
  ["SELECT seat, SUM(id) FROM d.bids GROUP BY seat ORDER BY SUM(id) DESC", ["s2", 6], ["s1", 4]],
  [
    "SELECT seat, RANK() OVER (ORDER BY SUM(id) DESC), SUM(id) / SUM(SUM(id)) OVER () FROM d.bids GROUP BY seat ORDER BY seat",
    ["s1", 2, 0.4],
    ["s2", 1, 0.6],
  ],
  [
    "SELECT auction FROM d.bids GROUP BY auction QUALIFY RANK() OVER (ORDER BY SUM(id)) = 1",
    ["a1"],
  ],
  [
    "SELECT SAFE_DIVIDE(SUM(price), COUNT(*) - 4), SAFE_DIVIDE(COUNTIF(price > 1), COUNT(*)) FROM d.bids",
    [null, 0.5],
  ],
  ["SELECT SAFE_CAST(MAX(seat) AS INT64), SAFE.SUBSTR(MAX(seat), 1, -1) FROM d.bids", [null, null]],
  ["SELECT COUNT(DISTINCT seat), SUM(DISTINCT id), AVG(id) FROM d.bids", [2, 10, 2.5]],
  ["SELECT seat, SUM(id) FROM d.bids GROUP BY ALL ORDER BY 1", ["s1", 4], ["s2", 6]],
  [
    "SELECT BIT_OR(id), BIT_XOR(id), BIT_AND(id), LOGICAL_AND(id > 0), MAX_BY(seat, id), MIN_BY(seat, id), VARIANCE(id) FROM d.bids",
    [7, 4, 0, true, "s2", "s1", 5 / 3],
  ],
  [
    "SELECT STRING_AGG(seat ORDER BY id LIMIT 2), ARRAY_CONCAT_AGG(tags ORDER BY id) FROM d.bids",
    ["s1,s2", ["x", "y", "x", "z"]],
  ],
  ["SELECT APPROX_QUANTILES(price, 2)[OFFSET(1)] FROM d.bids", ["1.500000000"]],
  [
    "SELECT auction, seat, SUM(id) FROM d.bids GROUP BY CUBE (auction, seat) ORDER BY 1, 2",
    [null, null, 10],
    [null, "s1", 4],
    [null, "s2", 6],
    ["a1", null, 3],
    ["a1", "s1", 1],
    ["a1", "s2", 2],
    ["a2", null, 7],
    ["a2", "s1", 3],
    ["a2", "s2", 4],
  ],
  [
    "SELECT auction AS a, seat, GROUPING(auction) + GROUPING(seat) AS level, SUM(id) FROM d.bids GROUP BY GROUPING SETS (a, (a, seat), ()) HAVING SUM(id) > 3 ORDER BY level, 1, 2",
    ["a2", "s2", 0, 4],
    ["a2", null, 1, 7],
    [null, null, 2, 10],
  ],
  [
    "SELECT auction, seat, SUM(id) FROM d.bids GROUP BY ROLLUP (auction, seat) ORDER BY 1, 2",
    [null, null, 10],
    ["a1", null, 3],
    ["a1", "s1", 1],
    ["a1", "s2", 2],
    ["a2", null, 7],
    ["a2", "s1", 3],
    ["a2", "s2", 4],
  ],
  // Windows.
  [
    "SELECT DENSE_RANK() OVER (ORDER BY auction), NTILE(2) OVER (ORDER BY id), CUME_DIST() OVER (ORDER BY id) FROM d.bids ORDER BY id",
    [1, 1, 0.25],
    [1, 1, 0.5],
    [2, 2, 0.75],
    [2, 2, 1],
  ],
  [
    "SELECT PERCENT_RANK() OVER (ORDER BY auction), PERCENTILE_DISC(id, 0.5) OVER () FROM d.bids ORDER BY id",
    [0, 2],
    [0, 2],
    [2 / 3, 2],
    [2 / 3, 2],
  ],
  [
    "SELECT FIRST_VALUE(id) OVER w, NTH_VALUE(id, 2) OVER w FROM d.bids WINDOW w AS (PARTITION BY seat ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) ORDER BY id",
    [1, 3],
    [2, 4],
    [1, 3],
    [2, 4],
  ],
  [
    "SELECT SUM(id) OVER (ORDER BY UNIX_SECONDS(seen) RANGE BETWEEN 3600 PRECEDING AND CURRENT ROW) FROM d.bids ORDER BY id",
    [1],
    [3],
    [3],
    [7],
  ],
  // SAFE.
  [
    "SELECT SAFE.PARSE_DATE('%Y-%m-%d', 'x'), SAFE_CAST('2026-13-01' AS DATE), SAFE_CAST('x' AS NUMERIC)",
    [null, null, null],
  ],
  [
    "SELECT SAFE_SUBTRACT(-9223372036854775808, 1), SAFE_MULTIPLY(9223372036854775807, 2), SAFE_NEGATE(-9223372036854775808)",
    [null, null, null],
  ],
  // JSON.
  [
    `SELECT JSON_TYPE(attributes), JSON_QUERY_ARRAY(attributes, '$.list'), INT64(attributes.n) FROM d.bids WHERE id = 1`,
    ["object", [1, '"two"'], 3],
  ],
  [
    `SELECT JSON_EXTRACT_SCALAR('{"a":"b"}', '$.a'), JSON_EXTRACT('{"a":{"b":1}}', '$.a'), JSON_VALUE('{"a b":1}', '$."a b"')`,
    ["b", '{"b":1}', 1],
  ],
  [
    `SELECT INT64(PARSE_JSON('7')), FLOAT64(PARSE_JSON('1.5')), BOOL(PARSE_JSON('true')), STRING(PARSE_JSON('"x"'))`,
    [7, 1.5, true, "x"],
  ],
  ["SELECT TO_JSON_STRING(TO_JSON(STRUCT(1 AS a)))", ['{"a":1}']],
  [
    "SELECT x, JSON_VALUE(x, '$.id') FROM UNNEST(JSON_QUERY_ARRAY('[{\"id\":7}]')) AS x",
    ['{"id":7}', 7],
  ],
  [
    `SELECT TO_JSON_STRING(JSON_OBJECT('foo', 10, 'bar', ['a', 'b'], 'foo', 1, 'o"k', NUMERIC '0.000000001', 'n', NULL, 'j', JSON_ARRAY(TRUE, 'x'))), TO_JSON_STRING(JSON_ARRAY()), TO_JSON_STRING(JSON_OBJECT())`,
    ['{"bar":["a","b"],"foo":10,"j":[true,"x"],"n":null,"o\\"k":0.000000001}', "[]", "{}"],
  ],
  [
    "SELECT TO_JSON_STRING(9007199254740993), TO_JSON_STRING(9007199254740992), TO_JSON_STRING(NUMERIC '-30'), TO_JSON_STRING(NUMERIC '123.56'), TO_JSON_STRING(CAST(NULL AS NUMERIC)), TO_JSON(NUMERIC '123.56')",
    ['"9007199254740993"', 9_007_199_254_740_992, -30, '"123.56"', null, "123.56"],
  ],
  [
    "SELECT TO_JSON_STRING(NUMERIC '12345678901234567890.123456789'), TO_JSON_STRING(TIMESTAMP '2026-01-01 00:00:00.5+02'), TO_JSON_STRING(DATETIME '2026-01-01 10:00:00'), TO_JSON_STRING(DATE '2026-01-01')",
    [
      '"12345678901234567890.123456789"',
      '"2025-12-31T22:00:00.500Z"',
      '"2026-01-01T10:00:00"',
      '"2026-01-01"',
    ],
  ],
  [
    "SELECT JSON_OBJECT('seat', seat, 'total', SUM(price)) FROM d.bids GROUP BY seat ORDER BY seat",
    ['{"seat":"s1","total":1.500000001}'],
    ['{"seat":"s2","total":2.25}'],
  ],
  [
    `SELECT LAX_INT64(JSON '1.1e2'), LAX_INT64(JSON '3.5'), LAX_INT64(JSON 'true'), LAX_INT64(JSON '"+1.5"'), LAX_INT64(JSON '"1e100"'), LAX_INT64(JSON '"foo"'), LAX_INT64(JSON '9007199254740993'), LAX_INT64(JSON '[1]')`,
    [110, 4, 1, 2, null, null, 9007199254740993n, null].map((n) =>
      typeof n === "bigint" ? Number(n) : n,
    ),
  ],
  [
    `SELECT LAX_FLOAT64(JSON '"1.5"'), LAX_FLOAT64(JSON 'true'), LAX_BOOL(JSON '"TRUE"'), LAX_BOOL(JSON '0'), LAX_BOOL(JSON '"foo"'), LAX_STRING(JSON 'true'), LAX_STRING(JSON '10'), LAX_STRING(JSON '10.0'), LAX_STRING(JSON '"x"'), LAX_STRING(JSON 'null')`,
    [1.5, null, true, false, null, "true", 10, 10, "x", null],
  ],
  // Arrays and STRUCTs.
  [
    "SELECT ARRAY_CONCAT([1], [2, 3]), ARRAY_REVERSE([1, 2]), ARRAY_TO_STRING(['a', NULL, 'b'], ',', '?'), ARRAY_LENGTH([])",
    [[1, 2, 3], [2, 1], "a,?,b", 0],
  ],
  [
    "SELECT ARRAY(SELECT DISTINCT tag FROM UNNEST(['b', 'a', 'b']) AS tag ORDER BY tag), [1, 2, 3][0]",
    [["a", "b"], 1],
  ],
  [
    "SELECT GENERATE_DATE_ARRAY(DATE '2026-01-31', DATE '2026-03-31', INTERVAL 1 MONTH), GENERATE_DATE_ARRAY(DATE '2026-01-03', DATE '2026-01-02', INTERVAL -1 DAY)",
    [
      ["2026-01-31", "2026-02-28", "2026-03-31"],
      ["2026-01-03", "2026-01-02"],
    ],
  ],
  [
    "SELECT GENERATE_ARRAY(5, 1), GENERATE_ARRAY(5, 1, -2), ARRAY_LENGTH(GENERATE_TIMESTAMP_ARRAY(TIMESTAMP '2026-01-01 00:00:00+00', TIMESTAMP '2026-01-01 02:00:00+00', INTERVAL 1 HOUR))",
    [[], [5, 3, 1], 3],
  ],
  [
    "SELECT RANGE_BUCKET(3, [1, 2, 4]), RANGE_BUCKET(NULL, [1]), RANGE_BUCKET(0, [1])",
    [2, null, 0],
  ],
  [
    "SELECT (SELECT AS STRUCT 1 AS a, 2 AS b).b, x.a, y FROM (SELECT STRUCT(1 AS a) AS x, [1, 2] AS ys), UNNEST(ys) AS y ORDER BY y",
    [2, 1, 1],
    [2, 1, 2],
  ],
  // Times.
  [
    "SELECT CAST(TIMESTAMP_TRUNC(seen, WEEK(MONDAY), 'America/New_York') AS STRING), CAST(TIMESTAMP_TRUNC(seen, MONTH, 'America/New_York') AS STRING), CAST(TIMESTAMP_TRUNC(seen, QUARTER) AS STRING) FROM d.bids WHERE id = 4",
    ["2026-03-30 04:00:00+00", "2026-03-01 05:00:00+00", "2026-04-01 00:00:00+00"],
  ],
  [
    "SELECT CAST(EXTRACT(DATE FROM seen AT TIME ZONE 'America/New_York') AS STRING), FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E3SZ', seen) FROM d.bids WHERE id = 3",
    ["2026-03-31", "2026-03-31T23:59:59.999Z"],
  ],
  [
    "SELECT CAST(TIMESTAMP('2026-01-01 00:00:00', 'America/New_York') AS STRING), CAST(DATETIME(TIMESTAMP '2026-01-01 00:00:00+00', 'Asia/Tokyo') AS STRING)",
    ["2026-01-01 05:00:00+00", "2026-01-01 09:00:00"],
  ],
  [
    "SELECT CAST(DATETIME_TRUNC(DATETIME '2026-03-08 10:11:12', HOUR) AS STRING), DATETIME_DIFF(DATETIME '2026-03-08', DATETIME '2026-03-07 23:00:00', DAY), CAST(LAST_DAY(DATE '2026-02-03') AS STRING)",
    ["2026-03-08 10:00:00", 1, "2026-02-28"],
  ],
  [
    "SELECT DATE_DIFF(DATE '2026-12-31', DATE '2026-01-01', QUARTER), DATE_DIFF(DATE '2027-01-01', DATE '2026-12-31', YEAR), DATE_DIFF(DATE '2026-01-08', DATE '2026-01-01', WEEK(MONDAY))",
    [3, 1, 1],
  ],
  [
    "SELECT CAST(DATE_ADD(DATE '2024-02-29', INTERVAL 1 YEAR) AS STRING), CAST(TIMESTAMP_ADD(TIMESTAMP '2026-01-01', INTERVAL 5 MILLISECOND) AS STRING)",
    ["2025-02-28", "2026-01-01 00:00:00.005+00"],
  ],
  [
    "SELECT UNIX_DATE(DATE '1970-01-02'), CAST(DATE_FROM_UNIX_DATE(1) AS STRING), CAST(DATE(2026, 1, 2) AS STRING), CAST(DATETIME(2026, 1, 2, 3, 4, 5) AS STRING)",
    [1, "1970-01-02", "2026-01-02", "2026-01-02 03:04:05"],
  ],
  [
    "SELECT CAST(CAST('2026-01-01 10:00:00+02' AS TIMESTAMP) AS STRING), CAST(CAST(TIMESTAMP '2026-01-01 23:30:00-05' AS DATE) AS STRING), EXTRACT(HOUR FROM TIME '10:11:12')",
    ["2026-01-01 08:00:00+00", "2026-01-02", 10],
  ],
  [
    "SELECT CURRENT_DATE('America/New_York') <= CURRENT_DATE('Asia/Tokyo'), CURRENT_TIMESTAMP() > TIMESTAMP '2020-01-01', EXTRACT(YEAR FROM CURRENT_DATETIME()) > 2000",
    [true, true, true],
  ],
  [
    "SELECT CAST(LAST_DAY(DATE '2026-02-03', QUARTER) AS STRING), CAST(LAST_DAY(DATE '2026-02-03', YEAR) AS STRING), CAST(LAST_DAY(DATE '2026-02-03', WEEK(MONDAY)) AS STRING), CAST(LAST_DAY(DATETIME '2026-02-07 10:00:00', WEEK) AS STRING)",
    ["2026-03-31", "2026-12-31", "2026-02-08", "2026-02-07"],
  ],
  // Numbers and texts.
  [
    `SELECT FORMAT('|%10d|%-4d|%04d|%+d|% d|', 11, 12, -13, 14, 15), FORMAT("%'d %'d %'.2f", 123456789, -123, NUMERIC '-1234567.895'), FORMAT('%d%% of %s', 5, 'é')`,
    ["|        11|12  |-013|+14| 15|", "123,456,789 -123 -1,234,567.90", "5% of é"],
  ],
  [
    "SELECT FORMAT('%f', 1.1), FORMAT('%.2f %.0f', 1.005, 2.5), FORMAT('%.2f %.0f %.9f', NUMERIC '1.005', NUMERIC '2.5', NUMERIC '0.1'), FORMAT('%08.3f', -1.5), FORMAT('%x %X %4x', 255, 255, 10)",
    ["1.100000", "1.00 2", "1.01 3 0.100000000", "-001.500", "ff FF    a"],
  ],
  [
    "SELECT FORMAT('%t|%t|%t|%t|%6t', DATE '2015-09-01', TIMESTAMP '2015-09-01 12:34:56 America/Los_Angeles', TRUE, NULL, 'ab'), FORMAT('%s', CAST(NULL AS STRING)), FORMAT('%3s', 'abcd')",
    ["2015-09-01|2015-09-01 19:34:56+00|true|NULL|    ab", null, "abcd"],
  ],
  [
    "SELECT FORMAT('%s: %d bids, %.2f', seat, COUNT(*), SUM(price)) FROM d.bids GROUP BY seat ORDER BY 1",
    ["s1: 2 bids, 1.50"],
    ["s2: 2 bids, 2.25"],
  ],
  [
    "SELECT POW(2, 10), SQRT(9), LN(EXP(1)), LOG(8, 2), LOG10(100), CEIL(1.2), FLOOR(-1.2), SIGN(-2.5), ABS(-1)",
    [1024, 3, 1, 3, 2, 2, -2, -1, 1],
  ],
  [
    "SELECT LPAD('7', 3, '0'), RPAD('a', 3) || '|', REPEAT('ab', 2), REVERSE('abc'), STRPOS('abc', 'c'), LEFT('abc', 2), RIGHT('abc', 2), LENGTH('é'), BYTE_LENGTH('é')",
    [7, "a  |", "abab", "cba", 3, "ab", "bc", 1, 2],
  ],
  [
    "SELECT TO_HEX(MD5('a')), TO_BASE64(b'ab'), SAFE_CONVERT_BYTES_TO_STRING(FROM_BASE64('YWI='))",
    ["0cc175b9c0f1b6a831c399e269772661", "YWI=", "ab"],
  ],
  [
    "SELECT STARTS_WITH('abc', 'ab'), ENDS_WITH('abc', 'ab'), REPLACE('aXbX', 'X', '-'), SPLIT('a-b', '-')[SAFE_OFFSET(5)], LOWER('A') || UPPER('b')",
    [true, false, "a-b-", null, "aB"],
  ],
  [
    "SELECT REGEXP_EXTRACT('a=1&b=2', r'b=(\\d)'), COALESCE(NULL, 1), IFNULL(NULL, 2), NULLIF(1, 1), IF(NULL, 1, 2), 3 NOT IN (1, 2), 2 BETWEEN 1 AND 3",
    [2, 1, 2, null, 2, true, true],
  ],
  [
    "SELECT IS_NAN(CAST('nan' AS FLOAT64)), IS_INF(CAST('inf' AS FLOAT64)), ROUND(NUMERIC '2.345', 2), TRUNC(NUMERIC '2.349', 2)",
    [true, true, "2.35", "2.34"],
  ],
  // Joins and sets.
  [
    "SELECT * FROM (SELECT id, seat FROM d.bids) AS t JOIN (SELECT id, price FROM d.bids) AS u USING (id) WHERE id = 1",
    [1, "s1", "1.500000000"],
  ],
  [
    "SELECT b.id FROM d.bids b WHERE EXISTS (SELECT 1 FROM d.bids c WHERE c.auction = b.auction AND c.id > b.id) ORDER BY 1",
    [1],
    [3],
  ],
  ["SELECT seat FROM d.bids INTERSECT DISTINCT SELECT 's1'", ["s1"]],
  [
    "WITH s AS (SELECT seat, MAX(price) AS top FROM d.bids GROUP BY seat) SELECT b.id FROM d.bids AS b JOIN s ON s.seat = b.seat AND s.top = b.price ORDER BY b.id",
    [1],
    [2],
  ],
  [
    "SELECT seat, COUNT(*) FROM d.bids GROUP BY 1 ORDER BY COUNT(*) DESC, 1 LIMIT 1 OFFSET 1",
    ["s2", 2],
  ],
];

const analyst = createAnalyst();

test.each(cases.map(([query, ...rows]) => ({ query, rows })))("$query", async ({ query, rows }) => {
  const run = await analyst;
  expect(await run(query)).toEqual(rows);
});
