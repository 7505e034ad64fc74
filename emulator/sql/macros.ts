/**
 * GoogleSQL's operations in DuckDB's terms. A macro of several forms is chosen by the types of its
 * arguments when DuckDB binds the query. A failure is a cast that cannot succeed and carries the
 * sentence: DuckDB's own `error()` counts as volatile, and TRY refuses it.
 */
const numeric = "DECIMAL(38,9)";

const arithmetic = [
  "gsql_fail(message) AS CAST('gsql: ' || message AS INTEGER)",
  `gsql_add(a BIGINT, b BIGINT) AS a + b, (a ${numeric}, b ${numeric}) AS a + b, (a DOUBLE, b DOUBLE) AS a + b,
    (a TIMESTAMPTZ, b INTERVAL) AS a + b, (a TIMESTAMP, b INTERVAL) AS a + b, (a DATE, b INTERVAL) AS a + b,
    (a DATE, b BIGINT) AS a + CAST(b AS INTEGER), (a INTERVAL, b INTERVAL) AS a + b`,
  `gsql_subtract(a BIGINT, b BIGINT) AS a - b, (a ${numeric}, b ${numeric}) AS a - b, (a DOUBLE, b DOUBLE) AS a - b,
    (a TIMESTAMPTZ, b INTERVAL) AS a - b, (a TIMESTAMP, b INTERVAL) AS a - b, (a DATE, b INTERVAL) AS a - b,
    (a DATE, b BIGINT) AS a - CAST(b AS INTEGER), (a INTERVAL, b INTERVAL) AS a - b`,
  `gsql_multiply(a BIGINT, b BIGINT) AS a * b, (a ${numeric}, b ${numeric}) AS CAST(a * b AS ${numeric}),
    (a DOUBLE, b DOUBLE) AS a * b`,
  `gsql_round_quotient(n, d) AS CAST((n // d) + CASE WHEN 2 * abs(n % d) >= abs(d)
    THEN CASE WHEN (n < 0) = (d < 0) THEN 1 ELSE -1 END ELSE 0 END AS DECIMAL(38,0)) * CAST(0.000000001 AS DECIMAL(10,9))`,
  `gsql_divide_numeric(a, b) AS gsql_round_quotient(
    CAST(a * 1000000000 AS HUGEINT) * 1000000000, CAST(b * 1000000000 AS HUGEINT))`,
  `gsql_divide(a ${numeric}, b ${numeric}) AS CASE WHEN b = 0 THEN gsql_fail('division by zero: ' || a || ' / 0')
      ELSE gsql_divide_numeric(a, b) END,
    (a DOUBLE, b DOUBLE) AS CASE WHEN b = 0 THEN gsql_fail('division by zero: ' || a || ' / 0') ELSE a / b END`,
  `gsql_div(a, b) AS CASE WHEN b = 0 THEN gsql_fail('division by zero: DIV(' || a || ', 0)') ELSE a // b END`,
  `gsql_mod(a, b) AS CASE WHEN b = 0 THEN gsql_fail('division by zero: MOD(' || a || ', 0)') ELSE a % b END`,
  "gsql_floor_div(a, b) AS (a - ((a % b) + b) % b) // b",
  `gsql_sign(a BIGINT) AS CAST(sign(a) AS BIGINT), (a ${numeric}) AS CAST(sign(a) AS ${numeric}),
    (a DOUBLE) AS CAST(sign(a) AS DOUBLE)`,
  `gsql_ceil(a ${numeric}) AS CAST(ceil(a) AS ${numeric}), (a DOUBLE) AS ceil(a)`,
  `gsql_floor(a ${numeric}) AS CAST(floor(a) AS ${numeric}), (a DOUBLE) AS floor(a)`,
  `gsql_round(a ${numeric}) AS CAST(round(a, 0) AS ${numeric}), (a DOUBLE) AS round(a)`,
  "gsql_round_to(a, n) AS round(a, CAST(n AS INTEGER))",
  `gsql_truncate(a ${numeric}) AS CAST(trunc(a) AS ${numeric}), (a DOUBLE) AS trunc(a)`,
  "gsql_truncate_to(a, n) AS trunc(a, CAST(n AS INTEGER))",
  `gsql_shift_left(a, n) AS CASE WHEN n >= 64 THEN 0 WHEN n < 0 THEN gsql_fail('Bit shift by a negative amount')
    ELSE CAST(CAST((CAST(a AS HUGEINT) * CAST(pow(2, n) AS HUGEINT)) % 18446744073709551616 AS HUGEINT) AS BIGINT) END`,
  `gsql_shift_right(a, n) AS CASE WHEN n >= 64 THEN 0 WHEN a < 0 OR n < 0
    THEN gsql_fail('The emulator does not shift negative numbers to the right') ELSE a >> n END`,
  `gsql_sum(a HUGEINT) AS CAST(a AS BIGINT), (a ${numeric}) AS a, (a DOUBLE) AS a`,
  `gsql_average(a HUGEINT, n BIGINT) AS CASE WHEN n = 0 THEN NULL ELSE CAST(a AS DOUBLE) / n END,
    (a ${numeric}, n BIGINT) AS CASE WHEN n = 0 THEN NULL ELSE gsql_divide_numeric(a, CAST(n AS ${numeric})) END,
    (a DOUBLE, n BIGINT) AS CASE WHEN n = 0 THEN NULL ELSE a / n END`,
];

