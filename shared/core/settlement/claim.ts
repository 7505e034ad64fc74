import { identityOf, type Region } from "../auction/event.ts";
import type {
  ChallengeEvent,
  ExpiryEvent,
  Notice,
  ResolutionEvent,
  SettlementConfig,
  SettlementEvent,
} from "./settlement-event.ts";

/** Characters of the longest key: currency, amount, seat and a payment's identity, with what parts them. */
export const KEY_LENGTH_MAX = 320;

interface ClaimFields {
  /** Tells the claims of one bid apart; events of one key say the same. At most {@link KEY_LENGTH_MAX}. */
  readonly key: string;
  /** The event's identity: several keys under one identity are a conflict. */
  readonly identity: string;
  readonly auctionId: string;
  readonly region: Region;
  readonly seat: string;
  readonly source: string;
  readonly eventTimeUs: number;
}

/** A notice that names an amount. */
export interface MoneyClaim extends ClaimFields {
  readonly type: "win" | "billing" | "payment";
  readonly amountNanos: bigint;
  readonly currency: string;
  /** Whether its source's configuration lets this notice owe; false for payments. */
  readonly owes: boolean;
  /** "" but for payments. */
  readonly paymentId: string;
}

/** A notice that nothing is owed. */
export interface ReleaseClaim extends ClaimFields {
  readonly type: "loss" | "void" | "expiry";
}

export interface ChallengeClaim extends ClaimFields {
  readonly type: "challenge";
  readonly evidence: string;
}

export interface ResolutionClaim extends ClaimFields {
  readonly type: "resolution";
  readonly choice: ResolutionEvent["choice"];
  readonly by: string;
  readonly reason: string;
  readonly accepted: readonly string[];
  readonly rejected: readonly string[];
}

/** What one event says about a bid, reduced to what counts. A settlement is the fold of its claims. */
export type Claim = MoneyClaim | ReleaseClaim | ChallengeClaim | ResolutionClaim;

export function isMoneyClaim(claim: Claim): claim is MoneyClaim {
  return claim.type === "win" || claim.type === "billing" || claim.type === "payment";
}

/** The claim that an event makes. What the configuration says of its source is fixed here. */
export function claimOf(event: SettlementEvent, config: SettlementConfig): Claim {
  switch (event.type) {
    case "win":
    case "billing":
    case "payment":
      return moneyClaimOf(event, config);
    case "loss":
    case "void":
    case "expiry":
      return { ...fieldsOf(event), type: event.type };
    case "challenge":
      return { ...fieldsOf(event), type: "challenge", evidence: event.evidence };
    case "resolution": {
      const { choice, by, reason, accepted, rejected } = event;
      return { ...fieldsOf(event), type: "resolution", choice, by, reason, accepted, rejected };
    }
  }
}

/** What makes an event of the settlement the same event. */
export function settlementIdentityOf(event: SettlementEvent): string {
  switch (event.type) {
    case "expiry":
      return `expiry:${event.bidId}`;
    case "challenge":
      return `challenge:${event.reason}:${event.subject}`;
    case "resolution":
      return `resolution:${event.resolutionId}`;
    default:
      return identityOf(event);
  }
}

/**
 * Two claims of one key as one, whichever came first: the earlier event's particulars, and owed if either
 * owes. Returns `known` itself where `other` adds nothing.
 */
export function joinClaims(known: Claim, other: Claim): Claim {
  const owes = owesOf(known) || owesOf(other);
  const first = isBefore(other, known) ? other : known;
  return first.type === "win" || first.type === "billing" ? withOwes(first, owes) : first;
}

type MoneyNotice = Extract<Notice, { type: MoneyClaim["type"] }>;

function moneyClaimOf(event: MoneyNotice, config: SettlementConfig): MoneyClaim {
  const fields = fieldsOf(event);
  const { type, priceNanos, currency } = event;
  return {
    ...fields,
    key: `${currency}|${priceNanos}|${event.seat.length}|${event.seat}|${fields.identity}`,
    type,
    amountNanos: priceNanos,
    currency,
    owes: type !== "payment" && (type === "billing") === config.billOnBilling.has(event.source),
    paymentId: event.type === "payment" ? event.paymentId : "",
  };
}

function fieldsOf(event: Notice | ExpiryEvent | ChallengeEvent | ResolutionEvent): ClaimFields {
  const { auctionId, region, seat, eventTimeUs } = event;
  const identity = settlementIdentityOf(event);
  const source = "source" in event ? event.source : "";
  return { key: identity, identity, auctionId, region, seat, source, eventTimeUs };
}

function owesOf(claim: Claim): boolean {
  return (claim.type === "win" || claim.type === "billing") && claim.owes;
}

function withOwes(claim: MoneyClaim, owes: boolean): MoneyClaim {
  return claim.owes === owes ? claim : { ...claim, owes };
}

/** A total order of what claims of one key may differ in, so that joining them has no order. */
function isBefore(claim: Claim, other: Claim): boolean {
  if (claim.eventTimeUs !== other.eventTimeUs) return claim.eventTimeUs < other.eventTimeUs;
  return particularsOf(claim) < particularsOf(other);
}

function particularsOf(claim: Claim): string {
  const { auctionId, region, seat, source } = claim;
  const detail = claim.type === "challenge" ? claim.evidence : "";
  return JSON.stringify([region, auctionId, seat, source, detail]);
}
