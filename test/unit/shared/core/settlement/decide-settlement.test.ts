import type { PricedEvent } from "../../../../../shared/core/auction/event.ts";
import { expiryOf } from "../../../../../shared/core/settlement/expire-reservation.ts";
import { linesOf } from "../../../../../shared/core/settlement/ledger.ts";
import {
  NOTICES_MAX,
  type SettlementState,
} from "../../../../../shared/core/settlement/settlement.ts";
import type { SettlementEvent } from "../../../../../shared/core/settlement/settlement-event.ts";
import { aPayment, aWin } from "../../../../support/builders.ts";
import {
  aBilling,
  aChallenge,
  aLoss,
  anExpiry,
  aResolution,
  aVoid,
  config,
  keyOf,
  told,
} from "./settlement-story.ts";

const win = aWin({ priceNanos: 100n });
const otherWin = aWin({ priceNanos: 120n });
const pays = (paymentId: string, priceNanos: bigint): SettlementEvent =>
  aPayment({ paymentId, priceNanos });

const events = {
  win,
  otherWin,
  billing: aBilling({ priceNanos: 100n }),
  partPayment: pays("p2", 40n),
  fullPayment: pays("p2", 100n),
  alteredPayment: pays("p1", 1n),
  loss: aLoss(),
  void: aVoid(),
  expiry: anExpiry(),
  challenge: aChallenge(),
  accept: aResolution({ accepted: [keyOf(win)], rejected: [keyOf(otherWin)] }),
  writeOff: aResolution({ choice: "writeOff", rejected: [keyOf(win), keyOf(otherWin)] }),
} satisfies Record<string, SettlementEvent>;
type EventName = keyof typeof events;

/** How a bid of 100 comes into each state. */
const histories: Readonly<Record<SettlementState | "none", readonly SettlementEvent[]>> = {
  none: [],
  awaitingWin: [pays("p1", 100n)],
  reserved: [{ ...win, source: "burl" }],
  awaitingPayment: [win],
  underpaid: [win, pays("p1", 60n)],
  settled: [win, pays("p1", 100n)],
  overpaid: [win, pays("p1", 130n)],
  disputed: [win, otherWin],
  void: [win, aLoss()],
};

type Row = Readonly<Record<EventName, SettlementState>>;
const all = (state: SettlementState): Row => ({
  win: state,
  otherWin: state,
  billing: state,
  partPayment: state,
  fullPayment: state,
  alteredPayment: state,
  loss: state,
  void: state,
  expiry: state,
  challenge: state,
  accept: state,
  writeOff: state,
});
const ends = { loss: "void", void: "void", challenge: "disputed", writeOff: "void" } as const;

const table: Readonly<Record<SettlementState | "none", Row>> = {
  none: { ...all("awaitingWin"), ...ends, win: "awaitingPayment", otherWin: "awaitingPayment" },
  awaitingWin: {
    ...all("awaitingWin"),
    ...ends,
    win: "settled",
    otherWin: "underpaid",
    alteredPayment: "disputed",
  },
  reserved: {
    ...all("reserved"),
    ...ends,
    otherWin: "disputed",
    billing: "awaitingPayment",
    expiry: "void",
  },
  awaitingPayment: {
    ...all("awaitingPayment"),
    ...ends,
    otherWin: "disputed",
    partPayment: "underpaid",
    fullPayment: "settled",
    alteredPayment: "underpaid",
  },
  underpaid: {
    ...all("underpaid"),
    ...ends,
    otherWin: "disputed",
    partPayment: "settled",
    fullPayment: "overpaid",
    alteredPayment: "disputed",
  },
  settled: {
    ...all("settled"),
    ...ends,
    otherWin: "disputed",
    partPayment: "overpaid",
    fullPayment: "overpaid",
    alteredPayment: "disputed",
  },
  overpaid: { ...all("overpaid"), ...ends, otherWin: "disputed", alteredPayment: "disputed" },
  disputed: { ...all("disputed"), accept: "awaitingPayment", writeOff: "void" },
  void: { ...all("void"), otherWin: "disputed", challenge: "disputed" },
};

const cells = Object.entries(table).flatMap(([state, row]) =>
  Object.entries(row).map(([event, next]) => [state, event, next] as const),
);

test.each(cells)("a bid that is %s and hears of %s is %s", (state, event, next) => {
  // Object.entries widens the keys of the two Records above to strings.
  const history = histories[state as SettlementState | "none"];
  const source = state === "reserved" ? "burl" : "";
  const heard = events[event as EventName];
  const before = told(history).settlement;
  expect(before?.state ?? "none").toBe(state);
  const after = told([...history, "source" in heard ? { ...heard, source } : heard]);
  expect(after.settlement?.state).toBe(next);
});