const casts = [
  `gsql_to_int64(a BIGINT) AS a, (a BOOLEAN) AS CAST(a AS BIGINT), (a ${numeric}) AS CAST(round(a, 0) AS BIGINT),
    (a DOUBLE) AS CAST(round(a) AS BIGINT),
    (a VARCHAR) AS CASE WHEN a IS NULL OR regexp_full_match(trim(a), '[+-]?[0-9]+') THEN CAST(trim(a) AS BIGINT)
      ELSE gsql_fail('Bad int64 value: ' || a) END`,
  `gsql_to_bool(a BOOLEAN) AS a, (a BIGINT) AS a <> 0,
    (a VARCHAR) AS CASE lower(a) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE
      ELSE CASE WHEN a IS NULL THEN NULL ELSE CAST(gsql_fail('Bad bool value: ' || a) AS BOOLEAN) END END`,
  "gsql_to_bytes(a BLOB) AS a, (a VARCHAR) AS encode(a)",
  `gsql_fraction(a) AS CASE WHEN microsecond(a) % 1000000 = 0 THEN '' WHEN microsecond(a) % 1000 = 0
    THEN strftime(a, '.%g') ELSE strftime(a, '.%f') END`,
  `gsql_to_string(a VARCHAR) AS a, (a BIGINT) AS CAST(a AS VARCHAR), (a BOOLEAN) AS CAST(a AS VARCHAR),
    (a ${numeric}) AS regexp_replace(regexp_replace(CAST(a AS VARCHAR), '0+$', ''), '[.]$', ''),
    (a DOUBLE) AS CASE WHEN a <> 0 AND isfinite(a) AND (abs(a) >= 1e15 OR abs(a) < 1e-4)
      THEN CAST(gsql_fail('The emulator does not cast FLOAT64 of this magnitude to STRING') AS VARCHAR)
      ELSE regexp_replace(CAST(a AS VARCHAR), '[.]0$', '') END,
    (a BLOB) AS decode(a), (a DATE) AS strftime(a, '%Y-%m-%d'), (a TIME) AS CAST(a AS VARCHAR),
    (a TIMESTAMP) AS strftime(a, '%Y-%m-%d %H:%M:%S') || gsql_fraction(a),
    (a TIMESTAMPTZ) AS strftime(timezone('UTC', a), '%Y-%m-%d %H:%M:%S') || gsql_fraction(timezone('UTC', a)) || '+00'`,
];

