import type { AuctionEvent } from "../../../../../shared/core/auction/event.ts";
import { challengeOf, reconcileBid } from "../../../../../shared/core/settlement/reconcile-bid.ts";
import type { SettlementEvent } from "../../../../../shared/core/settlement/settlement-event.ts";
import { settlementRowOf } from "../../../../../shared/core/settlement/settlement-row.ts";
import { aBid, aPayment, aWin } from "../../../../support/builders.ts";
import { aChallenge, aResolution, told } from "./settlement-story.ts";

/** A bid whose ledger holds `settled`, whose archive holds `archived`, and whose copy is up to date. */
function found(archived: readonly AuctionEvent[], settled: readonly SettlementEvent[], young = "") {
  const { settlement } = told(settled);
  if (settlement === undefined) throw new Error("a history has an event");
  const {
    posted: _posted,
    tolerance: _tolerance,
    dispute_reasons: _why,
    ...row
  } = {
    ...settlementRowOf(settlement),
  };
  const differences = reconcileBid({
    bidId: "b1",
    archived,
    ledger: { settlement, entries: [], youngClaims: new Set([young]), isYoung: false },
    warehouse: { settlements: [{ ...row, is_overflowed: null }], lines: [] },
  });
  return differences.map(({ kind, subject }) => `${kind} ${subject}`);
}

const bid = aBid();
const win = aWin();
const winKey = "USD|207000|6|seat-1|win:b1";

test("three places that hold the same agree, however often the archive says it", () => {
  expect(found([bid, win, win, bid, aPayment()], [win, aPayment()])).toEqual([]);
});

test("a notice that one side lacks is listed, unless it may be on its way", () => {
  expect(found([bid, win, aPayment()], [win])).toEqual([
    "missingInLedger USD|207000|6|seat-1|payment:p1",
  ]);
  expect(found([bid, aPayment()], [win, aPayment()])).toEqual([`missingInArchive ${winKey}`]);
  expect(found([bid, aPayment()], [win, aPayment()], winKey)).toEqual([]);
});

test("a win is held against the bid's highest price in its currency", () => {
  expect(found([win], [win])).toEqual([`winWithoutBid ${winKey}`]);
  expect(found([{ ...bid, currency: "EUR" }, win], [win])).toEqual([`winWithoutBid ${winKey}`]);
  expect(found([{ ...bid, priceNanos: 206_999n }, win], [win])).toEqual([`winAboveBid ${winKey}`]);
  expect(found([{ ...bid, priceNanos: 1n }, { ...bid, priceNanos: 207_000n }, win], [win])).toEqual(
    [],
  );
});

test("a win that was challenged, and one that a person rejected, is not listed again", () => {
  expect(found([win], [win, aChallenge({ reason: "winWithoutBid" })])).toEqual([]);
  const higher = aWin({ priceNanos: 300_000n });
  const rejected = aResolution({ accepted: [winKey], rejected: ["USD|300000|6|seat-1|win:b1"] });
  expect(found([bid, win, higher], [win, higher, rejected])).toEqual([]);
});

test("what is listed of a win raises the challenge that disputes it", () => {
  const { settlement } = told([win]);
  if (settlement === undefined) throw new Error("a history has an event");
  const difference = {
    kind: "winWithoutBid",
    bidId: "b1",
    subject: winKey,
    expected: "a bid",
    found: "none",
  } as const;
  const challenge = challengeOf(difference, settlement, 1_767_225_600_000_009);
  if (challenge === undefined) throw new Error("it raises one");
  expect(told([win, challenge]).settlement).toMatchObject({ state: "disputed", posted: [] });
});
