import fc from "fast-check";
import type { Cell } from "../../../../../emulator/spanner/values/cell.ts";
import { compareCells } from "../../../../../emulator/spanner/values/compare.ts";
import { encodeKey, prefixRange } from "../../../../../emulator/spanner/values/key-codec.ts";
import { numericTextOfNanos } from "../../../../../emulator/spanner/values/numeric.ts";
import { timestampOfMicros } from "../../../../../emulator/spanner/values/timestamp.ts";
import {
  BOOL,
  BYTES,
  FLOAT64,
  INT64,
  NUMERIC,
  type SpannerType,
  STRING,
  TIMESTAMP,
} from "../../../../../emulator/spanner/values/type.ts";

const bigNumbers = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const kinds: readonly [SpannerType, fc.Arbitrary<Cell>][] = [
  [INT64, fc.oneof(bigNumbers, fc.bigInt({ min: -20n, max: 20n })).map(String)],
  [NUMERIC, fc.oneof(bigNumbers, fc.bigInt({ min: -20n, max: 20n })).map(numericTextOfNanos)],
  [FLOAT64, fc.double({ noNaN: true })],
  [BOOL, fc.boolean()],
  [STRING, fc.string({ unit: "binary" })],
  [BYTES, fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("base64"))],
  [TIMESTAMP, fc.integer({ min: -1_000_000_000_000, max: 10 ** 15 }).map(timestampOfMicros)],
];

for (const [type, cells] of kinds) {
  const parts = [{ ordinal: 0, type, descending: false }];
  const reversed = [{ ordinal: 0, type, descending: true }];

  test(`${type.code}: encoded keys sort as their values do, and back in DESC`, () => {
    fc.assert(
      fc.property(cells, cells, (left, right) => {
        const order = Math.sign(compareCells(type, left, right));
        expect(signOf(encodeKey(parts, [left]), encodeKey(parts, [right]))).toBe(order);
        expect(signOf(encodeKey(reversed, [left]), encodeKey(reversed, [right])) + order).toBe(0);
      }),
    );
  });

  test(`${type.code}: NULL sorts first, and last in DESC`, () => {
    fc.assert(
      fc.property(cells, (cell) => {
        expect(encodeKey(parts, [null]) < encodeKey(parts, [cell])).toBe(true);
        expect(encodeKey(reversed, [null]) > encodeKey(reversed, [cell])).toBe(true);
      }),
    );
  });

  test(`${type.code}: a key lies in the range of its first part, and of no other`, () => {
    const both = [...parts, { ordinal: 1, type, descending: true }];
    fc.assert(
      fc.property(cells, cells, cells, (first, other, second) => {
        const key = encodeKey(both, [first, second]);
        const { from, to } = prefixRange(encodeKey(parts, [other]));
        expect(from <= key && key < to).toBe(compareCells(type, first, other) === 0);
      }),
    );
  });
}

function signOf(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
