import { utcDayOf } from "./calendar.ts";
import { ACCOUNTS, type Account, addedUp, type Posting, sumOf } from "./ledger.ts";
import type { Settlement } from "./settlement.ts";

/** What reports read of a settlement: all but its claims. */
export type ReportedSettlement = Omit<Settlement, "claims" | "posted">;

/** One day of one seat's bids in one region and currency. A bid belongs to the day of its first event. */
export interface DailyRow {
  readonly day: string;
  readonly seat: string;
  readonly region: string;
  readonly currency: string;
  readonly bids: number;
  /** Sums over bids that are neither void nor disputed; `paidNanos` also over void ones. */
  readonly wonNanos: bigint;
  readonly billedNanos: bigint;
  readonly owedNanos: bigint;
  readonly paidNanos: bigint;
  /** What is still to come in: owed and not paid, bid by bid, so that no overpayment hides it. */
  readonly outstandingNanos: bigint;
  /** What is at stake in disputed bids. */
  readonly disputedNanos: bigint;
  readonly disputedBids: number;
  /** Paid above (or below zero: below) what is owed, in millionths of it, rounded towards zero; undefined
   * where nothing is owed. */
  readonly discrepancyPpm: number | undefined;
  readonly isToleranceBreached: boolean;
}

/**
 * Won, billed and paid by day, seat, region and currency, sorted by them. A row whose discrepancy is more
 * than `tolerancePpm` millionths of what is owed either way, or that was paid without owing, is breached.
 */
export function dailyRowsOf(
  settlements: Iterable<ReportedSettlement>,
  tolerancePpm: number,
): DailyRow[] {
  const report = new DailyReport();
  for (const settlement of settlements) report.add(settlement);
  return report.rows(tolerancePpm);
}

/** {@link dailyRowsOf} one settlement at a time: keeps a row each day, seat, region and currency. */
export class DailyReport {
  readonly #sums = new Map<string, DailySums>();

  add(settlement: ReportedSettlement): void {
    const { seat, region, currency, firstEventTimeUs } = settlement;
    const day = utcDayOf(firstEventTimeUs);
    const key = JSON.stringify([day, seat, region, currency]);
    const sums = this.#sums.get(key) ?? { ...NOTHING, day, seat, region, currency };
    this.#sums.set(key, plusSettlement(sums, settlement));
  }

  rows(tolerancePpm: number): DailyRow[] {
    return sortedByKey(this.#sums).map((sums) => ({
      ...sums,
      ...discrepancyOf(sums, tolerancePpm),
    }));
  }

  /** All rows of each currency as one, without day, seat and region. */
  totals(tolerancePpm: number): DailyRow[] {
    const place = { day: "", seat: "", region: "" };
    const byCurrency = Map.groupBy(this.#sums.values(), ({ currency }) => currency);
    const sums = new Map(
      [...byCurrency].map(([currency, rows]) => [
        currency,
        rows.reduce(plusSums, { ...NOTHING, ...place, currency }),
      ]),
    );
    return sortedByKey(sums).map((sum) => ({ ...sum, ...discrepancyOf(sum, tolerancePpm) }));
  }
}

type DailySums = Omit<DailyRow, "discrepancyPpm" | "isToleranceBreached">;

function plusSums(a: DailySums, b: DailySums): DailySums {
  return {
    ...a,
    bids: a.bids + b.bids,
    wonNanos: a.wonNanos + b.wonNanos,
    billedNanos: a.billedNanos + b.billedNanos,
    owedNanos: a.owedNanos + b.owedNanos,
    paidNanos: a.paidNanos + b.paidNanos,
    outstandingNanos: a.outstandingNanos + b.outstandingNanos,
    disputedNanos: a.disputedNanos + b.disputedNanos,
    disputedBids: a.disputedBids + b.disputedBids,
  };
}

