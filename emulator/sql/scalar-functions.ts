import { writeFormatFunction } from "./format-function.ts";
import {
  direct,
  literalArgument,
  type ScalarCall,
  type ScalarFunction,
  written,
} from "./function-form.ts";
import { duckdbJsonPath } from "./json-path.ts";
import { attempt, macroCall, markAggregate } from "./macro-call.ts";
import { quoteText } from "./quoting.ts";

/** GREATEST and LEAST are NULL where any argument is; DuckDB's skip NULLs. */
function extreme(target: string): ScalarFunction {
  return written(1, 64, (operands) => {
    const anyNull = operands.map((operand) => `${operand} IS NULL`).join(" OR ");
    return `(CASE WHEN ${anyNull} THEN NULL ELSE ${target}(${operands.join(", ")}) END)`;
  });
}

/** A function of a JSON value and a path, which is a literal written in DuckDB's form. */
function atPath(macro: string): ScalarFunction {
  return written(1, 2, ([json = ""], call) => {
    const path = call.args.length < 2 ? "$" : literalArgument(call, 1, "the JSON path");
    const duckdbPath = duckdbJsonPath(path);
    if (duckdbPath === undefined) {
      return call.reader.refuse(`The emulator does not read JSON path ${path}`, call.token);
    }
    return macroCall(macro, [json, quoteText(duckdbPath)]);
  });
}

/** ROUND or TRUNC; DuckDB needs the number of digits to be constant, so that form is untyped. */
function rounding(macro: string): ScalarFunction {
  return written(1, 2, (operands) =>
    macroCall(operands.length === 1 ? macro : `${macro}_to`, operands),
  );
}

/** Arithmetic that is NULL where it fails. */
function safe(macro: string): ScalarFunction {
  return written(2, 2, (operands) => attempt(operands, (plain) => macroCall(macro, plain)));
}

/** A member's JSON; SQL's NULL is JSON's. */
function jsonMember(value: string): string {
  return `coalesce(CAST(${macroCall("gsql_to_json", [value])} AS VARCHAR), 'null')`;
}

function writeJsonArray(members: readonly string[]): string {
  const texts = members.map(jsonMember);
  return `CAST('[' || ${[...texts.flatMap((text, at) => (at === 0 ? [text] : ["','", text])), "']'"].join(" || ")} AS JSON)`;
}

/** Keys are literals: they are written in order, of equal ones the first. */
function writeJsonObject(call: ScalarCall): string {
  const members = new Map<string, string>();
  for (let at = 0; at < call.args.length; at += 2) {
    const value = call.args[at + 1];
    if (value === undefined) {
      call.reader.refuse("JSON_OBJECT needs a value for each of its keys", call.token);
    }
    const key = literalArgument(call, at, "the keys");
    if (!members.has(key)) members.set(key, jsonMember(value.sql));
  }
  const texts = [...members.keys()].sort().map((key, at) => {
    const name = quoteText(`${at === 0 ? "" : ","}${JSON.stringify(key)}:`);
    return `${name} || ${members.get(key)}`;
  });
  return `CAST(${["'{'", ...texts, "'}'"].join(" || ")} AS JSON)`;
}

