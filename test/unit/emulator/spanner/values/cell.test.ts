import fc from "fast-check";
import { type Cell, lengthOf, readCell } from "../../../../../emulator/spanner/values/cell.ts";
import { divideNanos, multiplyNanos } from "../../../../../emulator/spanner/values/numeric.ts";
import {
  BYTES,
  DATE,
  INT64,
  JSON_TYPE,
  NUMERIC,
  type SpannerType,
  STRING,
  TIMESTAMP,
} from "../../../../../emulator/spanner/values/type.ts";

const canonical: readonly [string, SpannerType, Cell, Cell | undefined][] = [
  ["an INT64 with zeros before it", INT64, "007", "7"],
  ["the largest INT64", INT64, "9223372036854775807", "9223372036854775807"],
  ["an INT64 too large", INT64, "9223372036854775808", undefined],
  ["an INT64 sent as a number", INT64, 7, undefined],
  ["a NUMERIC with zeros at its end", NUMERIC, "1.50", "1.5"],
  ["a NUMERIC with an exponent", NUMERIC, "1e-9", "0.000000001"],
  ["a NUMERIC of minus zero", NUMERIC, "-0.0", "0"],
  ["a NUMERIC with ten decimals", NUMERIC, "0.1234567891", undefined],
  ["a NUMERIC of thirty digits", NUMERIC, "1".repeat(30), undefined],
  [
    "a TIMESTAMP with an offset",
    TIMESTAMP,
    "2024-01-01T01:30:00.100+01:30",
    "2024-01-01T00:00:00.1Z",
  ],
  [
    "a TIMESTAMP to the nanosecond",
    TIMESTAMP,
    "2024-01-01T00:00:00.000000001Z",
    "2024-01-01T00:00:00.000000001Z",
  ],
  ["a TIMESTAMP on a day that is none", TIMESTAMP, "2023-02-29T00:00:00Z", undefined],
  ["a TIMESTAMP without a zone", TIMESTAMP, "2024-01-01T00:00:00", undefined],
  ["a DATE of one digit each", DATE, "2024-1-2", "2024-01-02"],
  [
    "JSON with keys out of order",
    JSON_TYPE,
    '{ "b": 1, "a": [1.0, true] }',
    '{"a":[1.0,true],"b":1}',
  ],
  [
    "JSON without decimals, keys out of order",
    JSON_TYPE,
    '{"b": [{"d": 1, "c": "x"}], "a": null}',
    '{"a":null,"b":[{"c":"x","d":1}]}',
  ],
  ["JSON with a key twice", JSON_TYPE, '{"a":1,"b":2,"a":3}', '{"a":1,"b":2}'],
  ["JSON with escapes", JSON_TYPE, '"\\u0041\\/\\n"', '"A/\\n"'],
  [
    "JSON of words and spaces",
    JSON_TYPE,
    " [ true,false , null ,{ } , [ ] ] ",
    "[true,false,null,{},[]]",
  ],
  ["JSON with exact decimals", JSON_TYPE, "[0.1,-0,1e4,5E-324]", "[0.1,-0,1e4,5E-324]"],
  ["JSON with more decimals than a double has", JSON_TYPE, "2.2412421353246235436", undefined],
  ["JSON with the largest UINT64", JSON_TYPE, "18446744073709551615", "18446744073709551615"],
  [
    "JSON with an integer that neither 64 bits nor a double hold",
    JSON_TYPE,
    "18446744073709551617",
    undefined,
  ],
  ["JSON with a number that begins with zero", JSON_TYPE, "[01]", undefined],
  ["JSON with a line break in a string", JSON_TYPE, '"a\nb"', undefined],
  ["JSON with a comma too many", JSON_TYPE, "[1,]", undefined],
  [
    "JSON of 80 levels",
    JSON_TYPE,
    "[".repeat(80) + "]".repeat(80),
    "[".repeat(80) + "]".repeat(80),
  ],
  ["JSON of 81 levels", JSON_TYPE, "[".repeat(81) + "]".repeat(81), undefined],
  ["JSON that is none", JSON_TYPE, "{a: 1}", undefined],
  ["JSON with an integer beyond doubles", JSON_TYPE, "[9007199254740993]", "[9007199254740993]"],
  ["JSON that is cut off", JSON_TYPE, '{"a": [1', undefined],
  ["BYTES that are not base64", BYTES, "a*b=", undefined],
];

test.each(canonical)("%s", (_, type, value, expected) => {
  expect(readCell(type, value)).toEqual(expected);
});

test("JSON is read as JavaScript reads it, whatever its keys, strings and numbers", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(undefined, 2), (text, indent) => {
      const value: unknown = JSON.parse(text);
      const canonical = readCell(JSON_TYPE, JSON.stringify(value, null, indent));
      expect(JSON.parse(String(canonical))).toEqual(value);
      expect(readCell(JSON_TYPE, canonical ?? null)).toBe(canonical);
    }),
  );
});

test("lengths count characters of STRING and bytes of BYTES", () => {
  expect(lengthOf(STRING, "a𝄞é")).toBe(3);
  expect(lengthOf(BYTES, Buffer.from("abcd").toString("base64"))).toBe(4);
});

test("NUMERIC products and quotients round half away from zero at the ninth decimal", () => {
  expect(multiplyNanos(1_500_000_000n, 1n)).toBe(2n);
  expect(multiplyNanos(-1_500_000_000n, 1n)).toBe(-2n);
  expect(divideNanos(2_000_000_000n, 3_000_000_000n)).toBe(666_666_667n);
});
