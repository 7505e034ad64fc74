import type { Region } from "../auction/event.ts";
import type { Claim } from "./claim.ts";
import type { Posting } from "./ledger.ts";
import type { DisputeReason } from "./weigh-claims.ts";

/**
 * Where a bid's money stands.
 *
 * - `awaitingWin`: money or a notice came, but not the notice that owes.
 * - `reserved`: won from a source that owes at the billing notice, which has not come. Nothing is owed,
 *   so it must not age as `awaitingPayment`; it may yet be, so it is not `void` either.
 * - `awaitingPayment`: owed, nothing paid.
 * - `underpaid`, `settled`, `overpaid`: paid less, as much (within the tolerance) or more than owed.
 * - `disputed`: its claims contradict each other; nothing is posted until a person resolves it.
 * - `void`: lost, voided, expired or written off. Nothing is owed.
 */
export const SETTLEMENT_STATES = [
  "awaitingWin",
  "reserved",
  "awaitingPayment",
  "underpaid",
  "settled",
  "overpaid",
  "disputed",
  "void",
] as const;
export type SettlementState = (typeof SETTLEMENT_STATES)[number];

/**
 * What a bid's claims come to. Amounts are nanos of `currency`; of a disputed bid they are the largest
 * that its standing claims name: what is at stake.
 */
export interface SettlementFigures {
  readonly state: SettlementState;
  readonly disputeReasons: readonly DisputeReason[];
  readonly auctionId: string;
  readonly region: Region;
  /** Who owes; "" while no claim with an amount names a seat. */
  readonly seat: string;
  /** "" while no claim names an amount. */
  readonly currency: string;
  readonly wonNanos: bigint;
  readonly billedNanos: bigint;
  readonly paidNanos: bigint;
  readonly owedNanos: bigint;
  /** The tolerance that `state` was judged by. */
  readonly toleranceNanos: bigint;
  /** Event time of its earliest notice. */
  readonly firstEventTimeUs: number;
  /** Event time of the latest of the notices that settled it; 0 where `state` is not `settled`. */
  readonly settledTimeUs: number;
}

/** All that is kept of one bid's money. */
export interface Settlement extends SettlementFigures {
  readonly bidId: string;
  /** 1 for the first claim, one more for each that changed anything. */
  readonly version: number;
  /** By key; at most {@link NOTICES_MAX} notices. The rest follows from them. */
  readonly claims: ReadonlyMap<string, Claim>;
  /** Whether notices were left out because the bid had too many. */
  readonly isOverflowed: boolean;
  /** What stands on the accounts: the sum of the bid's entries. */
  readonly posted: readonly Posting[];
}

/**
 * Notices kept of one bid. Real bids have three; a thousand part payments still settle exactly. One more
 * makes the bid disputed and its balances zero whichever thousand came first, so that the order of
 * arrival does not matter here either.
 */
export const NOTICES_MAX = 1000;

/** Challenges and resolutions kept of one bid, beside its notices. */
export const REVIEWS_MAX = 2000;
