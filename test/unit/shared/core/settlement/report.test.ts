import {
  agingBucketOf,
  agingRowsOf,
  dailyRowsOf,
  discrepancyRowOf,
  type ReportedSettlement,
  trialBalanceOf,
} from "../../../../../shared/core/settlement/report.ts";
import type { SettlementEvent } from "../../../../../shared/core/settlement/settlement-event.ts";
import { DAY_MS } from "../../../../../shared/core/time.ts";
import { aPayment, aWin } from "../../../../support/builders.ts";
import { aLoss, told } from "./settlement-story.ts";

const win = aWin({ priceNanos: 100n });
const pays = (priceNanos: bigint) => aPayment({ priceNanos });

function settled(...events: SettlementEvent[]): ReportedSettlement {
  const { settlement } = told(events);
  if (settlement === undefined) throw new Error("a history has an event");
  return settlement;
}

test("a day adds up won, paid, outstanding and disputed, and keeps seats, regions and currencies apart", () => {
  const bids = [
    settled(win, pays(100n)),
    settled(win, pays(60n)),
    settled(win, pays(150n)),
    settled(win, aWin({ priceNanos: 120n })),
    settled(win, aLoss(), pays(10n)),
    settled({ ...win, region: "eu" }),
    settled({ ...win, currency: "EUR" }),
  ];
  const [usd, eur, ...others] = dailyRowsOf(bids, 100_000).sort((a, b) => b.bids - a.bids);
  expect(usd).toEqual({
    day: "2026-01-01",
    seat: "seat-1",
    region: "us",
    currency: "USD",
    bids: 5,
    wonNanos: 300n,
    billedNanos: 0n,
    owedNanos: 300n,
    paidNanos: 320n,
    outstandingNanos: 40n,
    disputedNanos: 120n,
    disputedBids: 1,
    discrepancyPpm: 66_666,
    isToleranceBreached: false,
  });
  expect([eur, ...others]).toHaveLength(2);
});

test.each([
  [100n, 0, false],
  [90n, -100_000, false],
  [89n, -110_000, true],
  [111n, 110_000, true],
])("%s paid of 100 is a discrepancy of %i ppm, at 10 %% breached: %s", (paid, ppm, isBreached) => {
  const [row] = dailyRowsOf([settled(win, pays(paid))], 100_000);
  expect(row).toMatchObject({ discrepancyPpm: ppm, isToleranceBreached: isBreached });
});

test("money that nothing owes breaches any tolerance", () => {
  const [row] = dailyRowsOf([settled(pays(1n))], 1_000_000);
  expect(row).toMatchObject({ discrepancyPpm: undefined, isToleranceBreached: true });
});

test.each([
  [-1, "0-7"],
  [7, "0-7"],
  [8, "8-30"],
  [30, "8-30"],
  [31, "31-60"],
  [61, "61-90"],
  [91, "91+"],
  [4000, "91+"],
] as const)("%i days are in bucket %s", (days, bucket) => {
  expect(agingBucketOf(days * DAY_MS * 1000)).toBe(bucket);
});

test("only what is outstanding ages", () => {
  const bids = [settled(win), settled(win, pays(60n)), settled(win, pays(200n)), settled(pays(5n))];
  const asOf = win.eventTimeUs + 40 * DAY_MS * 1000;
  expect(agingRowsOf([...bids, settled(win, aLoss())], asOf)).toEqual([
    {
      seat: "seat-1",
      currency: "USD",
      bids: 2,
      outstandingNanos: 140n,
      buckets: { "0-7": 0n, "8-30": 0n, "31-60": 140n, "61-90": 0n, "91+": 0n },
    },
  ]);
});

test.each<[readonly SettlementEvent[], object | undefined]>([
  [[win, pays(100n)], undefined],
  [[win], undefined],
  [[win, pays(60n)], { kind: "underpaid", differenceNanos: -40n }],
  [[win, pays(160n)], { kind: "overpaid", differenceNanos: 60n }],
  [[pays(5n)], { kind: "paidUnowed", differenceNanos: 5n }],
  [[win, pays(5n), aLoss()], { kind: "paidVoid", differenceNanos: 5n }],
  [
    [win, aWin({ priceNanos: 120n })],
    { kind: "disputed", reasons: ["conflictingNotice"], owedNanos: 120n },
  ],
])("discrepancies, case %#", (events, expected) => {
  const row = discrepancyRowOf(settled(...events));
  if (expected === undefined) expect(row).toBeUndefined();
  else expect(row).toMatchObject(expected);
});

test("the trial balance has each account on its side, and equal totals", () => {
  const { entries } = told([win, pays(60n)]);
  const rows = trialBalanceOf(entries).map(
    ({ account, debitNanos, creditNanos }) => `${account} ${debitNanos} ${creditNanos}`,
  );
  expect(rows).toEqual([
    "receivable 40 0",
    "cash 60 0",
    "revenue 0 100",
    "overpayment 0 0",
    "dispute 0 0",
    "total 100 100",
  ]);
});
