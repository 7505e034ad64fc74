import {
  type Claim,
  isMoneyClaim,
  type MoneyClaim,
  type ReleaseClaim,
  type ResolutionClaim,
} from "./claim.ts";

/** Why a bid is disputed; stable codes that are shown, counted and tested by. */
export type DisputeReason =
  /** One identity with two amounts. */
  | "conflictingNotice"
  /** Its notices name more than one currency, or more than one seat. */
  | "mixedCurrency"
  | "mixedSeat"
  /** A challenge stands. */
  | "challenged"
  /** A win or billing notice came that the write-off did not know. */
  | "afterWriteOff"
  /** Notices beyond the bound were left out. */
  | "tooManyClaims";

/** The claims of a bid that stand once every resolution is heard. */
export interface StandingClaims {
  /** Wins, billings and payments together. */
  readonly money: readonly MoneyClaim[];
  readonly wins: readonly MoneyClaim[];
  readonly billings: readonly MoneyClaim[];
  /** By identity; one that is in conflict has several amounts. */
  readonly payments: ReadonlyMap<string, readonly MoneyClaim[]>;
  readonly releases: readonly ReleaseClaim[];
  readonly isWrittenOff: boolean;
  readonly disputeReasons: readonly DisputeReason[];
}

type Verdict = "accepted" | "rejected";
type Verdicts = ReadonlyMap<string, Verdict>;

/** Hears the resolutions, leaves out what they reject, and finds what is in conflict among the rest. */
export function weighClaims(claims: Iterable<Claim>, isOverflowed: boolean): StandingClaims {
  const all = [...claims];
  const resolutions = all.filter((claim) => claim.type === "resolution").sort(byTime);
  const verdicts = verdictsOf(resolutions);
  const isWrittenOff = resolutions.at(-1)?.choice === "writeOff";
  const standing = all.filter((claim) => verdicts.get(claim.key) !== "rejected");
  const money = standing.filter(isMoneyClaim);
  const wins = money.filter(({ type }) => type === "win");
  const billings = money.filter(({ type }) => type === "billing");
  const payments = byIdentity(money.filter(({ type }) => type === "payment"));
  const rejected = identitiesOf(all.filter((claim) => verdicts.get(claim.key) === "rejected"));
  const isConflicting = [wins, billings, ...payments.values()].some(
    (variants) => amountsIn(variants) > 1 || isReopened(variants, rejected, verdicts),
  );
  const found: Readonly<Record<DisputeReason, boolean>> = {
    conflictingNotice: isConflicting,
    mixedCurrency: !isWrittenOff && new Set(money.map(({ currency }) => currency)).size > 1,
    mixedSeat: !isWrittenOff && seatsOf(money).size > 1,
    challenged: standing.some(({ type }) => type === "challenge"),
    afterWriteOff: isWrittenOff && wins.length + billings.length > 0,
    tooManyClaims: isOverflowed && !isWrittenOff,
  };
  return {
    money,
    wins,
    billings,
    payments,
    releases: standing.filter(isRelease),
    isWrittenOff,
    disputeReasons: DISPUTE_REASONS.filter((reason) => found[reason]),
  };
}

/** The seats that claims name; "" names none. */
export function seatsOf(claims: readonly MoneyClaim[]): Set<string> {
  return new Set(claims.map(({ seat }) => seat).filter((seat) => seat !== ""));
}

export const DISPUTE_REASONS: readonly DisputeReason[] = [
  "conflictingNotice",
  "mixedCurrency",
  "mixedSeat",
  "challenged",
  "afterWriteOff",
  "tooManyClaims",
];

/** Orders claims by event time, those of one time by key: the same order whenever they arrived. */
export function byTime(a: Claim, b: Claim): number {
  if (a.eventTimeUs !== b.eventTimeUs) return a.eventTimeUs - b.eventTimeUs;
  return a.key < b.key ? -1 : 1;
}

/** What the resolutions say of each claim they name; a later one overrules. */
function verdictsOf(resolutions: readonly ResolutionClaim[]): Verdicts {
  const verdicts = new Map<string, Verdict>();
  for (const { accepted, rejected } of resolutions) {
    for (const key of accepted) verdicts.set(key, "accepted");
    for (const key of rejected) verdicts.set(key, "rejected");
  }
  return verdicts;
}

function byIdentity(claims: readonly MoneyClaim[]): Map<string, MoneyClaim[]> {
  const groups = new Map<string, MoneyClaim[]>();
  for (const claim of claims) {
    const group = groups.get(claim.identity);
    if (group === undefined) groups.set(claim.identity, [claim]);
    else group.push(claim);
  }
  return groups;
}

function identitiesOf(claims: readonly Claim[]): Set<string> {
  return new Set(claims.map(({ identity }) => identity));
}

/** How many amounts the claims of one identity name. */
function amountsIn(variants: readonly MoneyClaim[]): number {
  if (variants.length < 2) return variants.length;
  return new Set(variants.map(({ currency, amountNanos }) => `${currency}${amountNanos}`)).size;
}

/** Whether a claim came that no resolution named, under an identity that one has rejected a claim of. */
function isReopened(
  variants: readonly MoneyClaim[],
  rejected: ReadonlySet<string>,
  verdicts: Verdicts,
): boolean {
  return variants.some(({ identity, key }) => rejected.has(identity) && !verdicts.has(key));
}

function isRelease(claim: Claim): claim is ReleaseClaim {
  return claim.type === "loss" || claim.type === "void" || claim.type === "expiry";
}
