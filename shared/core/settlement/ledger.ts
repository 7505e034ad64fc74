import { assert } from "../assert.ts";
import { nextMonthOf, utcMonthOf } from "./calendar.ts";

/**
 * The accounts that each seat has in each currency. Debits are above zero, credits below: what is owed
 * to us (receivable), what came in (cash), what we earned (revenue), what we owe back (overpayment), and
 * money of bids that a person wrote off (dispute).
 */
export const ACCOUNTS = ["receivable", "cash", "revenue", "overpayment", "dispute"] as const;
export type Account = (typeof ACCOUNTS)[number];

/** A signed amount of nanos in each account; they add up to zero. */
export type Amounts = Readonly<Record<Account, bigint>>;

/** What stands on one seat's accounts in one currency. */
export interface Posting {
  readonly seat: string;
  readonly currency: string;
  readonly amounts: Amounts;
}

/** One balanced entry: debits equal credits. Appended, never edited. */
export interface LedgerEntry extends Posting {
  readonly bidId: string;
  /** The settlement's version that appended it, and its place within that version, from 0. */
  readonly version: number;
  readonly part: number;
  /** Identity of the event that caused it. */
  readonly cause: string;
  /** The month it is posted in, `YYYY-MM`. */
  readonly period: string;
}

/** One account's line of an entry. */
export interface LedgerLine {
  /** `<bid_id>/<version>/<line>`: the same whenever the same decision is made again. */
  readonly entryId: string;
  readonly account: Account;
  readonly nanos: bigint;
}

/**
 * What is to stand on the accounts for a bid of which `owedNanos` are owed and `paidNanos` were paid.
 * Depends on nothing else: not on the order in which they came.
 */
export function amountsOf(owedNanos: bigint, paidNanos: bigint): Amounts {
  const openNanos = owedNanos - paidNanos;
  return {
    receivable: openNanos > 0n ? openNanos : 0n,
    cash: paidNanos,
    revenue: -owedNanos,
    overpayment: openNanos < 0n ? openNanos : 0n,
    dispute: 0n,
  };
}

/** What is to stand for money that came in for a bid that was written off. */
export function heldAmountsOf(paidNanos: bigint): Amounts {
  return { receivable: 0n, cash: paidNanos, revenue: 0n, overpayment: 0n, dispute: -paidNanos };
}

/** Postings of the same seat and currency as one; those that are zero throughout left out, sorted. */
export function addedUp(postings: Iterable<Posting>): Posting[] {
  const sums = new Map<string, Posting>();
  for (const { seat, currency, amounts } of postings) {
    const key = `${currency}|${seat}`;
    const sum = sums.get(key);
    const total = sum === undefined ? amounts : plus(sum.amounts, amounts);
    sums.set(key, { seat, currency, amounts: total });
  }
  const kept = [...sums].filter(([, { amounts }]) => ACCOUNTS.some((each) => amounts[each] !== 0n));
  return kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, posting]) => posting);
}

/** What has to be appended so that `posted` becomes `target`. Each part is balanced, as both sides are. */
export function difference(target: readonly Posting[], posted: readonly Posting[]): Posting[] {
  const parts = addedUp([...target, ...posted.map(negated)]);
  for (const part of parts)
    assert(sumOf(part.amounts) === 0n, "an entry's debits equal its credits");
  return parts;
}

/** Debits less credits: zero where they are equal. */
export function sumOf(amounts: Amounts): bigint {
  return ACCOUNTS.reduce((sum, account) => sum + amounts[account], 0n);
}

/** The lines of an entry, one for each account it moves. */
export function linesOf(entry: LedgerEntry): LedgerLine[] {
  const base = `${entry.bidId}/${entry.version}/`;
  return ACCOUNTS.flatMap((account, index) => {
    const nanos = entry.amounts[account];
    const line = entry.part * ACCOUNTS.length + index;
    return nanos === 0n ? [] : [{ entryId: `${base}${line}`, account, nanos }];
  });
}

/**
 * The month in which something of that event time is posted: its own, or the first one that is open
 * where its own is closed.
 */
export function periodOf(eventTimeUs: number, closedThrough: string | undefined): string {
  const month = utcMonthOf(eventTimeUs);
  return closedThrough === undefined || month > closedThrough ? month : nextMonthOf(closedThrough);
}

function negated(posting: Posting): Posting {
  const { receivable, cash, revenue, overpayment, dispute } = posting.amounts;
  const amounts = {
    receivable: -receivable,
    cash: -cash,
    revenue: -revenue,
    overpayment: -overpayment,
    dispute: -dispute,
  };
  return { ...posting, amounts };
}

function plus(a: Amounts, b: Amounts): Amounts {
  return {
    receivable: a.receivable + b.receivable,
    cash: a.cash + b.cash,
    revenue: a.revenue + b.revenue,
    overpayment: a.overpayment + b.overpayment,
    dispute: a.dispute + b.dispute,
  };
}
