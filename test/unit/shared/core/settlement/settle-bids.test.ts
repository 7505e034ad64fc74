import {
  challengesOf,
  type PaymentHomes,
  settleBids,
} from "../../../../../shared/core/settlement/settle-bids.ts";
import type { SettlementEvent } from "../../../../../shared/core/settlement/settlement-event.ts";
import { aPayment, aWin } from "../../../../support/builders.ts";
import { config, told } from "./settlement-story.ts";

const win = (bidId: string): SettlementEvent => aWin({ bidId });
const payment = (bidId: string, paymentId: string) => aPayment({ bidId, paymentId });

test("a bundle settles each bid as if it were alone, and knows which have changed", () => {
  const known = told([win("b1")]).settlement;
  if (known === undefined) throw new Error("a win makes a settlement");
  const events = [win("b1"), win("b2"), payment("b3", "p3"), payment("b2", "p2")];
  const settled = settleBids(new Map([["b1", known]]), events, config);
  const results = [...settled].map(
    ([bid, { settlement, isChanged }]) => `${bid} ${settlement.state} ${isChanged}`,
  );
  expect(results).toEqual(["b1 awaitingPayment false", "b2 settled true", "b3 awaitingWin true"]);
  const { settlement, entries } = told([win("b2"), payment("b2", "p2")]);
  expect(settled.get("b2")).toMatchObject({ settlement, entries });
  expect(settled.get("b1")?.claims.size).toBe(0);
  expect([...(settled.get("b2")?.claims.values() ?? [])].map(({ version }) => version)).toEqual([
    1, 2,
  ]);
});

test("S9: a payment id on two bids disputes both, whichever came first", () => {
  const homes: PaymentHomes = new Map([["p1", new Set(["b1"])]]);
  const challenges = challengesOf([payment("b2", "p1")], homes);
  expect(challenges.map(({ bidId, evidence }) => [bidId, evidence])).toEqual([
    ["b1", "b2"],
    ["b2", "b1"],
  ]);
  const before = told([win("b1"), payment("b1", "p1")]).settlement;
  if (before === undefined) throw new Error("a win makes a settlement");
  const events = [payment("b2", "p1"), ...challenges];
  const settled = settleBids(new Map([["b1", before]]), events, config);
  for (const bid of ["b1", "b2"]) {
    expect(settled.get(bid)?.settlement).toMatchObject({
      state: "disputed",
      disputeReasons: ["challenged"],
      posted: [],
    });
  }
});

test("S9: a payment sent twice within one bundle to two bids disputes both, to one bid neither", () => {
  expect(challengesOf([payment("b1", "p1"), payment("b2", "p1")], new Map())).toHaveLength(2);
  const homes: PaymentHomes = new Map([["p1", new Set(["b1"])]]);
  expect(challengesOf([payment("b1", "p1"), payment("b1", "p1")], homes)).toEqual([]);
});