const balances = (history: readonly SettlementEvent[], by = config) =>
  told(history, by).settlement?.posted.map(({ seat, currency, amounts }) => {
    const lines = Object.entries(amounts).filter(([, nanos]) => nanos !== 0n);
    return { seat, currency, ...Object.fromEntries(lines) };
  });

test("S5: what is owed, paid and overpaid stands on its own account", () => {
  const at = { seat: "seat-1", currency: "USD" };
  expect(balances([win])).toEqual([{ ...at, receivable: 100n, revenue: -100n }]);
  expect(balances([win, pays("p1", 60n)])).toEqual([
    { ...at, receivable: 40n, cash: 60n, revenue: -100n },
  ]);
  expect(balances([win, pays("p1", 60n), pays("p2", 70n)])).toEqual([
    { ...at, cash: 130n, revenue: -100n, overpayment: -30n },
  ]);
  expect(balances([pays("p1", 60n)])).toEqual([{ ...at, cash: 60n, overpayment: -60n }]);
  expect(balances([win, aVoid()])).toEqual([]);
  expect(balances([{ ...win, source: "burl" }])).toEqual([]);
});

test("S6: a dispute takes back all that was posted, and posts nothing until it is resolved", () => {
  const { settlement, entries, decisions } = told([win, pays("p1", 60n), otherWin, pays("p2", 5n)]);
  expect(settlement).toMatchObject({ state: "disputed", posted: [] });
  expect(settlement?.disputeReasons).toEqual(["conflictingNotice"]);
  expect(decisions.map(({ outcome }) => outcome)).toEqual([
    "recorded",
    "recorded",
    "disputed",
    "disputed",
  ]);
  expect(entries.at(-1)).toMatchObject({
    version: 3,
    cause: "win:b1",
    amounts: { receivable: -40n, cash: -60n, revenue: 100n },
  });
});

test("S6: an accepted claim posts what it says, and a claim no person has seen disputes it again", () => {
  const resolved = [win, pays("p1", 60n), otherWin, events.accept];
  expect(told(resolved).settlement).toMatchObject({ state: "underpaid", wonNanos: 100n });
  expect(told([...resolved, otherWin]).settlement?.state).toBe("underpaid");
  const third = aWin({ priceNanos: 130n });
  expect(told([...resolved, third]).settlement).toMatchObject({ state: "disputed", posted: [] });
});

test("S6: a claim like those that a person rejected disputes the bid again, though it is the only one", () => {
  const [low, high, third] = [pays("p1", 60n), pays("p1", 70n), pays("p1", 80n)];
  const accepted = [keyOf(win)];
  const rejected = [60n, 70n].map((priceNanos) => keyOf(aPayment({ priceNanos })));
  const resolved = [win, low, high, aResolution({ accepted, rejected })];
  expect(told(resolved).settlement).toMatchObject({ state: "awaitingPayment", paidNanos: 0n });
  expect(told([...resolved, third]).settlement?.state).toBe("disputed");
});

test("S6: a write-off owes nothing and holds what was paid on the dispute account", () => {
  const written = [win, pays("p1", 60n), otherWin, events.writeOff];
  expect(told(written).settlement).toMatchObject({ state: "void", owedNanos: 0n });
  expect(balances(written)).toEqual([
    { seat: "seat-1", currency: "USD", cash: 60n, dispute: -60n },
  ]);
  const late = told([...written, aBilling({ priceNanos: 100n })]).settlement;
  expect(late?.disputeReasons).toEqual(["afterWriteOff"]);
});

test("S7: a payment in another currency is never added to the others", () => {
  const mixed = told([win, pays("p1", 60n), aPayment({ paymentId: "p2", currency: "EUR" })]);
  expect(mixed.settlement).toMatchObject({
    state: "disputed",
    disputeReasons: ["mixedCurrency"],
    currency: "USD",
    paidNanos: 60n,
    posted: [],
  });
});

test("two seats are a dispute, a notice that names none is not", () => {
  const elsewhere = told([win, aPayment({ seat: "seat-2" })]).settlement;
  expect(elsewhere?.disputeReasons).toEqual(["mixedSeat"]);
  const silent = [aPayment({ seat: "", priceNanos: 100n }), win];
  expect(told(silent).settlement).toMatchObject({ state: "settled", seat: "seat-1" });
  expect(balances(silent)).toEqual([
    { seat: "seat-1", currency: "USD", cash: 100n, revenue: -100n },
  ]);
});

