import type { Cell } from "../../../../../emulator/spanner/values/cell.ts";
import { KEY_LENGTH_MAX } from "../../../../../shared/core/settlement/claim.ts";
import { disputeRowOf } from "../../../../../shared/core/settlement/dispute-row.ts";
import {
  claimRowOf,
  entryRowOf,
  settlementRowOf,
} from "../../../../../shared/core/settlement/settlement-row.ts";
import { ddlOf } from "../../../../../shared/schema/read-migrations.ts";
import { aPayment, aWin } from "../../../../support/builders.ts";
import { apply, databaseWith, write } from "../../../emulator/spanner/builders.ts";
import { aChallenge, aLoss, anExpiry, aResolution, told } from "./settlement-story.ts";

const TIME = "2026-01-01T00:00:00.000000Z";
const WRITTEN = { committed_at: TIME };

function cellsOf(row: object): Record<string, Cell> {
  const cells = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === "number" ? String(value) : value,
  ]);
  return { ...Object.fromEntries(cells), ...WRITTEN };
}

function story(events: Parameters<typeof told>[0]) {
  const { settlement, entries } = told(events);
  if (settlement === undefined) throw new Error("a history has an event");
  return {
    settlement,
    entries,
    parent: write("insert", "Settlements", cellsOf(settlementRowOf(settlement))),
  };
}

test("the ledger database takes every row that the core writes", () => {
  const state = databaseWith(...ddlOf("ledger"));
  const { settlement, entries, parent } = story([
    aWin(),
    aPayment(),
    anExpiry(),
    aChallenge(),
    aResolution(),
    aLoss(),
  ]);
  const claims = [...settlement.claims.values()].map((claim) => claimRowOf("b1", 1, claim));
  const dispute = disputeRowOf(undefined, settlement);
  apply(state, [
    parent,
    ...claims.map((row) =>
      write("insert", "SettlementEvents", { ...cellsOf(row), publish_time: TIME }),
    ),
    ...entries.map((entry) => write("insert", "LedgerEntries", cellsOf(entryRowOf(entry)))),
    write("insert", "Disputes", cellsOf(dispute ?? {})),
  ]);
  expect(settlement.state).toBe("disputed");
});

const { settlement, entries, parent } = story([aWin()]);
const [entry] = entries;
const [claim] = settlement.claims.values();
const balance = { seat: "s", currency: "USD", receivable: "1", cash: "0", revenue: "-1" };
const whole = { ...balance, overpayment: "0", dispute: "0", shard: "0" };

test.each<[string, string, object]>([
  ["entry_balanced", "LedgerEntries", { ...(entry && entryRowOf(entry)), cash: "0.000000001" }],
  ["entry_place", "LedgerEntries", { ...(entry && entryRowOf(entry)), version: 0 }],
  ["balance_zero", "AccountBalances", { ...whole, cash: "0.000000001" }],
  ["balance_shard", "AccountBalances", { ...whole, shard: "256" }],
  [
    "settlement_state",
    "Settlements",
    { ...settlementRowOf(settlement), bid_id: "b2", state: "paid" },
  ],
  [
    "settlement_amounts",
    "Settlements",
    { ...settlementRowOf(settlement), bid_id: "b2", won: "-1" },
  ],
  [
    "settlement_settled_time",
    "Settlements",
    { ...settlementRowOf(settlement), bid_id: "b2", state: "settled" },
  ],
  [
    "event_amount",
    "SettlementEvents",
    { ...(claim && claimRowOf("b1", 1, claim)), amount: null, publish_time: TIME },
  ],
  [
    "event_payment",
    "SettlementEvents",
    { ...(claim && claimRowOf("b1", 1, claim)), payment_id: "p", publish_time: TIME },
  ],
])("%s: the database refuses what breaks it", (constraint, table, row) => {
  const state = databaseWith(...ddlOf("ledger"));
  apply(state, [parent]);
  expect(() => apply(state, [write("insert", table, cellsOf(row))])).toThrow(constraint);
});

test("a column holds the longest key", () => {
  expect(ddlOf("ledger").join()).toContain(`claim_key STRING(${KEY_LENGTH_MAX})`);
});

test("an entry or a claim that is there already is refused, not replaced", () => {
  const state = databaseWith(...ddlOf("ledger"));
  const insert = write("insert", "LedgerEntries", cellsOf(entry ? entryRowOf(entry) : {}));
  apply(state, [parent, insert]);
  expect(() => apply(state, [insert])).toThrow(expect.objectContaining({ code: 6 }));
});
