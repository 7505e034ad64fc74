import fc from "fast-check";
import type { WindowCount } from "../../../../../workers/console/counts/counts-query.ts";
import {
  shapeAuctions,
  shapeSought,
  windowGrid,
} from "../../../../../workers/console/counts/shape-auctions.ts";

const MINUTE_MS = 60_000;
const START_MS = 1_767_225_600_000;

function aCount(overrides: Partial<WindowCount> = {}): WindowCount {
  return {
    auctionId: "a1",
    region: "us",
    startMs: START_MS,
    bids: 1,
    priceMin: "1",
    priceMax: "1",
    isFinal: false,
    ...overrides,
  };
}

const shape = { windowMs: MINUTE_MS, windows: 3 };

test("the grid ends with the newest window counted, also where the watermark is behind it", () => {
  const ahead = aCount({ startMs: START_MS + 2 * MINUTE_MS });
  expect(windowGrid([ahead], START_MS + 5000, shape).at(-1)).toBe(ahead.startMs);
  expect(windowGrid([], START_MS + 5000, shape)).toEqual([
    START_MS - 2 * MINUTE_MS,
    START_MS - MINUTE_MS,
    START_MS,
  ]);
});

test("an auction's prices are the lowest and highest by value, not by their text", () => {
  const counts = [
    aCount({ priceMin: "10.5", priceMax: "10.5" }),
    aCount({ startMs: START_MS - MINUTE_MS, priceMin: "9.25", priceMax: "9.75", isFinal: true }),
  ];
  const [row] = shapeAuctions(counts, windowGrid(counts, 0, shape));
  expect(row).toEqual({
    auctionId: "a1",
    region: "us",
    bids: 2,
    counts: [0, 1, 1],
    priceMin: "9.25",
    priceMax: "10.5",
    open: 1,
  });
});

test("rows hold every bid of the windows given, most bids first", () => {
  const window = fc.record({
    auctionId: fc.constantFrom("a1", "a2", "a3"),
    slot: fc.integer({ min: 0, max: 2 }),
    bids: fc.integer({ min: 1, max: 50 }),
  });
  const windows = fc.uniqueArray(window, { selector: ({ auctionId, slot }) => auctionId + slot });
  fc.assert(
    fc.property(windows, (drawn) => {
      const counts = drawn.map(({ auctionId, slot, bids }) =>
        aCount({ auctionId, bids, startMs: START_MS - slot * MINUTE_MS }),
      );
      const rows = shapeAuctions(counts, windowGrid([], START_MS, shape));
      const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
      expect(sum(rows.flatMap((row) => row.counts))).toBe(sum(drawn.map(({ bids }) => bids)));
      expect(rows.map(({ bids }) => bids)).toEqual(
        rows.map(({ bids }) => bids).toSorted((a, b) => b - a),
      );
    }),
  );
});

test("an auction that was never counted is found to have no window", () => {
  expect(shapeSought("nobody", [aCount()])).toEqual({
    auctionId: "nobody",
    region: "",
    windows: [],
  });
});
