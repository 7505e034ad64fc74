import {
  auditBalances,
  auditBid,
  auditPayments,
  isPaymentCounted,
} from "../../../../../shared/core/settlement/audit-ledger.ts";
import { addedUp, type LedgerEntry } from "../../../../../shared/core/settlement/ledger.ts";
import type { Settlement } from "../../../../../shared/core/settlement/settlement.ts";
import { aPayment, aWin } from "../../../../support/builders.ts";
import { aChallenge, aResolution, keyOf, told } from "./settlement-story.ts";

const payment = aPayment({ priceNanos: 60n });
const { settlement, entries } = sound([aWin({ priceNanos: 100n }), payment]);
const [first, second] = entries;

function sound(events: Parameters<typeof told>[0]) {
  const story = told(events);
  if (story.settlement === undefined) throw new Error("a history has an event");
  return { settlement: story.settlement, entries: story.entries };
}

test("a sound bid has no finding", () => {
  expect(auditBid(settlement, entries)).toEqual([]);
});

const withCash = (entry: LedgerEntry | undefined, cash: bigint): LedgerEntry[] =>
  entry === undefined ? [] : [{ ...entry, amounts: { ...entry.amounts, cash } }];
const only = (...kept: (LedgerEntry | undefined)[]) => kept.filter((entry) => entry !== undefined);

const planted: readonly [string, string, Partial<Settlement>, readonly LedgerEntry[]][] = [
  ["an altered amount", "entryBalanced", {}, [...only(first), ...withCash(second, 61n)]],
  ["an entry twice", "entryIdsUnique", {}, only(first, second, second)],
  ["a lost entry", "postedEqualsEntries", {}, only(first)],
  ["an entry without cause", "entryCaused", { claims: withoutPayment() }, entries],
  ["an entry of the future", "entryCaused", { version: 1 }, entries],
  ["an edited state", "settlementEqualsClaims", { state: "settled" }, entries],
  ["an edited sum", "settlementEqualsClaims", { paidNanos: 61n }, entries],
  ["an edited posting", "settlementEqualsClaims", { posted: [] }, entries],
  ["a claim of another bid", "claimOfItsBid", { bidId: "b2" }, entries],
];

test.each(planted)("%s is found", (_name, invariant, overrides, journal) => {
  const found = auditBid({ ...settlement, ...overrides }, journal);
  expect(found.map((each) => each.invariant)).toContain(invariant);
});

function withoutPayment() {
  const claims = new Map(settlement.claims);
  claims.delete(keyOf(payment));
  return claims;
}

test("balances that are not the sum of the entries are found by account, over all shards", () => {
  const sum = addedUp(entries);
  expect(auditBalances(entries, sum)).toEqual([]);
  expect(auditBalances(entries, entries)).toEqual([]);
  expect(auditBalances(entries, [])).toHaveLength(3);
  expect(auditBalances(entries.slice(0, 1), sum).map(({ subject }) => subject)).toEqual([
    "seat-1 USD receivable",
    "seat-1 USD cash",
  ]);
});

test("a payment that counts on two bids is found, one that is disputed or rejected on one is none", () => {
  const counted = (paymentId: string, bidId: string, isCounted = true) => ({
    paymentId,
    bidId,
    isCounted,
  });
  const homes = [counted("p1", "a"), counted("p1", "b", false), counted("p2", "b")];
  expect([...auditPayments(homes)]).toEqual([]);
  const twice = [...homes, counted("p3", "c"), counted("p3", "d")];
  expect([...auditPayments(twice)]).toMatchObject([{ subject: "p3", actual: "c and d" }]);
});

test("a payment counts unless its bid is disputed or a person rejected it", () => {
  const isCounted = (...events: Parameters<typeof told>[0]) =>
    isPaymentCounted(sound(events).settlement, "p1");
  expect(isCounted(payment)).toBe(true);
  expect(isCounted(payment, aChallenge())).toBe(false);
  expect(isCounted(payment, aResolution({ rejected: [keyOf(payment)] }))).toBe(false);
});
