import { type Claim, isMoneyClaim, type MoneyClaim } from "./claim.ts";
import { foldClaims } from "./fold-claims.ts";
import type { Settlement } from "./settlement.ts";
import type { ResolutionEvent } from "./settlement-event.ts";
import { type DisputeReason, seatsOf } from "./weigh-claims.ts";

/** What a person decides on a disputed bid. */
export interface ResolutionRequest {
  readonly resolutionId: string;
  readonly by: string;
  readonly reason: string;
  readonly eventTimeUs: number;
  readonly choice: ResolutionEvent["choice"];
  /** Keys of claims that stand: what contradicts them does not. Empty for a write-off. */
  readonly accept: readonly string[];
  /** Keys of claims that do not stand beside those, such as a payment that belongs to another bid. */
  readonly reject: readonly string[];
}

export type ProposedResolution =
  | { readonly kind: "resolution"; readonly event: ResolutionEvent }
  | { readonly kind: "notDisputed" }
  | { readonly kind: "unknownClaim"; readonly key: string }
  | { readonly kind: "stillDisputed"; readonly reasons: readonly DisputeReason[] };

/**
 * Turns a person's choice into the event that resolves the dispute, naming each claim it is about; or
 * says why it would not. A bid that was resolved before may be resolved again.
 */
export function proposeResolution(
  settlement: Settlement,
  request: ResolutionRequest,
): ProposedResolution {
  const claims = [...settlement.claims.values()];
  const wasResolved = claims.some(({ type }) => type === "resolution");
  if (settlement.state !== "disputed" && !wasResolved) return { kind: "notDisputed" };
  const unknown = [...request.accept, ...request.reject].find((key) => !settlement.claims.has(key));
  if (unknown !== undefined) return { kind: "unknownClaim", key: unknown };
  const rejected = new Set(request.reject);
  for (const claim of contradictedBy(request, claims)) rejected.add(claim.key);
  const { choice, by, reason, resolutionId, eventTimeUs } = request;
  const { bidId, auctionId, region, seat } = settlement;
  const event: ResolutionEvent = {
    type: "resolution",
    ...{ bidId, auctionId, region, seat, eventTimeUs, resolutionId, by, reason, choice },
    accepted: request.accept,
    rejected: [...rejected],
  };
  const reasons = reasonsAfter(event, settlement);
  return reasons.length > 0 ? { kind: "stillDisputed", reasons } : { kind: "resolution", event };
}

function contradictedBy(request: ResolutionRequest, claims: readonly Claim[]): Claim[] {
  const money = claims.filter(isMoneyClaim);
  const challenges = claims.filter(({ type }) => type === "challenge");
  if (request.choice === "writeOff") return [...challenges, ...writtenOff(money)];
  const accepted = money.filter(({ key }) => request.accept.includes(key));
  const others = money.filter(({ key }) => !request.accept.includes(key));
  return [...challenges, ...others.filter((claim) => contradicts(claim, accepted))];
}

/** All that could owe, and payments whose amount is not certain. */
function writtenOff(money: readonly MoneyClaim[]): MoneyClaim[] {
  const amounts = new Map<string, Set<string>>();
  for (const { identity, currency, amountNanos } of money) {
    const known = amounts.get(identity) ?? new Set();
    amounts.set(identity, known.add(`${currency}${amountNanos}`));
  }
  return money.filter(
    ({ type, identity }) => type !== "payment" || (amounts.get(identity)?.size ?? 0) > 1,
  );
}

/** Whether a claim cannot stand beside accepted ones: same identity, another currency or another seat. */
function contradicts(claim: MoneyClaim, accepted: readonly MoneyClaim[]): boolean {
  return accepted.some(
    ({ identity, currency, seat }) =>
      claim.identity === identity ||
      claim.currency !== currency ||
      seatsOf([claim, { ...claim, seat }]).size > 1,
  );
}

function reasonsAfter(event: ResolutionEvent, settlement: Settlement): readonly DisputeReason[] {
  const identity = `resolution:${event.resolutionId}`;
  const resolution: Claim = { ...event, key: identity, identity, source: "" };
  const claims = [...settlement.claims.values(), resolution];
  const { figures } = foldClaims(claims, settlement.isOverflowed, () => settlement.toleranceNanos);
  return figures.disputeReasons;
}