const times = [
  `gsql_local(a DATE, zone VARCHAR) AS CAST(a AS TIMESTAMP), (a TIMESTAMP, zone VARCHAR) AS a,
    (a TIMESTAMPTZ, zone VARCHAR) AS CASE WHEN zone = 'UTC' THEN make_timestamp(epoch_us(a)) ELSE timezone(zone, a) END, (a TIME, zone VARCHAR) AS DATE '1970-01-01' + a,
    (a DATE, b TIME) AS a + b, (a VARCHAR, zone VARCHAR) AS CAST(a AS TIMESTAMP)`,
  `gsql_zoned(a DATE, zone VARCHAR) AS timezone(zone, CAST(a AS TIMESTAMP)), (a TIMESTAMP, zone VARCHAR) AS timezone(zone, a),
    (a TIMESTAMPTZ, zone VARCHAR) AS a,
    (a VARCHAR, zone VARCHAR) AS CASE WHEN regexp_matches(a, '(Z|z|[+-][0-9]{1,2}(:?[0-9]{2})?|[A-Za-z]+/[A-Za-z_]+|UTC)$')
        AND length(a) > 10 THEN CAST(a AS TIMESTAMPTZ) ELSE timezone(zone, CAST(a AS TIMESTAMP)) END`,
  `gsql_offset_text(difference, separator) AS CASE WHEN epoch(difference) < 0 THEN '-' ELSE '+' END
    || lpad(CAST(CAST(abs(epoch(difference)) AS BIGINT) // 3600 AS VARCHAR), 2, '0') || separator
    || lpad(CAST(CAST(abs(epoch(difference)) AS BIGINT) % 3600 // 60 AS VARCHAR), 2, '0')`,
  `gsql_civil_week(a, first_day) AS date_trunc('day', a) - to_days(CAST((dayofweek(a) - first_day + 7) % 7 AS INTEGER))`,
  `gsql_trunc_day(a DATE, unit VARCHAR, zone VARCHAR) AS CAST(date_trunc(unit, a) AS DATE),
    (a TIMESTAMP, unit VARCHAR, zone VARCHAR) AS CAST(date_trunc(unit, a) AS TIMESTAMP),
    (a TIMESTAMPTZ, unit VARCHAR, zone VARCHAR) AS CASE WHEN zone = 'UTC'
      THEN make_timestamptz(epoch_us(CAST(date_trunc(unit, gsql_local(a, zone)) AS TIMESTAMP)))
      ELSE timezone(zone, CAST(date_trunc(unit, gsql_local(a, zone)) AS TIMESTAMP)) END`,
  `gsql_trunc_week(a DATE, first_day, zone VARCHAR) AS CAST(gsql_civil_week(CAST(a AS TIMESTAMP), first_day) AS DATE),
    (a TIMESTAMP, first_day, zone VARCHAR) AS CAST(gsql_civil_week(a, first_day) AS TIMESTAMP),
    (a TIMESTAMPTZ, first_day, zone VARCHAR) AS timezone(zone, CAST(gsql_civil_week(timezone(zone, a), first_day) AS TIMESTAMP))`,
  `gsql_civil_isoyear(a) AS CAST(date_trunc('week', make_date(isoyear(a), 1, 4)) AS TIMESTAMP)`,
  `gsql_trunc_isoyear(a DATE, zone VARCHAR) AS CAST(gsql_civil_isoyear(a) AS DATE),
    (a TIMESTAMP, zone VARCHAR) AS gsql_civil_isoyear(a),
    (a TIMESTAMPTZ, zone VARCHAR) AS timezone(zone, gsql_civil_isoyear(timezone(zone, a)))`,
  `gsql_trunc_clock(a TIMESTAMP, unit VARCHAR, zone VARCHAR) AS CAST(date_trunc(unit, a) AS TIMESTAMP),
    (a TIMESTAMPTZ, unit VARCHAR, zone VARCHAR) AS make_timestamptz(epoch_us(a)
      - (epoch_us(gsql_local(a, zone)) - epoch_us(date_trunc(unit, gsql_local(a, zone))))),
    (a DATE, unit VARCHAR, zone VARCHAR) AS CAST('gsql: DATE_TRUNC of a DATE does not support this date part' AS DATE)`,
  `gsql_week_number(a, first_day) AS (dayofyear(a) + 6 - (dayofweek(a) - first_day + 7) % 7) // 7`,
  `gsql_elapsed(later, earlier, micros) AS (epoch_us(later) - epoch_us(earlier)) // micros`,
  `gsql_diff_weeks(later, earlier, first_day) AS date_diff('day',
    gsql_civil_week(CAST(earlier AS TIMESTAMP), first_day), gsql_civil_week(CAST(later AS TIMESTAMP), first_day)) // 7`,
  `gsql_date_add(a DATE, i INTERVAL) AS CAST(a + i AS DATE), (a TIMESTAMP, i INTERVAL) AS a + i, (a TIMESTAMPTZ, i INTERVAL) AS a + i`,
  `gsql_date_subtract(a DATE, i INTERVAL) AS CAST(a - i AS DATE), (a TIMESTAMP, i INTERVAL) AS a - i,
    (a TIMESTAMPTZ, i INTERVAL) AS a - i`,
  `gsql_generate_dates(a, b, step) AS CASE WHEN CAST(a + step AS DATE) = a
    THEN CAST(gsql_fail('Sequence step cannot be 0.') AS DATE[])
    ELSE list_filter(list_transform(range(0, abs(date_diff('day', a, b)) + 1), lambda i: CAST(a + step * CAST(i AS INTEGER) AS DATE)),
      lambda day: CASE WHEN CAST(a + step AS DATE) > a THEN day <= b ELSE day >= b END) END`,
];