const NOTHING = {
  bids: 0,
  wonNanos: 0n,
  billedNanos: 0n,
  owedNanos: 0n,
  paidNanos: 0n,
  outstandingNanos: 0n,
  disputedNanos: 0n,
  disputedBids: 0,
};

function plusSettlement(sums: DailySums, settlement: ReportedSettlement): DailySums {
  const counted = { ...sums, bids: sums.bids + 1 };
  const { state, wonNanos, billedNanos, owedNanos, paidNanos } = settlement;
  if (state === "disputed") {
    const disputedNanos = sums.disputedNanos + atStakeNanosOf(settlement);
    return { ...counted, disputedNanos, disputedBids: sums.disputedBids + 1 };
  }
  const paid = { ...counted, paidNanos: sums.paidNanos + paidNanos };
  if (state === "void") return paid;
  return {
    ...paid,
    wonNanos: sums.wonNanos + wonNanos,
    billedNanos: sums.billedNanos + billedNanos,
    owedNanos: sums.owedNanos + owedNanos,
    outstandingNanos: sums.outstandingNanos + outstandingNanosOf(settlement),
  };
}

/** What a disputed bid may come to: the most that its claims would have owed, or that was paid. */
export function atStakeNanosOf({ owedNanos, paidNanos }: ReportedSettlement): bigint {
  return owedNanos > paidNanos ? owedNanos : paidNanos;
}

/** What is owed on a bid and not paid; zero while it is disputed or void. */
export function outstandingNanosOf(settlement: ReportedSettlement): bigint {
  const { state, owedNanos, paidNanos } = settlement;
  const openNanos = owedNanos - paidNanos;
  return state === "disputed" || state === "void" || openNanos < 0n ? 0n : openNanos;
}

function discrepancyOf({ owedNanos, paidNanos }: DailySums, tolerancePpm: number) {
  if (owedNanos === 0n) {
    return { discrepancyPpm: undefined, isToleranceBreached: paidNanos > 0n };
  }
  const missedNanos = paidNanos - owedNanos;
  const magnitude = missedNanos < 0n ? -missedNanos : missedNanos;
  return {
    discrepancyPpm: Number((missedNanos * 1_000_000n) / owedNanos),
    isToleranceBreached: magnitude * 1_000_000n > BigInt(tolerancePpm) * owedNanos,
  };
}

/** Upper ends of the aging buckets in whole days, the last one open. */
const AGING_DAYS = [7, 30, 60, 90] as const;
export const AGING_BUCKETS = ["0-7", "8-30", "31-60", "61-90", "91+"] as const;
export type AgingBucket = (typeof AGING_BUCKETS)[number];

const DAY_US = 86_400_000_000;

/** What one seat owes in one currency, by how many days ago the bids' first events were. */
export interface AgingRow {
  readonly seat: string;
  readonly currency: string;
  readonly bids: number;
  readonly outstandingNanos: bigint;
  readonly buckets: Readonly<Record<AgingBucket, bigint>>;
}

/** Aging of all that is outstanding, as of `asOfUs`, sorted by seat and currency. */
export function agingRowsOf(settlements: Iterable<ReportedSettlement>, asOfUs: number): AgingRow[] {
  const report = new AgingReport(asOfUs);
  for (const settlement of settlements) report.add(settlement);
  return report.rows();
}

/** {@link agingRowsOf} one settlement at a time: keeps a row each seat and currency. */
export class AgingReport {
  readonly #asOfUs: number;
  readonly #rows = new Map<string, AgingRow>();

  constructor(asOfUs: number) {
    this.#asOfUs = asOfUs;
  }

  add(settlement: ReportedSettlement): void {
    const open = outstandingNanosOf(settlement);
    if (open === 0n) return;
    const { seat, currency, firstEventTimeUs } = settlement;
    const key = JSON.stringify([seat, currency]);
    const row = this.#rows.get(key) ?? { seat, currency, ...UNAGED };
    const bucket = agingBucketOf(this.#asOfUs - firstEventTimeUs);
    this.#rows.set(key, {
      ...row,
      bids: row.bids + 1,
      outstandingNanos: row.outstandingNanos + open,
      buckets: { ...row.buckets, [bucket]: row.buckets[bucket] + open },
    });
  }

  rows(): AgingRow[] {
    return sortedByKey(this.#rows);
  }
}

