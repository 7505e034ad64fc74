import { assert } from "../assert.ts";
import type { Region } from "../auction/event.ts";
import { formatNanos, NANOS_PER_UNIT } from "../money.ts";
import { microsOf, rfc3339Of } from "./calendar.ts";
import {
  type ChallengeClaim,
  type Claim,
  isMoneyClaim,
  type MoneyClaim,
  type ReleaseClaim,
  type ResolutionClaim,
} from "./claim.ts";
import { ACCOUNTS, type Account, type Amounts, type LedgerEntry, type Posting } from "./ledger.ts";
import type { Settlement, SettlementState } from "./settlement.ts";
import type { DisputeReason } from "./weigh-claims.ts";

/**
 * A row of `Settlements`, without its commit timestamp. Amounts are decimals of currency units, times RFC
 * 3339, as NUMERIC and TIMESTAMP are on the wire.
 */
export interface SettlementRow {
  readonly bid_id: string;
  readonly version: number;
  readonly state: SettlementState;
  readonly dispute_reasons: readonly DisputeReason[];
  readonly is_overflowed: boolean;
  readonly auction_id: string;
  readonly region: Region;
  readonly seat: string;
  readonly currency: string;
  readonly won: string;
  readonly billed: string;
  readonly paid: string;
  readonly owed: string;
  readonly tolerance: string;
  readonly first_event_time: string;
  readonly settled_time: string | null;
  /** `first_event_time` while it is reserved. */
  readonly reserved_since: string | null;
  /** JSON: `[[seat, currency, receivable, cash, revenue, overpayment, dispute], …]`, decimals as texts. */
  readonly posted: string;
}

/** A row of `SettlementEvents`, without its publish and commit timestamps. */
export interface ClaimRow {
  readonly bid_id: string;
  readonly claim_key: string;
  readonly identity: string;
  readonly type: Claim["type"];
  /** The settlement's version that recorded it. */
  readonly version: number;
  readonly auction_id: string;
  readonly region: Region;
  readonly seat: string;
  readonly source: string;
  readonly event_time: string;
  /** Null where the type has none. */
  readonly amount: string | null;
  readonly currency: string | null;
  readonly owes: boolean | null;
  readonly payment_id: string | null;
  /** JSON of a challenge's evidence or of a resolution. */
  readonly review: string | null;
}

/** A row of `LedgerEntries`, without its commit timestamp: one balanced entry, a column an account. */
export interface EntryRow extends Readonly<Record<Account, string>> {
  readonly bid_id: string;
  readonly version: number;
  readonly part: number;
  readonly seat: string;
  readonly currency: string;
  readonly cause: string;
  readonly period: string;
}

export function settlementRowOf(settlement: Settlement): SettlementRow {
  return {
    bid_id: settlement.bidId,
    version: settlement.version,
    state: settlement.state,
    dispute_reasons: settlement.disputeReasons,
    is_overflowed: settlement.isOverflowed,
    auction_id: settlement.auctionId,
    region: settlement.region,
    seat: settlement.seat,
    currency: settlement.currency,
    won: formatNanos(settlement.wonNanos),
    billed: formatNanos(settlement.billedNanos),
    paid: formatNanos(settlement.paidNanos),
    owed: formatNanos(settlement.owedNanos),
    tolerance: formatNanos(settlement.toleranceNanos),
    first_event_time: rfc3339Of(settlement.firstEventTimeUs),
    settled_time: settlement.state === "settled" ? rfc3339Of(settlement.settledTimeUs) : null,
    reserved_since: settlement.state === "reserved" ? rfc3339Of(settlement.firstEventTimeUs) : null,
    posted: JSON.stringify(settlement.posted.map(postedTextsOf)),
  };
}

/** The settlement of a row and its claims, read in one transaction. */
export function settlementOf(row: SettlementRow, claims: readonly ClaimRow[]): Settlement {
  const posted: string[][] = JSON.parse(row.posted);
  return {
    bidId: row.bid_id,
    version: row.version,
    state: row.state,
    disputeReasons: row.dispute_reasons,
    isOverflowed: row.is_overflowed,
    auctionId: row.auction_id,
    region: row.region,
    seat: row.seat,
    currency: row.currency,
    wonNanos: signedNanosOf(row.won),
    billedNanos: signedNanosOf(row.billed),
    paidNanos: signedNanosOf(row.paid),
    owedNanos: signedNanosOf(row.owed),
    toleranceNanos: signedNanosOf(row.tolerance),
    firstEventTimeUs: microsOf(row.first_event_time),
    settledTimeUs: row.settled_time === null ? 0 : microsOf(row.settled_time),
    posted: posted.map(postingOfTexts),
    claims: new Map(claims.map((claim) => [claim.claim_key, claimOfRow(claim)])),
  };
}

