import { formatNanos } from "../../shared/core/money.ts";
import { ACCOUNTS, type Posting } from "../../shared/core/settlement/ledger.ts";
import type { SettlementState } from "../../shared/core/settlement/settlement.ts";
import { settlementRowOf } from "../../shared/core/settlement/settlement-row.ts";
import type { LedgerReader } from "../../shared/io/ledger-reader.ts";

/** What the ledger holds of one bid. */
export interface BidState {
  readonly state: SettlementState;
  readonly posted: readonly Posting[];
  /** Keys of its notices. */
  readonly claims: readonly string[];
  /** Its settlement and all of its entries, as text: equal where nothing changed. */
  readonly text: string;
}

/** The whole ledger at one instant. */
export interface LedgerState {
  readonly bids: ReadonlyMap<string, BidState>;
  /** Balances in nanos by currency, seat and account, zeros left out. */
  readonly balances: ReadonlyMap<string, bigint>;
  /** What the audit finds; empty where every invariant holds. */
  readonly findings: readonly object[];
}

export async function ledgerStateOf(reader: LedgerReader): Promise<LedgerState> {
  const bids = new Map<string, BidState>();
  for await (const { settlement, entries } of reader.bids()) {
    const posted = entries.map(({ entry, committedUs }) => [
      ...[
        entry.version,
        entry.part,
        entry.seat,
        entry.currency,
        entry.cause,
        entry.period,
        committedUs,
      ],
      ...ACCOUNTS.map((account) => formatNanos(entry.amounts[account])),
    ]);
    const text = JSON.stringify([
      settlementRowOf(settlement),
      [...settlement.claims.keys()],
      posted,
    ]);
    const { state } = settlement;
    bids.set(settlement.bidId, {
      state,
      posted: settlement.posted,
      claims: [...settlement.claims.keys()],
      text,
    });
  }
  const findings: object[] = [];
  for await (const found of reader.audit()) if ("invariant" in found) findings.push(found);
  return { bids, balances: balancesOf(await reader.balances()), findings };
}

/** Sums by currency, seat and account; zeros left out. */
export function balancesOf(postings: readonly Posting[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { seat, currency, amounts } of postings) {
    for (const account of ACCOUNTS) {
      const key = `${currency} ${seat} ${account}`;
      const sum = (sums.get(key) ?? 0n) + amounts[account];
      if (sum === 0n) sums.delete(key);
      else sums.set(key, sum);
    }
  }
  return sums;
}

/** What differs between two sets of balances, a line each. */
export function balanceDifferences(
  expected: ReadonlyMap<string, bigint>,
  found: ReadonlyMap<string, bigint>,
): string[] {
  const keys = new Set([...expected.keys(), ...found.keys()]);
  return [...keys]
    .filter((key) => (expected.get(key) ?? 0n) !== (found.get(key) ?? 0n))
    .map((key) => `${key}: expected ${expected.get(key) ?? 0n}, found ${found.get(key) ?? 0n}`);
}

/** The currencies whose accounts do not add up to zero. */
export function unbalancedCurrencies(balances: ReadonlyMap<string, bigint>): string[] {
  const sums = new Map<string, bigint>();
  for (const [key, nanos] of balances) {
    const currency = key.slice(0, 3);
    sums.set(currency, (sums.get(currency) ?? 0n) + nanos);
  }
  return [...sums].filter(([, sum]) => sum !== 0n).map(([currency]) => currency);
}
