import { foldClaims } from "./fold-claims.ts";
import { addedUp, type LedgerEntry, linesOf, type Posting, sumOf } from "./ledger.ts";
import type { Settlement, SettlementFigures } from "./settlement.ts";
import { weighClaims } from "./weigh-claims.ts";

/** One broken invariant of the ledger, for people and machines. */
export interface AuditFinding {
  readonly invariant:
    | "entryBalanced"
    | "entryIdsUnique"
    | "entryCaused"
    | "postedEqualsEntries"
    | "settlementEqualsClaims"
    | "claimOfItsBid"
    | "balancesEqualEntries"
    | "paymentOnOneBid";
  /** The entry, bid, account or payment at fault. */
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
}

/** Audits one bid: its settlement with its claims against all of its entries. */
export function auditBid(settlement: Settlement, entries: readonly LedgerEntry[]): AuditFinding[] {
  return [
    ...auditEntries(settlement, entries),
    ...auditPosted(settlement, entries),
    ...auditFold(settlement),
    ...auditClaims(settlement),
  ];
}

/**
 * Audits the account balances: by seat, currency and account they are the sum of all entries. Balances of
 * several shards may be given as they are.
 */
export function auditBalances(
  entries: Iterable<Posting>,
  balances: Iterable<Posting>,
): AuditFinding[] {
  return differencesOf("balancesEqualEntries", "", addedUp(entries), addedUp(balances));
}

/** A row of the index of payments by id. */
export interface RecordedPayment {
  readonly paymentId: string;
  readonly bidId: string;
  /** Whether the payment counts on that bid: neither disputed nor rejected. */
  readonly isCounted: boolean;
}

/** Audits payments in order of their ids: none counts on two bids. Holds one payment at a time. */
export function* auditPayments(payments: Iterable<RecordedPayment>): Generator<AuditFinding> {
  let counted: RecordedPayment | undefined;
  for (const payment of payments) {
    if (!payment.isCounted) continue;
    if (counted?.paymentId === payment.paymentId && counted.bidId !== payment.bidId) {
      const bids = `${counted.bidId} and ${payment.bidId}`;
      yield finding("paymentOnOneBid", payment.paymentId, ["one bid", bids]);
    }
    counted = payment;
  }
}

/** Whether a payment counts on its settlement. */
export function isPaymentCounted(settlement: Settlement, paymentId: string): boolean {
  const { claims, isOverflowed } = settlement;
  const { payments, disputeReasons } = weighClaims(claims.values(), isOverflowed);
  return disputeReasons.length === 0 && payments.has(`payment:${paymentId}`);
}

function auditEntries(settlement: Settlement, entries: readonly LedgerEntry[]): AuditFinding[] {
  const causes = new Set([...settlement.claims.values()].map(({ identity }) => identity));
  const seen = new Set<string>();
  const found: AuditFinding[] = [];
  for (const entry of entries) {
    const id = `${entry.bidId}/${entry.version}/${entry.part}`;
    const sum = sumOf(entry.amounts);
    if (sum !== 0n) found.push(finding("entryBalanced", id, ["0", String(sum)]));
    if (seen.has(id)) found.push(finding("entryIdsUnique", id, ["one entry", "several"]));
    seen.add(id);
    const isCaused = causes.has(entry.cause) || settlement.isOverflowed;
    if (!isCaused || entry.bidId !== settlement.bidId || entry.version > settlement.version) {
      const known = `a claim of ${settlement.bidId} up to version ${settlement.version}`;
      found.push(finding("entryCaused", id, [known, entry.cause]));
    }
  }
  return found;
}

function auditPosted(settlement: Settlement, entries: readonly LedgerEntry[]): AuditFinding[] {
  const { bidId, posted } = settlement;
  return differencesOf("postedEqualsEntries", `${bidId} `, addedUp(entries), addedUp(posted));
}

function auditFold(settlement: Settlement): AuditFinding[] {
  const { bidId, claims, isOverflowed, toleranceNanos } = settlement;
  const { figures, target } = foldClaims(claims.values(), isOverflowed, () => toleranceNanos);
  const expected = textOf(figures);
  const actual = textOf(settlement);
  const invariant = "settlementEqualsClaims";
  return [
    ...(expected === actual ? [] : [finding(invariant, bidId, [expected, actual])]),
    ...differencesOf(invariant, `${bidId} `, target, settlement.posted),
  ];
}

function auditClaims({ bidId, claims }: Settlement): AuditFinding[] {
  const ofOneBid = [...claims.values()].filter(({ type }) => ONCE_A_BID.has(type));
  return ofOneBid.flatMap(({ type, identity }) => {
    const expected = `${type}:${bidId}`;
    return identity === expected ? [] : [finding("claimOfItsBid", bidId, [expected, identity])];
  });
}

/** Types whose identity is the bid's. */
const ONCE_A_BID: ReadonlySet<string> = new Set(["win", "billing", "loss", "void", "expiry"]);

function differencesOf(
  invariant: AuditFinding["invariant"],
  prefix: string,
  expected: readonly Posting[],
  actual: readonly Posting[],
): AuditFinding[] {
  const wanted = linesByAccount(expected);
  const given = linesByAccount(actual);
  return [...new Set([...wanted.keys(), ...given.keys()])].flatMap((account) => {
    const values = [String(wanted.get(account) ?? 0n), String(given.get(account) ?? 0n)] as const;
    return values[0] === values[1] ? [] : [finding(invariant, `${prefix}${account}`, values)];
  });
}

function linesByAccount(postings: readonly Posting[]): Map<string, bigint> {
  const place = { bidId: "", version: 0, part: 0, cause: "", period: "" };
  return new Map(
    postings.flatMap((posting) =>
      linesOf({ ...posting, ...place }).map(
        ({ account, nanos }) => [`${posting.seat} ${posting.currency} ${account}`, nanos] as const,
      ),
    ),
  );
}

function textOf(figures: SettlementFigures): string {
  const { state, auctionId, region, seat, currency, firstEventTimeUs, settledTimeUs } = figures;
  const { wonNanos, billedNanos, paidNanos, owedNanos, disputeReasons } = figures;
  const money = `won ${wonNanos}, billed ${billedNanos}, paid ${paidNanos}, owed ${owedNanos}`;
  const place = JSON.stringify([auctionId, region, seat, currency]);
  const times = `first ${firstEventTimeUs}, settled ${settledTimeUs}`;
  return `${state} (${disputeReasons.join(", ")}) ${money} ${place} ${times}`;
}

function finding(
  invariant: AuditFinding["invariant"],
  subject: string,
  [expected, actual]: readonly [string, string],
): AuditFinding {
  return { invariant, subject, expected, actual };
}