/** `version` is that of the settlement which recorded the claim. */
export function claimRowOf(bidId: string, version: number, claim: Claim): ClaimRow {
  const { key, identity, type, auctionId, region, seat, source } = claim;
  const money = isMoneyClaim(claim) ? claim : undefined;
  return {
    bid_id: bidId,
    claim_key: key,
    identity,
    type,
    version,
    auction_id: auctionId,
    region,
    seat,
    source,
    event_time: rfc3339Of(claim.eventTimeUs),
    amount: money === undefined ? null : formatNanos(money.amountNanos),
    currency: money?.currency ?? null,
    owes: money?.owes ?? null,
    payment_id: claim.type === "payment" ? claim.paymentId : null,
    review: reviewTextOf(claim),
  };
}

export function claimOfRow(row: ClaimRow): Claim {
  const fields = {
    key: row.claim_key,
    identity: row.identity,
    auctionId: row.auction_id,
    region: row.region,
    seat: row.seat,
    source: row.source,
    eventTimeUs: microsOf(row.event_time),
  };
  const { type, review } = row;
  switch (type) {
    case "win":
    case "billing":
    case "payment":
      return { ...fields, type, ...moneyOf(row) };
    case "loss":
    case "void":
    case "expiry":
      return { ...fields, type } satisfies ReleaseClaim;
    case "challenge":
      return { ...fields, type, ...reviewOf<ChallengeReview>(review) };
    case "resolution":
      return { ...fields, type, ...reviewOf<ResolutionReview>(review) };
  }
}

export function entryRowOf(entry: LedgerEntry): EntryRow {
  const { bidId, version, part, seat, currency, cause, period, amounts } = entry;
  return {
    bid_id: bidId,
    version,
    part,
    seat,
    currency,
    cause,
    period,
    ...decimalsOf(amounts),
  };
}

export function entryOfRow(row: EntryRow): LedgerEntry {
  const { bid_id: bidId, version, part, seat, currency, cause, period } = row;
  return { bidId, version, part, seat, currency, cause, period, amounts: amountsOfDecimals(row) };
}

/** Each account's amount as a signed decimal, as the columns of entries and balances hold it. */
export function decimalsOf(amounts: Amounts): Record<Account, string> {
  const { receivable, cash, revenue, overpayment, dispute } = amounts;
  return {
    receivable: formatNanos(receivable),
    cash: formatNanos(cash),
    revenue: formatNanos(revenue),
    overpayment: formatNanos(overpayment),
    dispute: formatNanos(dispute),
  };
}

/** The inverse of {@link decimalsOf}. */
export function amountsOfDecimals(row: Readonly<Record<Account, string>>): Amounts {
  return {
    receivable: signedNanosOf(row.receivable),
    cash: signedNanosOf(row.cash),
    revenue: signedNanosOf(row.revenue),
    overpayment: signedNanosOf(row.overpayment),
    dispute: signedNanosOf(row.dispute),
  };
}

type ChallengeReview = Pick<ChallengeClaim, "evidence">;
type ResolutionReview = Pick<ResolutionClaim, "choice" | "by" | "reason" | "accepted" | "rejected">;

function reviewTextOf(claim: Claim): string | null {
  if (claim.type === "challenge") return JSON.stringify({ evidence: claim.evidence });
  if (claim.type !== "resolution") return null;
  const { choice, by, reason, accepted, rejected } = claim;
  return JSON.stringify({ choice, by, reason, accepted, rejected });
}

/** Our own column, written by {@link reviewTextOf} alone: its shape is known by the row's type. */
function reviewOf<Review>(text: string | null): Review {
  assert(text !== null, "a challenge or resolution has its review");
  return JSON.parse(text);
}

function moneyOf(
  row: ClaimRow,
): Pick<MoneyClaim, "amountNanos" | "currency" | "owes" | "paymentId"> {
  const { amount, currency, owes, payment_id } = row;
  assert(amount !== null && currency !== null && owes !== null, "a money claim has its amount");
  return { amountNanos: signedNanosOf(amount), currency, owes, paymentId: payment_id ?? "" };
}

function postedTextsOf({ seat, currency, amounts }: Posting): string[] {
  const decimals = decimalsOf(amounts);
  return [seat, currency, ...ACCOUNTS.map((account) => decimals[account])];
}

function postingOfTexts(texts: readonly string[]): Posting {
  const [seat = "", currency = "", receivable, cash, revenue, overpayment, dispute] = texts;
  assert(
    receivable !== undefined &&
      cash !== undefined &&
      revenue !== undefined &&
      overpayment !== undefined &&
      dispute !== undefined,
    "a posting has an amount for each account",
  );
  const amounts = amountsOfDecimals({ receivable, cash, revenue, overpayment, dispute });
  return { seat, currency, amounts };
}

const SIGNED_DECIMAL = /^(-?)(\d+)(?:\.(\d{1,9}))?$/;

/** Reads a decimal of our own columns, of any sign and size: sums exceed what one event may carry. */
export function signedNanosOf(decimal: string): bigint {
  const match = SIGNED_DECIMAL.exec(decimal);
  assert(match !== null, `${decimal} is a decimal of nine places at most`);
  const [, sign, whole = "", fraction = ""] = match;
  const magnitude = BigInt(whole) * NANOS_PER_UNIT + BigInt(fraction.padEnd(9, "0"));
  return sign === "-" ? -magnitude : magnitude;
}