const UNAGED = {
  bids: 0,
  outstandingNanos: 0n,
  buckets: { "0-7": 0n, "8-30": 0n, "31-60": 0n, "61-90": 0n, "91+": 0n },
};

/** The bucket of an age in microseconds; what lies ahead of the report's time is in the first. */
export function agingBucketOf(ageUs: number): AgingBucket {
  const days = Math.floor(ageUs / DAY_US);
  const index = AGING_DAYS.findIndex((last) => days <= last);
  return (index === -1 ? undefined : AGING_BUCKETS[index]) ?? "91+";
}

/** A bid whose money does not match. */
export interface DiscrepancyRow {
  readonly bidId: string;
  readonly seat: string;
  readonly region: string;
  readonly currency: string;
  /** `paidVoid` was paid though nothing is owed; `withinTolerance` is settled and does not match. */
  readonly kind:
    | "disputed"
    | "underpaid"
    | "overpaid"
    | "paidUnowed"
    | "paidVoid"
    | "withinTolerance";
  readonly owedNanos: bigint;
  readonly paidNanos: bigint;
  /** Paid less owed. */
  readonly differenceNanos: bigint;
  readonly reasons: readonly string[];
}

/** The discrepancy of a bid; undefined where its money matches or none has come in that should not. */
export function discrepancyRowOf(settlement: ReportedSettlement): DiscrepancyRow | undefined {
  const kind = discrepancyKindOf(settlement);
  if (kind === undefined) return undefined;
  const { bidId, seat, region, currency, owedNanos, paidNanos, disputeReasons } = settlement;
  const differenceNanos = paidNanos - owedNanos;
  const amounts = { owedNanos, paidNanos, differenceNanos };
  return { bidId, seat, region, currency, kind, ...amounts, reasons: disputeReasons };
}

function discrepancyKindOf(settlement: ReportedSettlement): DiscrepancyRow["kind"] | undefined {
  const { state, owedNanos, paidNanos } = settlement;
  switch (state) {
    case "disputed":
    case "underpaid":
    case "overpaid":
      return state;
    case "void":
      return paidNanos > 0n ? "paidVoid" : undefined;
    case "awaitingWin":
    case "reserved":
      return paidNanos > 0n ? "paidUnowed" : undefined;
    case "settled":
      return owedNanos === paidNanos ? undefined : "withinTolerance";
    case "awaitingPayment":
      return undefined;
  }
}

/** One account in one currency: its balance on the side where it stands. */
export interface TrialBalanceRow {
  readonly currency: string;
  readonly account: Account | "total";
  readonly debitNanos: bigint;
  readonly creditNanos: bigint;
}

/**
 * The trial balance by currency: accounts summed over seats, and a total whose two sides are equal where
 * the ledger is sound.
 */
export function trialBalanceOf(balances: Iterable<Posting>): TrialBalanceRow[] {
  const sums = addedUp([...balances].map((balance) => ({ ...balance, seat: "" })));
  return sums.flatMap(({ currency, amounts }) => {
    const rows = ACCOUNTS.map((account) => {
      const nanos = amounts[account];
      const debitNanos = nanos > 0n ? nanos : 0n;
      return { currency, account, debitNanos, creditNanos: debitNanos - nanos };
    });
    const debitNanos = rows.reduce((sum, row) => sum + row.debitNanos, 0n);
    const creditNanos = debitNanos - sumOf(amounts);
    return [...rows, { currency, account: "total" as const, debitNanos, creditNanos }];
  });
}

function sortedByKey<Row>(rows: ReadonlyMap<string, Row>): Row[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
