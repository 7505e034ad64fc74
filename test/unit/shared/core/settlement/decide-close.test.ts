import {
  type BooksState,
  type CloseDecision,
  decideClose,
} from "../../../../../shared/core/settlement/decide-close.ts";

const cases: Readonly<Record<string, readonly [BooksState, string, CloseDecision]>> = {
  "the first close may be of any month that is over": [
    { closedThrough: undefined, closedMonths: [] },
    "2026-03",
    { kind: "close" },
  ],
  "a month follows the one before it": [
    { closedThrough: "2025-12", closedMonths: ["2025-12"] },
    "2026-01",
    { kind: "close" },
  ],
  "a month is not skipped": [
    { closedThrough: "2026-01", closedMonths: ["2026-01"] },
    "2026-03",
    { kind: "notNext", next: "2026-02" },
  ],
  "a closed month stays closed": [
    { closedThrough: "2026-02", closedMonths: ["2026-01", "2026-02"] },
    "2026-01",
    { kind: "alreadyClosed", with: "2026-01" },
  ],
  "a month before the first closed one was closed with it": [
    { closedThrough: "2026-02", closedMonths: ["2026-02"] },
    "2025-07",
    { kind: "alreadyClosed", with: "2026-02" },
  ],
  "a close that was cut off is finished": [
    { closedThrough: "2026-02", closedMonths: ["2026-01"] },
    "2026-02",
    { kind: "finish" },
  ],
  "no month is closed after one that was cut off": [
    { closedThrough: "2026-02", closedMonths: ["2026-01"] },
    "2026-03",
    { kind: "unfinished", month: "2026-02" },
  ],
  "the current month is not over": [
    { closedThrough: "2026-04", closedMonths: ["2026-04"] },
    "2026-05",
    { kind: "notOver", month: "2026-05" },
  ],
};

test.each(Object.entries(cases))("%s", (_name, [books, month, decision]) => {
  expect(decideClose(books, month, "2026-05")).toEqual(decision);
});