const mathFunctions: Readonly<Record<string, ScalarFunction>> = {
  ABS: direct("abs", 1),
  SIGN: direct("gsql_sign", 1),
  CEIL: direct("gsql_ceil", 1),
  CEILING: direct("gsql_ceil", 1),
  FLOOR: direct("gsql_floor", 1),
  ROUND: rounding("gsql_round"),
  TRUNC: rounding("gsql_truncate"),
  MOD: direct("gsql_mod", 2),
  DIV: direct("gsql_div", 2),
  POW: written(2, 2, ([base, exponent]) => `pow(CAST(${base} AS DOUBLE), ${exponent})`),
  POWER: written(2, 2, ([base, exponent]) => `pow(CAST(${base} AS DOUBLE), ${exponent})`),
  SQRT: direct("sqrt", 1),
  EXP: direct("exp", 1),
  LN: direct("ln", 1),
  LOG10: direct("log10", 1),
  LOG: written(1, 2, ([value, base]) =>
    base === undefined ? `ln(${value})` : `(ln(${value}) / ln(${base}))`,
  ),
  IEEE_DIVIDE: written(2, 2, ([a, b]) => `(CAST(${a} AS DOUBLE) / CAST(${b} AS DOUBLE))`),
  SAFE_DIVIDE: safe("gsql_divide"),
  SAFE_ADD: safe("gsql_add"),
  SAFE_SUBTRACT: safe("gsql_subtract"),
  SAFE_MULTIPLY: safe("gsql_multiply"),
  SAFE_NEGATE: written(1, 1, (operands) => attempt(operands, ([a]) => `- ${a}`)),
  IS_NAN: direct("isnan", 1),
  IS_INF: direct("isinf", 1),
  GREATEST: extreme("greatest"),
  LEAST: extreme("least"),
};

const conditionFunctions: Readonly<Record<string, ScalarFunction>> = {
  IF: written(3, 3, ([test, yes, no]) => `(CASE WHEN ${test} THEN ${yes} ELSE ${no} END)`),
  IFNULL: direct("coalesce", 2),
  NULLIF: direct("nullif", 2),
  NULLIFZERO: written(1, 1, ([value]) => `nullif(${value}, 0)`),
  ZEROIFNULL: written(1, 1, ([value]) => `coalesce(${value}, 0)`),
  COALESCE: direct("coalesce", 1, 64),
  GROUPING: written(1, 1, ([key]) => markAggregate(`grouping(${key})`)),
  ERROR: written(1, 1, ([message]) => macroCall("gsql_fail", [message ?? ""])),
};

const textFunctions: Readonly<Record<string, ScalarFunction>> = {
  FORMAT: { fewest: 1, most: 64, write: writeFormatFunction },
  CONCAT: written(1, 64, (operands) => `(${operands.join(" || ")})`),
  LENGTH: direct("gsql_length", 1),
  CHAR_LENGTH: direct("length", 1),
  CHARACTER_LENGTH: direct("length", 1),
  BYTE_LENGTH: direct("gsql_byte_length", 1),
  OCTET_LENGTH: direct("gsql_byte_length", 1),
  LOWER: direct("lower", 1),
  UPPER: direct("upper", 1),
  TRIM: direct("gsql_trim", 1, 2),
  LTRIM: direct("gsql_ltrim", 1, 2),
  RTRIM: direct("gsql_rtrim", 1, 2),
  SUBSTR: direct("gsql_substr", 2, 3),
  SUBSTRING: direct("gsql_substr", 2, 3),
  LEFT: direct("gsql_left", 2),
  RIGHT: direct("gsql_right", 2),
  STRPOS: direct("strpos", 2),
  INSTR: direct("strpos", 2),
  REPLACE: direct("gsql_replace", 3),
  SPLIT: direct("gsql_split", 1, 2),
  STARTS_WITH: direct("starts_with", 2),
  ENDS_WITH: direct("ends_with", 2),
  LPAD: direct("gsql_lpad", 2, 3),
  RPAD: direct("gsql_rpad", 2, 3),
  REPEAT: direct("repeat", 2),
  REVERSE: direct("reverse", 1),
  ASCII: written(1, 1, ([value]) => `CAST(ascii(${value}) AS BIGINT)`),
  CHR: written(1, 1, ([value]) => `chr(CAST(${value} AS INTEGER))`),
  TO_HEX: written(1, 1, ([value]) => `lower(to_hex(${value}))`),
  FROM_HEX: direct("from_hex", 1),
  TO_BASE64: direct("to_base64", 1),
  FROM_BASE64: direct("from_base64", 1),
  SAFE_CONVERT_BYTES_TO_STRING: written(1, 1, ([value]) => `TRY(decode(${value}))`),
  MD5: written(1, 1, ([value]) => `from_hex(md5(${value}))`),
  SHA1: written(1, 1, ([value]) => `from_hex(sha1(${value}))`),
  SHA256: written(1, 1, ([value]) => `from_hex(sha256(${value}))`),
  GENERATE_UUID: written(0, 0, () => "CAST(uuid() AS VARCHAR)"),
  RAND: written(0, 0, () => "random()"),
  SESSION_USER: written(0, 0, () => "'emulator@localhost'"),
  REGEXP_CONTAINS: direct("regexp_matches", 2),
  REGEXP_EXTRACT: direct("gsql_regexp_extract", 2),
  REGEXP_SUBSTR: direct("gsql_regexp_extract", 2),
  REGEXP_EXTRACT_ALL: direct("gsql_regexp_extract_all", 2),
  REGEXP_REPLACE: written(3, 3, (operands) => `regexp_replace(${operands.join(", ")}, 'g')`),
};

