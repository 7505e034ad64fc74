import { assert } from "../assert.ts";
import { type Claim, claimOf, joinClaims } from "./claim.ts";
import { foldClaims } from "./fold-claims.ts";
import { difference, type LedgerEntry, type Posting, periodOf } from "./ledger.ts";
import { NOTICES_MAX, REVIEWS_MAX, type Settlement } from "./settlement.ts";
import type { SettlementConfig, SettlementEvent } from "./settlement-event.ts";

/**
 * What an event came to.
 *
 * - `recorded`: a claim that counts.
 * - `duplicate`: known already; nothing changes.
 * - `disputed`: recorded, and the bid is disputed with it.
 * - `overLimit`: one notice too many; left out, and the bid is disputed. The event is a dead letter.
 */
export type SettlementOutcome = "recorded" | "duplicate" | "disputed" | "overLimit";

export interface SettlementDecision {
  readonly settlement: Settlement;
  /** What to append to the ledger, each balanced; together the change of `settlement.posted`. */
  readonly entries: readonly LedgerEntry[];
  /** The claim to insert, or to replace where its key is known; undefined where none changed. */
  readonly claim: Claim | undefined;
  readonly outcome: SettlementOutcome;
}

/**
 * Decides what one event does to its bid's settlement. The claims are kept as a set, the state is their
 * fold, and what is posted is the difference between what is to stand on the accounts and what does: so a
 * repeat changes nothing, and the order of arrival does not show in the end (S1, S2 of shared/SPEC.md).
 */
export function decideSettlement(
  settlement: Settlement | undefined,
  event: SettlementEvent,
  config: SettlementConfig,
): SettlementDecision {
  const claim = claimOf(event, config);
  const known = settlement?.claims.get(claim.key);
  if (settlement !== undefined && known !== undefined) {
    const joined = joinClaims(known, claim);
    if (joined === known) return unchanged(settlement, "duplicate");
    return revised(settlement, { event, claim: joined, isOverflowed: false }, config);
  }
  const isRoom = settlement === undefined || hasRoomFor(claim, settlement);
  if (!isRoom && settlement.isOverflowed) return unchanged(settlement, "overLimit");
  return revised(settlement, { event, claim, isOverflowed: !isRoom }, config);
}

interface Revision {
  readonly event: SettlementEvent;
  readonly claim: Claim;
  /** Whether the claim is the one too many, which is not kept. */
  readonly isOverflowed: boolean;
}

function revised(
  before: Settlement | undefined,
  { event, claim, isOverflowed }: Revision,
  config: SettlementConfig,
): SettlementDecision {
  assert(before === undefined || before.bidId === event.bidId, "an event settles its own bid");
  const claims = new Map(before?.claims);
  if (!isOverflowed) claims.set(claim.key, claim);
  const overflowed = isOverflowed || before?.isOverflowed === true;
  const { figures, target } = foldClaims(
    claims.values(),
    overflowed,
    (currency) => config.toleranceNanos.get(currency) ?? 0n,
  );
  const { bidId } = event;
  const version = (before?.version ?? 0) + 1;
  const parts = difference(target, before?.posted ?? []);
  const entries = parts.map((part, index) => entryOf(part, index));
  const settlement = {
    ...figures,
    bidId,
    version,
    claims,
    isOverflowed: overflowed,
    posted: target,
  };
  if (isOverflowed) return { settlement, entries, claim: undefined, outcome: "overLimit" };
  const outcome = figures.state === "disputed" ? "disputed" : "recorded";
  return { settlement, entries, claim, outcome };

  function entryOf(posting: Posting, part: number): LedgerEntry {
    const period = periodOf(event.eventTimeUs, config.closedThrough.get(posting.currency));
    return { ...posting, bidId, version, part, cause: claim.identity, period };
  }
}

function unchanged(settlement: Settlement, outcome: SettlementOutcome): SettlementDecision {
  return { settlement, entries: [], claim: undefined, outcome };
}

/** Reviews have room of their own, so that a flood of notices cannot keep a person from resolving it. */
function hasRoomFor(claim: Claim, { claims }: Settlement): boolean {
  if (claims.size < NOTICES_MAX) return true;
  const isReview = (each: Claim): boolean =>
    each.type === "challenge" || each.type === "resolution";
  const reviews = [...claims.values()].filter(isReview).length;
  return isReview(claim) ? reviews < REVIEWS_MAX : claims.size - reviews < NOTICES_MAX;
}
