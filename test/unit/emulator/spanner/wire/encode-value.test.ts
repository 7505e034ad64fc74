import fc from "fast-check";
import { serviceOf } from "../../../../../emulator/grpc/proto-services.ts";
import type { Cell } from "../../../../../emulator/spanner/values/cell.ts";
import { STRING } from "../../../../../emulator/spanner/values/type.ts";
import { encodePartialResultSets } from "../../../../../emulator/spanner/wire/encode-response.ts";

const service = serviceOf("@google-cloud/spanner-api", "google.spanner.v1.Spanner");

interface Value {
  readonly kind: string;
  readonly stringValue: string;
  readonly numberValue: number;
  readonly boolValue: boolean;
  readonly listValue: { readonly values: readonly Value[] };
}

interface Piece {
  readonly metadata: { readonly rowType: { readonly fields: readonly { name: string }[] } } | null;
  readonly values: readonly Value[];
  readonly last: boolean;
}

function piecesOf(rows: readonly (readonly Cell[])[]): Piece[] {
  const result = {
    columns: [{ name: "a", type: STRING }],
    rows,
    transaction: undefined,
    rowCount: undefined,
  };
  return [...encodePartialResultSets(result)].map(
    (bytes) => service["ExecuteStreamingSql"]?.responseDeserialize(bytes) as Piece, // As its protos say.
  );
}

function cellOf(value: Value): Cell {
  if (value.kind === "stringValue") return value.stringValue;
  if (value.kind === "numberValue") return value.numberValue;
  if (value.kind === "boolValue") return value.boolValue;
  return value.kind === "listValue" ? value.listValue.values.map(cellOf) : null;
}

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ maxLength: 300 }),
  fc.constantFrom("", "käufer", "\u007f", "\u0080", "\u00ff"),
  fc.string({ unit: "grapheme", maxLength: 100 }),
  fc.integer({ min: 90, max: 130 }).map((length) => "x".repeat(length)),
);
const cell: fc.Arbitrary<Cell> = fc.oneof(leaf, fc.array(leaf, { maxLength: 4 }));

test("cells arrive as they were sent", () => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 4 }), (rows) => {
      const pieces = piecesOf(rows);
      expect(pieces.flatMap(({ values }) => values.map(cellOf))).toEqual(rows.flat());
      expect(pieces.map(({ last }) => last)).toEqual([true]);
    }),
    { numRuns: 500 },
  );
});

test("numbers that JSON has no form for go as texts", () => {
  const numbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  expect(piecesOf([numbers])[0]?.values.map(cellOf)).toEqual(["NaN", "Infinity", "-Infinity"]);
});

test("a large result comes in pieces, of which the first has the columns, and one that is left half way does not show in the next", () => {
  const rows = Array.from({ length: 30 }, (_, index) => [String(index).repeat(60_000)]);
  const result = {
    columns: [{ name: "a", type: STRING }],
    rows,
    transaction: undefined,
    rowCount: undefined,
  };
  encodePartialResultSets(result).next();
  const pieces = piecesOf(rows);
  expect(pieces.length).toBeGreaterThan(2);
  expect(pieces.flatMap(({ values }) => values.map(cellOf))).toEqual(rows.flat());
  expect(pieces.map(({ metadata }) => metadata?.rowType.fields.map(({ name }) => name))).toEqual([
    ["a"],
    ...pieces.slice(1).map(() => undefined),
  ]);
  expect(pieces.map(({ last }) => last)).toEqual(
    pieces.map((_, index) => index === pieces.length - 1),
  );
});
