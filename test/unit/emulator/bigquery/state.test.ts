import {
  decideAppend,
  readSequence,
  supersedes,
  type WriteStream,
} from "../../../../emulator/bigquery/state.ts";

function stream(overrides: Partial<WriteStream> = {}): WriteStream {
  return {
    name: "s",
    table: "t",
    type: "COMMITTED",
    createTimeMs: 0,
    rowCount: 5,
    isFinalized: false,
    commitTimeMs: undefined,
    flushedRows: 0,
    ...overrides,
  };
}

test.each([
  [undefined, "append"],
  [5, "append"],
  [4, "alreadyExists"],
  [0, "alreadyExists"],
  [6, "outOfRange"],
])("offset %s of a stream of five rows: %s", (offset, kind) => {
  expect(decideAppend(stream(), offset).kind).toBe(kind);
});

test("a finalized stream takes no rows at any offset", () => {
  expect(decideAppend(stream({ isFinalized: true }), 5).kind).toBe("finalized");
});

test.each([
  ["9", "A", -1],
  ["A", "a", 0],
  ["000A", "a", 0],
  ["0", "0000/0", -1],
  ["FFFFFFFFFFFFFFFF", "1000000000000000", 1],
  ["1/FFFFFFFFFFFFFFFF", "2/0", -1],
  ["FF", "100", -1],
  ["1/0", "1", 1],
  ["1/2", "1/10", -1],
  ["2", "1/FFFF", 1],
  ["0/0/0/1", "0/0/0/0", 1],
])("sequence %s against %s", (a, b, sign) => {
  const [left = "", right = ""] = [readSequence(a), readSequence(b)];
  expect(Number(left > right) - Number(left < right)).toBe(sign);
});

test.each(["", "g", "1//2", "1/2/3/4/5", "12345678901234567", "-1"])(
  "%j is no sequence number",
  (text) => {
    expect(readSequence(text)).toBeUndefined();
  },
);

test("sequence numbers of revisions and of watermarks take no more than DuckDB replaces in place", () => {
  expect(readSequence("fffff/2")).toHaveLength(8);
  expect(readSequence(Date.UTC(2100, 0).toString(16))).toHaveLength(12);
});

test("an older upsert does not bring back a deleted row", () => {
  const gone = { kind: "delete" as const, sequence: "2", row: [] };
  expect(supersedes({ kind: "upsert", sequence: "1", row: [] }, gone)).toBe(false);
  expect(supersedes({ kind: "upsert", sequence: "2", row: [] }, gone)).toBe(true);
});
