import type { BidEvent } from "../auction/event.ts";
import { formatNanos } from "../money.ts";
import { type Claim, claimOf, type MoneyClaim } from "./claim.ts";
import { warehouseFindings } from "./reconcile-copies.ts";
import {
  ALWAYS,
  type ArchivedNotice,
  type BidInThreePlaces,
  type Difference,
  type Finding,
} from "./reconciliation.ts";
import type { Settlement } from "./settlement.ts";
import { type ChallengeEvent, noticeOf } from "./settlement-event.ts";
import { weighClaims } from "./weigh-claims.ts";

/** What comparing a bid came to. */
export interface BidReconciliation {
  readonly differences: readonly Difference[];
  /** Notices and rows that one place has and another does not have yet, too fresh to be judged. */
  readonly pending: number;
}

/**
 * Compares the three places. What was published or committed after `untilUs` may be on its way to the
 * others: where it is missing there it is pending, not a difference. What the archive or BigQuery holds
 * and the ledger, which was read last, does not know is a difference however fresh the bid is.
 */
export function reconcileBid(bid: BidInThreePlaces, untilUs: number): BidReconciliation {
  const found = [...archiveFindings(bid), ...bidFindings(bid), ...warehouseFindings(bid)];
  return {
    differences: found.flatMap(({ sinceUs, differences }) =>
      sinceUs <= untilUs ? differences : [],
    ),
    pending: found.filter(({ sinceUs }) => sinceUs > untilUs).length,
  };
}

/** What raises a dispute of a win that the archive does not bear out; undefined for other differences. */
export function challengeOf(
  { kind, found, expected }: Difference,
  { bidId, auctionId, region, seat }: Settlement,
  nowUs: number,
): ChallengeEvent | undefined {
  if (kind !== "winWithoutBid" && kind !== "winAboveBid") return undefined;
  const evidence = kind === "winAboveBid" ? `${expected}, won at ${found}` : found;
  const about = { bidId, auctionId, region, seat, eventTimeUs: nowUs };
  return { ...about, type: "challenge", reason: kind, subject: "", evidence };
}

/** Keys do not depend on how a source owes or on what is closed. */
const anyConfig = {
  billOnBilling: new Set(""),
  toleranceNanos: new Map(),
  closedThrough: new Map(),
};

function archiveFindings({ bidId, archived, ledger }: BidInThreePlaces): Finding[] {
  const wanted = firstPublished(archived);
  const claims = noticesOf(ledger?.settlement);
  const isLimited = ledger?.settlement.isOverflowed === true;
  const missing = [...wanted].filter(([key]) => !isLimited && !claims.has(key));
  const unheard = [...claims.keys()].filter((key) => !wanted.has(key));
  return [
    ...missing.map(([subject, sinceUs]): Finding => {
      const said = { expected: "a claim", found: "none" };
      return { sinceUs, differences: [{ kind: "missingInLedger", bidId, subject, ...said }] };
    }),
    ...unheard.map((subject): Finding => {
      const sinceUs = ledger?.publishedUs.get(subject) ?? ALWAYS;
      const said = { expected: "its event", found: "none" };
      return { sinceUs, differences: [{ kind: "missingInArchive", bidId, subject, ...said }] };
    }),
  ];
}

/** The claims that the archive's notices make, by key, with the time at which the first was published. */
function firstPublished(archived: readonly ArchivedNotice[]): Map<string, number> {
  const published = new Map<string, number>();
  for (const { event, publishTimeUs } of archived) {
    const notice = noticeOf(event);
    if (notice === undefined) continue;
    const { key } = claimOf(notice, anyConfig);
    published.set(key, Math.min(publishTimeUs, published.get(key) ?? publishTimeUs));
  }
  return published;
}

function noticesOf(settlement: Settlement | undefined): Map<string, Claim> {
  const own = [...(settlement?.claims ?? [])].filter(
    ([, { type }]) => type !== "challenge" && type !== "resolution" && type !== "expiry",
  );
  return new Map(own);
}

/** Wins are held against the bids of the archive; one that was challenged for it is with a person. */
function bidFindings({ bidId, archived, ledger }: BidInThreePlaces): Finding[] {
  if (ledger === undefined) return [];
  const { claims, isOverflowed } = ledger.settlement;
  const known = [`challenge:winWithoutBid:`, `challenge:winAboveBid:`];
  if (known.some((challenge) => claims.has(challenge))) return [];
  const { wins } = weighClaims(claims.values(), isOverflowed);
  const bids = archived.map(({ event }) => event).filter((event) => event.type === "bid");
  return wins.flatMap((claim): Finding[] => {
    const sinceUs = ledger.publishedUs.get(claim.key) ?? ALWAYS;
    const difference = winDifference(bidId, claim, bids);
    return difference === undefined ? [] : [{ sinceUs, differences: [difference] }];
  });
}

function winDifference(
  bidId: string,
  { key, amountNanos, currency }: MoneyClaim,
  bids: readonly BidEvent[],
): Difference | undefined {
  const win = `${formatNanos(amountNanos)} ${currency}`;
  const own = bids.filter((bid) => bid.currency === currency);
  if (own.length === 0) {
    const said = { expected: `a bid in ${currency}`, found: `a win of ${win} alone` };
    return { kind: "winWithoutBid", bidId, subject: key, ...said };
  }
  const highest = own.reduce((most, { priceNanos }) => (priceNanos > most ? priceNanos : most), 0n);
  if (amountNanos <= highest) return undefined;
  const said = { expected: `bid ${formatNanos(highest)} ${currency}`, found: win };
  return { kind: "winAboveBid", bidId, subject: key, ...said };
}