const arrayFunctions: Readonly<Record<string, ScalarFunction>> = {
  ARRAY_LENGTH: written(1, 1, ([value]) => `CAST(len(${value}) AS BIGINT)`),
  ARRAY_CONCAT: written(1, 64, (operands) => `(${operands.join(" || ")})`),
  ARRAY_REVERSE: direct("list_reverse", 1),
  ARRAY_TO_STRING: direct("gsql_join", 2, 3),
  ARRAY_FIRST: written(1, 1, ([value]) => `gsql_offset(${value}, 0)`),
  ARRAY_LAST: written(1, 1, ([value]) => `gsql_ordinal(${value}, len(${value}))`),
  RANGE_BUCKET: direct("gsql_range_bucket", 2),
  GENERATE_ARRAY: { ...direct("gsql_generate_array", 2, 3), shape: "scalars" },
  GENERATE_DATE_ARRAY: {
    ...written(2, 3, ([first = "", last = "", step = "to_days(1)"]) =>
      macroCall("gsql_generate_dates", [first, last, step]),
    ),
    shape: "scalars",
  },
  GENERATE_TIMESTAMP_ARRAY: { ...direct("generate_series", 3), shape: "scalars" },
};

const jsonFunctions: Readonly<Record<string, ScalarFunction>> = {
  JSON_VALUE: atPath("gsql_json_value"),
  JSON_EXTRACT_SCALAR: atPath("gsql_json_value"),
  JSON_QUERY: atPath("gsql_json_query"),
  JSON_EXTRACT: atPath("gsql_json_query"),
  JSON_VALUE_ARRAY: atPath("gsql_json_value_array"),
  JSON_QUERY_ARRAY: atPath("gsql_json_query_array"),
  JSON_EXTRACT_ARRAY: atPath("gsql_json_query_array"),
  JSON_TYPE: direct("gsql_json_type", 1),
  PARSE_JSON: written(1, 1, ([text]) => `CAST(${text} AS JSON)`),
  JSON_ARRAY: written(0, 64, writeJsonArray),
  JSON_OBJECT: { fewest: 0, most: 64, write: writeJsonObject },
  LAX_INT64: direct("gsql_lax_int64", 1),
  LAX_FLOAT64: direct("gsql_lax_float64", 1),
  LAX_BOOL: direct("gsql_lax_bool", 1),
  LAX_STRING: direct("gsql_lax_string", 1),
  TO_JSON: direct("gsql_to_json", 1),
  TO_JSON_STRING: direct("gsql_to_json_string", 1),
  STRING: direct("gsql_json_text", 1),
  INT64: written(1, 1, ([json]) => `CAST(${json} AS BIGINT)`),
  FLOAT64: written(1, 1, ([json]) => `CAST(${json} AS DOUBLE)`),
  BOOL: written(1, 1, ([json]) => `CAST(${json} AS BOOLEAN)`),
};

/** Every scalar function that is translated. One that is not here is refused by name. */
export const scalarFunctions: Readonly<Record<string, ScalarFunction>> = {
  ...mathFunctions,
  ...conditionFunctions,
  ...textFunctions,
  ...arrayFunctions,
  ...jsonFunctions,
};
