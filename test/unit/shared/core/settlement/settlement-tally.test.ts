import {
  type AuctionEvent,
  REGIONS,
  type WinEvent,
} from "../../../../../shared/core/auction/event.ts";
import {
  ledgerExportsOf,
  settlementExportOf,
} from "../../../../../shared/core/settlement/export-row.ts";
import type { LedgerEntry } from "../../../../../shared/core/settlement/ledger.ts";
import { challengesOf, settleBids } from "../../../../../shared/core/settlement/settle-bids.ts";
import type { Settlement } from "../../../../../shared/core/settlement/settlement.ts";
import { noticeOf } from "../../../../../shared/core/settlement/settlement-event.ts";
import { writeRecord } from "../../../../../shared/wire/log-form/write-record.ts";
import { aBid, aPayment, aWin } from "../../../../support/builders.ts";
import { prng } from "../../../../support/prng.ts";
import {
  settlementDifferences,
  settlementExportsOf,
  settlementTallyOf,
} from "../../../../tally/settlement-tally.ts";
import { aBilling, aLoss, config } from "./settlement-story.ts";

const seeds = Array.from({ length: 20 }, (_, seed) => seed);

test.each(seeds)("a shuffled log in bundles settles as the naive tally says, seed %i", (seed) => {
  const random = prng(seed);
  const log = randomLog(random);
  const expected = settlementTallyOf(log.map(writeRecord).join("\n"));
  const actual = exportedFrom(shuffled([...log, ...log.slice(0, 50)], random));
  expect(settlementDifferences(expected, actual)).toEqual([]);
});

test("the random logs reach every state that a log can say", () => {
  const states = seeds.flatMap((seed) => {
    const text = randomLog(prng(seed)).map(writeRecord).join("\n");
    return [...settlementTallyOf(text).settlements.values()].map((said) => said.split(" ")[0]);
  });
  expect(new Set(states)).toEqual(
    new Set([
      "awaitingWin",
      "awaitingPayment",
      "underpaid",
      "settled",
      "overpaid",
      "disputed",
      "void",
    ]),
  );
});

test("a tally that differs by a nano, a state or a missing entry is told apart", () => {
  const events = [aWin({ priceNanos: 100n }), aPayment({ priceNanos: 100n })];
  const expected = settlementTallyOf(events.map(writeRecord).join("\n"));
  const short = exportedFrom([aWin({ priceNanos: 100n }), aPayment({ priceNanos: 99n })]);
  expect(settlementDifferences(expected, short)).toEqual([
    "b1: expected settled seat-1 USD 100 0 100, got underpaid seat-1 USD 100 0 99",
    "b1 seat-1 USD cash: expected 100, got 99",
    "b1 seat-1 USD receivable: expected undefined, got 1",
    "seat-1 USD cash: expected 100, got 99",
    "seat-1 USD receivable: expected undefined, got 1",
  ]);
});

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const placed = items.map((item) => ({ item, place: random() }));
  return placed.sort((a, b) => a.place - b.place).map(({ item }) => item);
}

/** Two hundred events of forty bids, most of them sound. */
function randomLog(random: () => number): AuctionEvent[] {
  return Array.from({ length: 200 }, () => randomEvent(random));
}

const BIDS = 40;
const PERCENT: Readonly<Record<"altered" | "elsewhere" | "euros" | "silent", number>> = {
  altered: 0.02,
  elsewhere: 0.01,
  euros: 0.01,
  silent: 0.1,
};

function randomEvent(random: () => number): AuctionEvent {
  const isOneOf = (kind: keyof typeof PERCENT): boolean => random() < PERCENT[kind];
  const upTo = (end: number): number => Math.floor(random() * end);
  const number = upTo(BIDS);
  const bidId = `b${number}`;
  const fields: Partial<WinEvent> = {
    bidId,
    auctionId: `a${number % 7}`,
    region: REGIONS[upTo(3)] ?? "us",
    seat: isOneOf("silent") ? "" : `seat-${isOneOf("altered") ? "x" : number % 5}`,
    currency: isOneOf("euros") ? "EUR" : "CNY",
    eventTimeUs: 1_767_225_600_000_000 + upTo(1000) * 1000,
  };
  const priceNanos = BigInt(1000 + number + (isOneOf("altered") ? 1 : 0));
  const parts = BigInt(1 + upTo(2));
  const paymentId = isOneOf("elsewhere") ? "shared" : `${bidId}-${parts}-${upTo(2)}`;
  const { type: _type, ...payment } = { ...fields, paymentId, priceNanos: priceNanos / parts };
  const choices: readonly AuctionEvent[] = [
    aWin({ ...fields, priceNanos }),
    aBilling({ ...fields, type: "billing", priceNanos }),
    aBid({ ...fields, type: "bid", priceNanos }),
    aPayment(payment),
    aPayment(payment),
    aWin({ ...fields, priceNanos }),
  ];
  return random() < 0.03 ? aLoss({ bidId }) : (choices[upTo(choices.length)] ?? aLoss({ bidId }));
}

/** What a run of the core, in bundles of 17 events, exports. */
function exportedFrom(events: readonly AuctionEvent[]) {
  const notices = events.map(noticeOf).filter((notice) => notice !== undefined);
  const settlements = new Map<string, Settlement>();
  const homes = new Map<string, Set<string>>();
  const entries: LedgerEntry[] = [];
  for (let start = 0; start < notices.length; start += 17) {
    const bundle = notices.slice(start, start + 17);
    const settled = settleBids(settlements, [...bundle, ...challengesOf(bundle, homes)], config);
    for (const [bidId, { settlement, entries: appended }] of settled) {
      settlements.set(bidId, settlement);
      entries.push(...appended);
    }
    for (const notice of bundle) {
      if (notice.type !== "payment") continue;
      const known = homes.get(notice.paymentId) ?? new Set();
      homes.set(notice.paymentId, known.add(notice.bidId));
    }
  }
  return settlementExportsOf(
    [...settlements.values()].map((each) => JSON.stringify(settlementExportOf(each))).join("\n"),
    entries
      .flatMap((entry) => ledgerExportsOf(entry, "").map((line) => JSON.stringify(line)))
      .join("\n"),
  );
}
