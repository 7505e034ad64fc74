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
  ["JSON that is none", JSON_TYPE, "{a: 1}", undefined],
  ["JSON with an integer beyond doubles", JSON_TYPE, "[9007199254740993]", "[9007199254740993]"],
  ["JSON that is cut off", JSON_TYPE, '{"a": [1', undefined],
  ["BYTES that are not base64", BYTES, "a*b=", undefined],
];

test.each(canonical)("%s", (_, type, value, expected) => {
  expect(readCell(type, value)).toEqual(expected);
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