const texts = [
  "gsql_length(a VARCHAR) AS length(a), (a BLOB) AS octet_length(a)",
  "gsql_byte_length(a VARCHAR) AS strlen(a), (a BLOB) AS octet_length(a)",
  `gsql_trim(a) AS regexp_replace(a, '^\\s+|\\s+$', '', 'g'), (a, b) AS trim(a, b)`,
  `gsql_ltrim(a) AS regexp_replace(a, '^\\s+', ''), (a, b) AS ltrim(a, b)`,
  `gsql_rtrim(a) AS regexp_replace(a, '\\s+$', ''), (a, b) AS rtrim(a, b)`,
  `gsql_start(a, p) AS CASE WHEN p = 0 OR p < -length(a) THEN 1 ELSE p END`,
  `gsql_substr(a, p) AS substr(a, gsql_start(a, p)),
    (a, p, n) AS CASE WHEN n < 0 THEN CAST(gsql_fail('Third argument in SUBSTR() cannot be negative') AS VARCHAR)
      ELSE substr(a, gsql_start(a, p), n) END`,
  `gsql_left(a, n) AS CASE WHEN n < 0 THEN CAST(gsql_fail('Second argument in LEFT() cannot be negative') AS VARCHAR) ELSE left(a, n) END`,
  `gsql_right(a, n) AS CASE WHEN n < 0 THEN CAST(gsql_fail('Second argument in RIGHT() cannot be negative') AS VARCHAR) ELSE right(a, n) END`,
  `gsql_replace(a, b, c) AS CASE WHEN b = '' THEN a ELSE replace(a, b, c) END`,
  `gsql_split(a) AS string_split(a, ','), (a, b) AS string_split(a, b)`,
  `gsql_lpad(a, n) AS lpad(a, CAST(n AS INTEGER), ' '), (a, n, p) AS lpad(a, CAST(n AS INTEGER), p)`,
  `gsql_rpad(a, n) AS rpad(a, CAST(n AS INTEGER), ' '), (a, n, p) AS rpad(a, CAST(n AS INTEGER), p)`,
  `gsql_groups(re) AS len(regexp_extract_all(regexp_replace(re, '\\\\.|\\[[^\\]]*\\]', '', 'g'), '\\((?:[^?]|\\?P<)'))`,
  `gsql_group(re) AS CASE WHEN gsql_groups(re) > 1
    THEN gsql_fail('Regular expression has more than 1 capturing group') ELSE CAST(gsql_groups(re) AS INTEGER) END`,
  `gsql_regexp_extract(a, re) AS CASE WHEN regexp_matches(a, re)
    THEN CASE gsql_group(re) WHEN 0 THEN regexp_extract(a, re, 0) ELSE regexp_extract(a, re, 1) END ELSE NULL END`,
  `gsql_regexp_extract_all(a, re) AS CASE gsql_group(re) WHEN 0 THEN regexp_extract_all(a, re, 0)
    ELSE regexp_extract_all(a, re, 1) END`,
];

const arrays = [
  "gsql_out_of_bounds(i) AS CAST('gsql: Array index ' || i || ' is out of bounds' AS BIGINT)",
  "gsql_offset(a, i) AS a[CASE WHEN i < 0 OR i >= len(a) THEN gsql_out_of_bounds(i) ELSE i + 1 END]",
  "gsql_ordinal(a, i) AS a[CASE WHEN i < 1 OR i > len(a) THEN gsql_out_of_bounds(i) ELSE i END]",
  "gsql_safe_offset(a, i) AS CASE WHEN i < 0 THEN NULL ELSE a[i + 1] END",
  "gsql_safe_ordinal(a, i) AS CASE WHEN i < 1 THEN NULL ELSE a[i] END",
  `gsql_join(a, separator) AS array_to_string(list_filter(a, lambda x: x IS NOT NULL), separator),
    (a, separator, absent) AS array_to_string(list_transform(a, lambda x: coalesce(x, absent)), separator)`,
  `gsql_generate_array(a, b) AS generate_series(a, b),
    (a, b, step) AS generate_series(a, b, step)`,
  `gsql_range_bucket(point, bounds) AS CASE WHEN point IS NULL OR bounds IS NULL THEN NULL
    ELSE CAST(len(list_filter(bounds, lambda bound: bound <= point)) AS BIGINT) END`,
  `gsql_top_count(counts, nulls, n) AS list_transform(list_sort(list_concat(
      list_transform(coalesce(map_entries(counts), []), lambda e: struct_pack(n := CAST(e.value AS BIGINT), v := e.key)),
      CASE WHEN nulls > 0 THEN [struct_pack(n := CAST(nulls AS BIGINT), v := NULL)] ELSE [] END), 'DESC')[1:n],
    lambda e: struct_pack("value" := e.v, "count" := e.n))`,
];