test("a source that bills on billing owes the billing notice's price, others the win's", () => {
  const billing = aBilling({ priceNanos: 90n });
  expect(told([win, billing]).settlement?.owedNanos).toBe(100n);
  const burl = { source: "burl" };
  const billed = [
    { ...win, ...burl },
    { ...billing, ...burl },
  ];
  expect(told(billed).settlement).toMatchObject({ owedNanos: 90n, state: "awaitingPayment" });
  expect(told([{ ...billing, ...burl }]).settlement?.owedNanos).toBe(90n);
});

test("a billing notice outranks an expiry that was called before it came", () => {
  const burl = { source: "burl" };
  const late = [{ ...win, ...burl }, anExpiry(), { ...aBilling({ priceNanos: 90n }), ...burl }];
  expect(told(late).decisions.map(({ settlement }) => settlement.state)).toEqual([
    "reserved",
    "void",
    "awaitingPayment",
  ]);
});

test("a reservation expires once its time is up, and nothing else does", () => {
  const { settlement: reserved } = told([{ ...win, source: "burl" }]);
  const { settlement: owed } = told([win]);
  if (reserved === undefined || owed === undefined) throw new Error("a win makes a settlement");
  const nowUs = win.eventTimeUs + 60;
  expect(expiryOf(reserved, nowUs, 61)).toBeUndefined();
  expect(expiryOf(owed, nowUs, 60)).toBeUndefined();
  const expiry = expiryOf(reserved, nowUs, 60);
  expect(expiry).toEqual(anExpiry({ eventTimeUs: nowUs }));
});

test.each([
  [89n, "underpaid"],
  [90n, "settled"],
  [110n, "settled"],
  [111n, "overpaid"],
] as const)("with a tolerance of 10, %s of 100 is %s", (paid, state) => {
  const tolerant = { ...config, toleranceNanos: new Map([["USD", 10n]]) };
  const { settlement } = told([win, pays("p1", paid)], tolerant);
  expect(settlement?.state).toBe(state);
  expect(balances([win], tolerant)).toEqual(balances([win]));
});

test("a tolerance never settles what nobody has paid, and a win at zero owes nothing", () => {
  const tolerant = { ...config, toleranceNanos: new Map([["USD", 1000n]]) };
  expect(told([win], tolerant).settlement?.state).toBe("awaitingPayment");
  expect(told([aWin({ priceNanos: 0n })]).settlement).toMatchObject({ state: "settled" });
});

test("S4: entry ids say bid, version and line, and are the same whenever it is decided again", () => {
  const history = [win, pays("p1", 100n)];
  const ids = told(history).entries.flatMap(linesOf);
  expect(ids.map(({ entryId, account }) => [entryId, account])).toEqual([
    ["b1/1/0", "receivable"],
    ["b1/1/2", "revenue"],
    ["b1/2/0", "receivable"],
    ["b1/2/1", "cash"],
  ]);
  expect(told(history)).toEqual(told(history));
});

test("an entry is posted in its event's month, or in the first open one", () => {
  const closed = { ...config, closedThrough: new Map([["USD", "2026-12"]]) };
  expect(told([win]).entries[0]?.period).toBe("2026-01");
  expect(told([win], closed).entries[0]?.period).toBe("2027-01");
});

test("S8: one notice too many makes the bid disputed at zero, and a person can still write it off", () => {
  const many = Array.from({ length: NOTICES_MAX }, (_, index) => pays(`p${index}`, 1n));
  const settled = told([...many.slice(1), aWin({ priceNanos: BigInt(NOTICES_MAX - 1) })]);
  expect(settled.settlement?.state).toBe("settled");
  const full = told([...many, win, pays("another", 1n)]);
  expect(full.decisions.slice(-2).map(({ outcome }) => outcome)).toEqual([
    "overLimit",
    "overLimit",
  ]);
  expect(full.settlement).toMatchObject({ state: "disputed", posted: [] });
  expect(full.settlement?.claims.size).toBe(NOTICES_MAX);
  const accepted = told([...many, win, events.accept]).settlement;
  expect(accepted).toMatchObject({ disputeReasons: ["tooManyClaims"], posted: [] });
  const reversed = told([win, ...many.toReversed()]).settlement;
  expect(reversed).toMatchObject({ state: "disputed", posted: [] });
  const closed = told([...many, win, events.writeOff]).settlement;
  expect(closed).toMatchObject({ state: "void", paidNanos: BigInt(NOTICES_MAX) });
});

test("the earliest report of a notice counts for its time and region", () => {
  const later: PricedEvent = { ...win, eventTimeUs: win.eventTimeUs + 5, region: "eu" };
  for (const order of [
    [later, win],
    [win, later],
  ]) {
    const { settlement } = told(order);
    expect(settlement).toMatchObject({ region: "us", firstEventTimeUs: win.eventTimeUs });
  }
  expect(told([win, later]).settlement?.version).toBe(1);
});
