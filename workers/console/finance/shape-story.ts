import { formatNanos } from "../../../shared/core/money.ts";
import { type Claim, isMoneyClaim } from "../../../shared/core/settlement/claim.ts";
import type { Settlement } from "../../../shared/core/settlement/settlement.ts";
import type { BidStory } from "../../../shared/io/bid-story.ts";

/** One claim of a bid as the page shows it. Amounts are decimal text in currency units. */
export interface ClaimView {
  readonly key: string;
  readonly identity: string;
  readonly type: Claim["type"];
  readonly region: string;
  readonly seat: string;
  readonly source: string;
  readonly atMs: number;
  /** "" where the claim names none. */
  readonly amount: string;
  readonly currency: string;
  /** What stands behind a challenge or a resolution, "" for notices. */
  readonly evidence: string;
}

export interface StoryView {
  readonly bidId: string;
  readonly isKnown: boolean;
  /** Null where nothing about the bid's money was settled. */
  readonly settlement: Readonly<Record<string, unknown>> | null;
  readonly claims: readonly ClaimView[];
  readonly moments: readonly {
    readonly atMs: number;
    readonly kind: string;
    readonly region: string;
    readonly said: string;
    /** Null where the moment follows nothing. */
    readonly delayMs: number | null;
  }[];
}

/** A bid's story as the page shows it; of a bid that nobody heard of, that. */
export function shapeStory(bidId: string, story: BidStory | undefined): StoryView {
  const settlement = story?.settlement;
  return {
    bidId,
    isKnown: story !== undefined,
    settlement: settlement === undefined ? null : shapeSettlement(settlement),
    claims: [...(settlement?.claims.values() ?? [])]
      .toSorted((a, b) => a.eventTimeUs - b.eventTimeUs || (a.key < b.key ? -1 : 1))
      .map(shapeClaim),
    moments: (story?.moments ?? []).map(({ atUs, delayMs = null, ...moment }) => ({
      ...moment,
      atMs: atUs / 1000,
      delayMs,
    })),
  };
}

function shapeSettlement(settlement: Settlement) {
  const { state, disputeReasons, auctionId, seat, region, currency, version } = settlement;
  return {
    ...{ state, disputeReasons, auctionId, seat, region, currency, version },
    won: formatNanos(settlement.wonNanos),
    billed: formatNanos(settlement.billedNanos),
    owed: formatNanos(settlement.owedNanos),
    paid: formatNanos(settlement.paidNanos),
  };
}

function shapeClaim(claim: Claim): ClaimView {
  const { key, identity, type, region, seat, source, eventTimeUs } = claim;
  return {
    ...{ key, identity, type, region, seat, source, atMs: eventTimeUs / 1000 },
    amount: isMoneyClaim(claim) ? formatNanos(claim.amountNanos) : "",
    currency: isMoneyClaim(claim) ? claim.currency : "",
    evidence: evidenceOf(claim),
  };
}

function evidenceOf(claim: Claim): string {
  if (claim.type === "challenge") return claim.evidence;
  return claim.type === "resolution" ? `${claim.choice} by ${claim.by}: ${claim.reason}` : "";
}