/** What FORMAT's specifiers write. A text that a width would cut stays whole. */
const formats = [
  "gsql_integer_text(a BIGINT) AS CAST(a AS VARCHAR)",
  `gsql_fixed_text(a ${numeric}, decimals) AS CAST(round(a, decimals) AS VARCHAR),
    (a DOUBLE, decimals) AS CASE WHEN isfinite(a) THEN printf('%.' || decimals || 'f', a)
      ELSE replace(CAST(a AS VARCHAR), 'inity', '') END`,
  `gsql_hex_text(a BIGINT) AS CASE WHEN a < 0 THEN CAST(gsql_fail('Invalid FORMAT: negative values are not supported for %x') AS VARCHAR)
    ELSE to_hex(a) END`,
  `gsql_plain_text(a VARCHAR) AS a,
    (a) AS CAST(gsql_fail('Invalid type for argument to FORMAT; Expected STRING; Got ' || typeof(a)) AS VARCHAR)`,
  `gsql_printed_text(a VARCHAR) AS coalesce(a, 'NULL'), (a BIGINT) AS coalesce(gsql_to_string(a), 'NULL'),
    (a BOOLEAN) AS coalesce(gsql_to_string(a), 'NULL'), (a DATE) AS coalesce(gsql_to_string(a), 'NULL'),
    (a TIMESTAMP) AS coalesce(gsql_to_string(a), 'NULL'), (a TIMESTAMPTZ) AS coalesce(gsql_to_string(a), 'NULL'),
    (a) AS CAST(gsql_fail('The emulator does not write ' || typeof(a) || ' with %t') AS VARCHAR)`,
  `gsql_group_digits(a) AS regexp_extract(a, '^-?') ||
    ltrim(reverse(regexp_replace(reverse(regexp_extract(a, '[0-9]+')), '([0-9]{3})', '\\1,', 'g')), ',') || regexp_extract(a, '[.].*$')`,
  "gsql_signed(a, sign) AS CASE WHEN starts_with(a, '-') THEN a ELSE sign || a END",
  `gsql_pad_zeros(a, n) AS regexp_extract(a, '^[-+ ]?') ||
    lpad(regexp_extract(a, '[^-+ ].*$'), CAST(greatest(n - length(regexp_extract(a, '^[-+ ]?')),
      length(regexp_extract(a, '[^-+ ].*$'))) AS INTEGER), '0')`,
  "gsql_pad_start(a, n) AS lpad(a, CAST(greatest(n, length(a)) AS INTEGER), ' ')",
  "gsql_pad_end(a, n) AS rpad(a, CAST(greatest(n, length(a)) AS INTEGER), ' ')",
];

