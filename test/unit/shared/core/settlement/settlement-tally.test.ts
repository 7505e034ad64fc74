import type { AuctionEvent } from "../../../../../shared/core/auction/event.ts";
import {
  ledgerExportsOf,
  settlementExportOf,
} from "../../../../../shared/core/settlement/export-row.ts";
import type { LedgerEntry } from "../../../../../shared/core/settlement/ledger.ts";
import { challengesOf, settleBids } from "../../../../../shared/core/settlement/settle-bids.ts";
import type { Settlement } from "../../../../../shared/core/settlement/settlement.ts";
import { noticeOf } from "../../../../../shared/core/settlement/settlement-event.ts";
import { writeRecord } from "../../../../../shared/wire/log-form/write-record.ts";
import { aPayment, aWin } from "../../../../support/builders.ts";
import { prng } from "../../../../support/prng.ts";
import { randomNotices } from "../../../../support/random-notices.ts";
import {
  settlementDifferences,
  settlementExportsOf,
  settlementTallyOf,
} from "../../../../tally/settlement-tally.ts";
import { config } from "./settlement-story.ts";

const seeds = Array.from({ length: 20 }, (_, seed) => seed);

test.each(seeds)("a shuffled log in bundles settles as the naive tally says, seed %i", (seed) => {
  const random = prng(seed);
  const log = randomNotices(random, { count: 200, bids: 40 });
  const expected = settlementTallyOf(log.map(writeRecord).join("\n"));
  const actual = exportedFrom(shuffled([...log, ...log.slice(0, 50)], random));
  expect(settlementDifferences(expected, actual)).toEqual([]);
});

test("the random logs reach every state that a log can say", () => {
  const states = seeds.flatMap((seed) => {
    const text = randomNotices(prng(seed), { count: 200, bids: 40 }).map(writeRecord).join("\n");
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
