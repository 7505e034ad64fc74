import { plainRow } from "../../../../../workers/gavel/query/plain-value.ts";
import { queryFault } from "../../../../../workers/gavel/query/query-fault.ts";
import { writeRows } from "../../../../../workers/gavel/query/write-rows.ts";

test("a table's columns are aligned, numbers to the right, wide signs counted once", () => {
  const rows = [
    { name: "größe", bids: 7, price: "1.25" },
    { name: "b", bids: 12_000, price: null },
  ];
  expect(writeRows(rows, ["name", "bids", "price"], "table").split("\n")).toEqual([
    "name    bids  price",
    "-----  -----  -----",
    "größe      7   1.25",
    "b      12000   NULL",
    "",
  ]);
});

test("what a terminal would obey is shown as spaces in a table", () => {
  expect(writeRows([{ a: "x\u001b[2Jy\nz" }], ["a"], "table")).toContain("x [2Jy z");
});

test("CSV quotes what RFC 4180 says, and leaves NULL empty", () => {
  const rows = [{ a: 'say "hi"', b: "1,5", c: null, d: "two\nlines" }];
  expect(writeRows(rows, ["a", "b", "c", "d"], "csv")).toBe(
    'a,b,c,d\r\n"say ""hi""","1,5",,"two\nlines"\r\n',
  );
});

test("values of both clients come out as JSON has them", () => {
  const row = {
    time: { value: "2026-01-01T00:00:00.000Z" },
    whole: { value: "9007199254740993" },
    bytes: Buffer.from("ab"),
    list: [{ value: "1" }, 2],
    none: undefined,
  };
  expect(plainRow(row)).toEqual({
    time: "2026-01-01T00:00:00.000Z",
    whole: "9007199254740993",
    bytes: "YWI=",
    list: '["1",2]',
    none: null,
  });
});

function refusal(message: string, code: number): Error {
  return Object.assign(new Error(message), { code });
}

test("a refused query is shown with a mark below the place, in the words of both services", () => {
  const query = "SELECT a,\n  b FROM t";
  const marked = "Unrecognized name: b at [2:3]\n    b FROM t\n    ^";
  expect(queryFault(refusal("Unrecognized name: b at [2:3]", 400), query)?.message).toBe(marked);
  const spanner = "3 INVALID_ARGUMENT: Unrecognized name: b [at 2:3]\n  b FROM t\n  ^";
  expect(queryFault(refusal(spanner, 3), query)?.message).toBe(
    "Unrecognized name: b [at 2:3]\n    b FROM t\n    ^",
  );
  expect(queryFault(refusal("Column b is ambiguous", 400), query)?.message).toBe(
    "Column b is ambiguous",
  );
});

test("a service that is out of reach is not the query's fault", () => {
  expect(queryFault(refusal("connect ECONNREFUSED", 14), "SELECT 1")).toBeUndefined();
});
