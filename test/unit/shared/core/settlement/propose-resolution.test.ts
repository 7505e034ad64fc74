import {
  proposeResolution,
  type ResolutionRequest,
} from "../../../../../shared/core/settlement/propose-resolution.ts";
import type { SettlementEvent } from "../../../../../shared/core/settlement/settlement-event.ts";
import { aPayment, aWin } from "../../../../support/builders.ts";
import { aChallenge, keyOf, told } from "./settlement-story.ts";

const win = aWin({ priceNanos: 100n });
const otherWin = aWin({ priceNanos: 120n });
const request: ResolutionRequest = {
  resolutionId: "r1",
  by: "ann",
  reason: "checked with the exchange",
  eventTimeUs: win.eventTimeUs,
  choice: "accept",
  accept: [],
  reject: [],
};

function resolved(history: readonly SettlementEvent[], wish: Partial<ResolutionRequest>) {
  const { settlement } = told(history);
  if (settlement === undefined) throw new Error("a history has an event");
  const proposed = proposeResolution(settlement, { ...request, ...wish });
  return proposed.kind === "resolution" ? told([...history, proposed.event]).settlement : proposed;
}

const payment = aPayment({ priceNanos: 120n });
const euros = aPayment({ paymentId: "p2", currency: "EUR" });

test.each<[string, readonly SettlementEvent[], Partial<ResolutionRequest>, object]>([
  [
    "accepting one of two wins",
    [win, otherWin, payment],
    { accept: [keyOf(otherWin)] },
    { state: "settled", wonNanos: 120n },
  ],
  [
    "accepting the win rejects money of another currency",
    [win, euros],
    { accept: [keyOf(win)] },
    { state: "awaitingPayment", currency: "USD" },
  ],
  [
    "accepting a challenged win",
    [win, aChallenge()],
    { accept: [keyOf(win)] },
    { state: "awaitingPayment" },
  ],
  [
    "rejecting a payment that belongs elsewhere",
    [win, payment, aChallenge({ reason: "paymentElsewhere", subject: "p1" })],
    { accept: [keyOf(win)], reject: [keyOf(payment)] },
    { state: "awaitingPayment", paidNanos: 0n },
  ],
  [
    "writing off",
    [win, otherWin, payment],
    { choice: "writeOff" },
    { state: "void", paidNanos: 120n, owedNanos: 0n },
  ],
  ["a bid that is not disputed", [win], { accept: [keyOf(win)] }, { kind: "notDisputed" }],
  [
    "a claim that is not there",
    [win, otherWin],
    { accept: [keyOf(euros)] },
    { kind: "unknownClaim", key: keyOf(euros) },
  ],
  [
    "accepting both",
    [win, otherWin],
    { accept: [keyOf(win), keyOf(otherWin)] },
    { kind: "stillDisputed", reasons: ["conflictingNotice"] },
  ],
])("%s", (_name, history, wish, expected) => {
  expect(resolved(history, wish)).toMatchObject(expected);
});

test("a resolution may be overruled by a later one", () => {
  const first = told([win, otherWin]).settlement;
  if (first === undefined) throw new Error("a win makes a settlement");
  const accepted = proposeResolution(first, { ...request, accept: [keyOf(win)] });
  if (accepted.kind !== "resolution") throw new Error(accepted.kind);
  const wish = { resolutionId: "r2", eventTimeUs: win.eventTimeUs + 1, accept: [keyOf(otherWin)] };
  expect(resolved([win, otherWin, accepted.event], wish)).toMatchObject({ wonNanos: 120n });
});
