import { assert } from "../assert.ts";
import { type Claim, isMoneyClaim, type MoneyClaim } from "./claim.ts";
import { addedUp, amountsOf, heldAmountsOf, type Posting } from "./ledger.ts";
import type { SettlementFigures, SettlementState } from "./settlement.ts";
import { byTime, type StandingClaims, seatsOf, weighClaims } from "./weigh-claims.ts";

export interface FoldedClaims {
  readonly figures: SettlementFigures;
  /** What is to stand on the accounts. */
  readonly target: readonly Posting[];
}

/**
 * What a set of claims comes to: a function of the set, so the order in which they arrived cannot matter
 * (S1 of shared/SPEC.md). Linear in their number.
 */
export function foldClaims(
  claims: Iterable<Claim>,
  isOverflowed: boolean,
  toleranceNanosOf: (currency: string) => bigint,
): FoldedClaims {
  const all = [...claims];
  const standing = weighClaims(all, isOverflowed);
  const lead = leadOf(all, standing);
  const currency = isMoneyClaim(lead) ? lead.currency : "";
  const sums = sumsOf(standing, currency);
  const toleranceNanos = toleranceNanosOf(currency);
  const state = stateOf(standing, sums, toleranceNanos);
  const seat = seatOf(standing, lead);
  const figures = {
    state,
    disputeReasons: standing.disputeReasons,
    auctionId: lead.auctionId,
    region: lead.region,
    seat,
    currency,
    wonNanos: sums.wonNanos ?? 0n,
    billedNanos: sums.billedNanos ?? 0n,
    paidNanos: sums.paidNanos,
    owedNanos: state === "void" ? 0n : (sums.owedNanos ?? 0n),
    toleranceNanos,
    firstEventTimeUs: Math.min(...noticesOf(all).map(({ eventTimeUs }) => eventTimeUs)),
    settledTimeUs: state === "settled" ? latestOf(standing) : 0,
  };
  if (state === "disputed") return { figures, target: [] };
  if (standing.isWrittenOff) return { figures, target: heldPayments(standing) };
  const amounts = amountsOf(figures.owedNanos, sums.paidNanos);
  return { figures, target: addedUp([{ seat, currency, amounts }]) };
}

interface Sums {
  readonly wonNanos: bigint | undefined;
  readonly billedNanos: bigint | undefined;
  readonly owedNanos: bigint | undefined;
  readonly paidNanos: bigint;
}

function stateOf(standing: StandingClaims, sums: Sums, toleranceNanos: bigint): SettlementState {
  if (standing.disputeReasons.length > 0) return "disputed";
  if (standing.isWrittenOff || isReleased(standing, sums)) return "void";
  if (sums.owedNanos === undefined) return standing.wins.length > 0 ? "reserved" : "awaitingWin";
  const missingNanos = sums.owedNanos - sums.paidNanos;
  if (standing.payments.size === 0 && missingNanos > 0n) return "awaitingPayment";
  if (missingNanos > toleranceNanos) return "underpaid";
  return -missingNanos > toleranceNanos ? "overpaid" : "settled";
}

/** A loss or void ends any bid; an expiry ends a reservation only. */
function isReleased({ releases, wins }: StandingClaims, { owedNanos }: Sums): boolean {
  if (releases.some(({ type }) => type !== "expiry")) return true;
  return releases.length > 0 && wins.length > 0 && owedNanos === undefined;
}

function sumsOf(standing: StandingClaims, currency: string): Sums {
  const { wins, billings, payments } = standing;
  const wonNanos = largest(wins, currency);
  const billedNanos = largest(billings, currency);
  let paidNanos = 0n;
  for (const variants of payments.values()) paidNanos += largest(variants, currency) ?? 0n;
  return { wonNanos, billedNanos, paidNanos, owedNanos: owed({ wins, billings }, currency) };
}

/** The win's price where its source owes at the win, else the billing notice's. */
function owed(
  { wins, billings }: Pick<StandingClaims, "wins" | "billings">,
  currency: string,
): bigint | undefined {
  if (wins.some(({ owes }) => owes)) return largest(wins, currency);
  const isBillable = wins.length > 0 || billings.some(({ owes }) => owes);
  return isBillable ? largest(billings, currency) : undefined;
}

function largest(claims: readonly MoneyClaim[], currency: string): bigint | undefined {
  let most: bigint | undefined;
  for (const { currency: own, amountNanos } of claims) {
    if (own === currency && (most === undefined || amountNanos > most)) most = amountNanos;
  }
  return most;
}

/** What was said about the bid itself; where nothing was, what people and other bids said. */
function noticesOf(all: readonly Claim[]): readonly Claim[] {
  const notices = all.filter(({ type }) => type !== "challenge" && type !== "resolution");
  return notices.length > 0 ? notices : all;
}

/** The claim that names the bid's currency, auction and region: the earliest win, else billing, and so on. */
function leadOf(all: readonly Claim[], standing: StandingClaims): Claim {
  const groups = [standing.wins, standing.billings, standing.money];
  const candidates = [...groups, noticesOf(all)].find((group) => group.length > 0) ?? [];
  const lead = candidates.reduce<Claim | undefined>(
    (first, claim) => (first !== undefined && byTime(first, claim) < 0 ? first : claim),
    undefined,
  );
  assert(lead !== undefined, "a settlement has a claim");
  return lead;
}

/** Undisputed claims name one seat at most; some may name none. */
function seatOf(standing: StandingClaims, lead: Claim): string {
  const [seat, ...others] = seatsOf(standing.money);
  if (seat !== undefined && others.length === 0) return seat;
  return isMoneyClaim(lead) ? lead.seat : "";
}

function latestOf({ money }: StandingClaims): number {
  return Math.max(...money.map(({ eventTimeUs }) => eventTimeUs));
}

/** What came in for a bid that was written off, each payment on its own seat and currency. */
function heldPayments({ payments }: StandingClaims): Posting[] {
  const held = [...payments.values()].flatMap((variants) => {
    const [payment] = variants.toSorted((a, b) => (a.seat < b.seat ? 1 : -1));
    if (payment === undefined) return [];
    const { seat, currency, amountNanos } = payment;
    return [{ seat, currency, amounts: heldAmountsOf(amountNanos) }];
  });
  return addedUp(held);
}
