import fc from "fast-check";
import {
  csvOf,
  discrepancyTable,
  type ReportTable,
} from "../../../../../shared/core/settlement/report-table.ts";

function tableOf(texts: readonly string[]): ReportTable {
  const columns = texts.map((_, index) => ({ name: `c${index}`, kind: "text" as const }));
  return { columns, rows: [texts], totals: [] };
}

test("no cell of text begins as a formula does, whatever a seat calls itself", () => {
  const starts = fc.constantFrom("=", "+", "-", "@", "＝", "", "a", '"', ",");
  fc.assert(
    fc.property(fc.tuple(starts, fc.string()), ([start, rest]) => {
      const [, line = ""] = csvOf(tableOf([`${start}${rest}`])).split("\r\n", 2);
      expect(line.replace(/^"/, "")).not.toMatch(/^[=+\-@＝＋－＠]/);
    }),
  );
});

test("a cell with commas, quotes and line ends is read back as it was", () => {
  expect(csvOf(tableOf(['a,"b"\r\nc', "d"]))).toBe('c0,c1\r\n"a,""b""\r\nc",d\r\n');
});

test("negative amounts stay numbers, and amounts of two currencies are not added up", () => {
  const row = { bidId: "b1", seat: "s", region: "us", kind: "underpaid" as const, reasons: [] };
  const table = discrepancyTable([
    { ...row, currency: "USD", owedNanos: 5n, paidNanos: 2n, differenceNanos: -3n },
    { ...row, currency: "EUR", owedNanos: 7n, paidNanos: 3n, differenceNanos: -4n },
    { ...row, currency: "USD", owedNanos: 1n, paidNanos: 0n, differenceNanos: -1n },
  ]);
  expect(csvOf(table).split("\r\n").slice(1)).toEqual([
    "b1,s,us,USD,underpaid,0.000000005,0.000000002,-0.000000003,",
    "b1,s,us,EUR,underpaid,0.000000007,0.000000003,-0.000000004,",
    "b1,s,us,USD,underpaid,0.000000001,0,-0.000000001,",
    "TOTAL,,,EUR,,0.000000007,0.000000003,-0.000000004,1 bids",
    "TOTAL,,,USD,,0.000000006,0.000000002,-0.000000004,2 bids",
    "",
  ]);
});
