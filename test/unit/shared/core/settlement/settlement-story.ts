import type { BillingEvent, LossEvent } from "../../../../../shared/core/auction/event.ts";
import {
  decideSettlement,
  type SettlementDecision,
} from "../../../../../shared/core/settlement/decide-settlement.ts";
import type { LedgerEntry } from "../../../../../shared/core/settlement/ledger.ts";
import type { Settlement } from "../../../../../shared/core/settlement/settlement.ts";
import {
  type ChallengeEvent,
  type ExpiryEvent,
  type Notice,
  noticeOf,
  type ResolutionEvent,
  type SettlementConfig,
  type SettlementEvent,
} from "../../../../../shared/core/settlement/settlement-event.ts";
import { aWin } from "../../../../support/builders.ts";

/** Source `burl` owes at the billing notice, all others at the win. */
export const config: SettlementConfig = {
  billOnBilling: new Set(["burl"]),
  toleranceNanos: new Map(),
  closedThrough: new Map(),
};

const { bidId, auctionId, region, seat, eventTimeUs } = aWin();
const about = { bidId, auctionId, region, seat, eventTimeUs };

export function aBilling(overrides: Partial<BillingEvent> = {}): BillingEvent {
  return { ...aWin(), type: "billing", eventId: "billing:b1", ...overrides };
}

export function aLoss(overrides: Partial<LossEvent> = {}): LossEvent {
  const { priceNanos: _price, currency: _currency, ...fields } = aWin();
  return { ...fields, type: "loss", eventId: "loss:b1", lossReason: 102, ...overrides };
}

export function aVoid(): Notice {
  const { lossReason: _reason, ...fields } = aLoss();
  const notice = noticeOf({ ...fields, type: "void", eventId: "void:b1" });
  if (notice === undefined) throw new Error("a void is a notice");
  return notice;
}

export function anExpiry(overrides: Partial<ExpiryEvent> = {}): ExpiryEvent {
  return { ...about, type: "expiry", ...overrides };
}

export function aChallenge(overrides: Partial<ChallengeEvent> = {}): ChallengeEvent {
  return {
    ...about,
    type: "challenge",
    reason: "winAboveBid",
    subject: "",
    evidence: "0.05",
    ...overrides,
  };
}

export function aResolution(overrides: Partial<ResolutionEvent> = {}): ResolutionEvent {
  return {
    ...about,
    type: "resolution",
    resolutionId: "r1",
    by: "ann",
    reason: "checked with the exchange",
    choice: "accept",
    accepted: [],
    rejected: [],
    ...overrides,
  };
}

/** The key of a claim with an amount, spelled out here so that a change of the stored form shows. */
export function keyOf(event: Notice): string {
  if (!("priceNanos" in event)) return `${event.type}:${event.bidId}`;
  const identity = event.type === "payment" ? event.paymentId : event.bidId;
  const { currency, priceNanos, seat: from, type } = event;
  return `${currency}|${priceNanos}|${from.length}|${from}|${type}:${identity}`;
}

export interface Story {
  readonly settlement: Settlement | undefined;
  readonly entries: readonly LedgerEntry[];
  readonly decisions: readonly SettlementDecision[];
}

/** Carries events through the decision, one after the other. */
export function told(events: readonly SettlementEvent[], by = config): Story {
  let settlement: Settlement | undefined;
  const decisions: SettlementDecision[] = [];
  for (const event of events) {
    const decision = decideSettlement(settlement, event, by);
    settlement = decision.settlement;
    decisions.push(decision);
  }
  return { settlement, entries: decisions.flatMap(({ entries }) => entries), decisions };
}
