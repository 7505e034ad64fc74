import type { AuctionEvent } from "../../../../../shared/core/auction/event.ts";
import {
  type BidReconciliation,
  challengeOf,
  reconcileBid,
} from "../../../../../shared/core/settlement/reconcile-bid.ts";
import type { WarehouseRow } from "../../../../../shared/core/settlement/reconciliation.ts";
import type { SettlementEvent } from "../../../../../shared/core/settlement/settlement-event.ts";
import {
  type SettlementRow,
  settlementRowOf,
} from "../../../../../shared/core/settlement/settlement-row.ts";
import { aBid, aPayment, aWin } from "../../../../support/builders.ts";
import { aChallenge, aResolution, told } from "./settlement-story.ts";

const CUT_US = 1000;
const FRESH_US = CUT_US + 1;

interface Story {
  readonly archived: readonly AuctionEvent[];
  readonly settled: readonly SettlementEvent[];
  /** When the archive's events were published, the ledger's claims and its last commit. Default long ago. */
  readonly archivedUs?: number;
  readonly publishedUs?: number;
  readonly committedUs?: number;
  /** What BigQuery holds instead of the settlement's own row; null for none. */
  readonly copy?: Partial<SettlementRow> | null;
  readonly lines?: readonly WarehouseRow[];
}

/** A bid whose ledger holds `settled`, whose archive holds `archived`, and whose copy is up to date. */
function compared(story: Story): BidReconciliation {
  const { settlement } = told(story.settled);
  if (settlement === undefined) throw new Error("a history has an event");
  const { archivedUs = 0, publishedUs = 0, committedUs = 0, copy = {}, lines = [] } = story;
  const row = settlementRowOf(settlement);
  const ledger = {
    settlement,
    committedUs,
    publishedUs: new Map([...settlement.claims.keys()].map((key) => [key, publishedUs])),
    entries: [],
  };
  const archived = story.archived.map((event) => ({ event, publishTimeUs: archivedUs }));
  const settlements = copy === null ? [] : [{ ...row, ...copy }].map(flat);
  const bid = { bidId: "b1", archived, ledger, warehouse: { settlements, lines } };
  return reconcileBid(bid, CUT_US);
}

function flat({
  posted: _posted,
  dispute_reasons: _why,
  is_overflowed: _more,
  ...row
}: Partial<SettlementRow>): WarehouseRow {
  return row;
}

function found(archived: readonly AuctionEvent[], settled: readonly SettlementEvent[]): string[] {
  return compared({ archived, settled }).differences.map(
    ({ kind, subject }) => `${kind} ${subject}`,
  );
}

const bid = aBid();
const win = aWin();
const winKey = "USD|207000|6|seat-1|win:b1";

test("three places that hold the same agree, however often the archive says it", () => {
  expect(found([bid, win, win, bid, aPayment()], [win, aPayment()])).toEqual([]);
});

test("a notice that one side lacks is listed; published after the cut it is pending", () => {
  const unsettled = { archived: [bid, win, aPayment()], settled: [win] };
  expect(compared(unsettled)).toMatchObject({
    differences: [{ kind: "missingInLedger", subject: "USD|207000|6|seat-1|payment:p1" }],
    pending: 0,
  });
  const pending = { differences: [], pending: 1 };
  expect(compared({ ...unsettled, archivedUs: FRESH_US })).toEqual(pending);
  const unarchived = { archived: [bid, aPayment()], settled: [win, aPayment()] };
  expect(found(unarchived.archived, unarchived.settled)).toEqual([`missingInArchive ${winKey}`]);
  expect(compared({ ...unarchived, publishedUs: FRESH_US })).toEqual(pending);
});

test("a copy that lags behind is listed; committed after the cut it is pending", () => {
  const late = { archived: [bid, win], settled: [win] };
  for (const copy of [null, { version: 0, state: "awaitingWin" }] as const) {
    expect(compared({ ...late, copy }).differences.length).toBeGreaterThan(0);
    const fresh = compared({ ...late, copy, committedUs: FRESH_US });
    expect(fresh).toEqual({ differences: [], pending: 1 });
  }
});

test("a copy that says other than the ledger, or is unknown to it, is listed however fresh the bid", () => {
  const fresh = {
    archived: [bid, win],
    settled: [win],
    publishedUs: FRESH_US,
    committedUs: FRESH_US,
  };
  const kinds = (more: Partial<Story>) =>
    compared({ ...fresh, ...more }).differences.map(({ kind }) => kind);
  expect(kinds({ copy: { won: "1" } })).toEqual(["differsInWarehouse"]);
  expect(kinds({ copy: { version: 2 } })).toEqual(["differsInWarehouse"]);
  expect(kinds({ lines: [{ entry_id: "b1/9/0" }] })).toEqual(["unknownInWarehouse"]);
});

test("a win is held against the bid's highest price in its currency", () => {
  expect(found([win], [win])).toEqual([`winWithoutBid ${winKey}`]);
  expect(found([{ ...bid, currency: "EUR" }, win], [win])).toEqual([`winWithoutBid ${winKey}`]);
  expect(found([{ ...bid, priceNanos: 206_999n }, win], [win])).toEqual([`winAboveBid ${winKey}`]);
  expect(found([{ ...bid, priceNanos: 1n }, { ...bid, priceNanos: 207_000n }, win], [win])).toEqual(
    [],
  );
});

test("a win whose bid may be on its way to the archive is pending", () => {
  const young = compared({ archived: [win], settled: [win], publishedUs: FRESH_US });
  expect(young).toEqual({ differences: [], pending: 1 });
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