const json = [
  `gsql_json_value(a, path) AS CASE WHEN json_type(CAST(a AS JSON), path) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL
    ELSE json_extract_string(CAST(a AS JSON), path) END`,
  "gsql_json_query(a, path) AS json_extract(CAST(a AS JSON), path)",
  `gsql_json_query_array(a, path) AS CASE WHEN json_type(CAST(a AS JSON), path) = 'ARRAY'
    THEN CAST(json_extract(CAST(a AS JSON), path) AS JSON[]) ELSE NULL END`,
  `gsql_json_value_array(a, path) AS list_transform(gsql_json_query_array(a, path), lambda e: gsql_json_value(e, '$'))`,
  `gsql_json_type(a) AS CASE json_type(a) WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'VARCHAR' THEN 'string'
    WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null' ELSE 'number' END`,
  `gsql_json_time(a, zone) AS to_json(strftime(a, '%Y-%m-%dT%H:%M:%S') || gsql_fraction(a) || zone)`,
  `gsql_decimal_text(a) AS regexp_replace(regexp_replace(CAST(a AS VARCHAR), '([.][0-9]*?)0+$', '\\1'), '[.]$', '')`,
  // Over a list of one, so that the operand is written once: JSON nests, and each macro is written out.
  `gsql_to_json(a) AS list_transform([a], lambda x: CASE WHEN typeof(x) = 'JSON' THEN CAST(CAST(x AS VARCHAR) AS JSON)
    WHEN typeof(x) LIKE 'DECIMAL(%)' THEN CASE WHEN x IS NULL THEN NULL
      WHEN TRY_CAST(TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE) AS ${numeric}) = TRY_CAST(CAST(x AS VARCHAR) AS ${numeric})
      THEN CAST(gsql_decimal_text(x) AS JSON)
      ELSE CAST('gsql: The emulator does not write NUMERIC that FLOAT64 would round to JSON' AS JSON) END
    WHEN typeof(x) LIKE 'TIMESTAMP%' AND typeof(x) NOT LIKE '%]' THEN gsql_json_time(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP),
      CASE WHEN typeof(x) LIKE '%ZONE' THEN 'Z' ELSE '' END)
    WHEN regexp_matches(typeof(x), 'TIME|BLOB|DECIMAL|INTERVAL')
    THEN CAST('gsql: The emulator does not write ' || typeof(x) || ' to JSON' AS JSON) ELSE to_json(x) END)[1]`,
  `gsql_is_wide(a) AS contains(gsql_decimal_text(a), '.')
    OR TRY_CAST(CAST(a AS VARCHAR) AS ${numeric}) NOT BETWEEN -9007199254740992 AND 9007199254740992`,
  `gsql_to_json_string(a) AS list_transform([a], lambda y: CASE WHEN typeof(y) <> 'BIGINT' AND typeof(y) NOT LIKE 'DECIMAL(%)'
    THEN CAST(gsql_to_json(y) AS VARCHAR)
    WHEN gsql_is_wide(y) THEN '"' || gsql_decimal_text(y) || '"' ELSE gsql_decimal_text(y) END)[1]`,
  `gsql_lax_number(a) AS TRY_CAST(CASE json_type(a) WHEN 'BOOLEAN' THEN CASE CAST(a AS VARCHAR) WHEN 'true' THEN '1' ELSE '0' END
    WHEN 'ARRAY' THEN NULL WHEN 'OBJECT' THEN NULL ELSE json_extract_string(a, '$') END AS DOUBLE)`,
  `gsql_lax_int64(a) AS CASE WHEN regexp_full_match(json_extract_string(a, '$'), '[+-]?[0-9]{1,19}')
    THEN TRY_CAST(json_extract_string(a, '$') AS BIGINT) ELSE TRY_CAST(round(gsql_lax_number(a)) AS BIGINT) END`,
  `gsql_lax_float64(a) AS CASE json_type(a) WHEN 'BOOLEAN' THEN NULL ELSE gsql_lax_number(a) END`,
  `gsql_lax_bool(a) AS CASE json_type(a) WHEN 'BOOLEAN' THEN CAST(a AS BOOLEAN) WHEN 'VARCHAR' THEN
    CASE lower(json_extract_string(a, '$')) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE ELSE NULL END
    WHEN 'ARRAY' THEN NULL WHEN 'OBJECT' THEN NULL ELSE gsql_lax_number(a) <> 0 END`,
  `gsql_lax_string(a) AS CASE WHEN json_type(a) IN ('ARRAY', 'OBJECT', 'NULL') THEN NULL
    WHEN json_type(a) = 'DOUBLE' THEN gsql_to_string(CAST(a AS DOUBLE)) ELSE json_extract_string(a, '$') END`,
  `gsql_json_text(a VARCHAR) AS json_extract_string(a, '$'), (a TIMESTAMPTZ) AS gsql_to_string(a),
    (a TIMESTAMP) AS gsql_to_string(a), (a DATE) AS gsql_to_string(a)`,
];

/** Run once on a database, in this order. */
export const macroStatements: readonly string[] = [
  ...arithmetic,
  ...casts,
  ...times,
  ...texts,
  ...arrays,
  ...json,
  ...formats,
].map((macro) => `CREATE OR REPLACE MACRO ${macro.replace(/\s+/g, " ")}`);

/** Settings each DuckDB session needs for translated queries to mean what they say. */
export const sessionStatements: readonly string[] = ["SET TimeZone = 'UTC'"];
