import { type Database, Spanner, type Transaction } from "@google-cloud/spanner";
import { status } from "@grpc/grpc-js";
import { AssertionFailed } from "../core/assert.ts";
import { messageOf } from "../core/errors.ts";
import { rfc3339Of } from "../core/settlement/calendar.ts";
import { expiryOf } from "../core/settlement/expire-reservation.ts";
import { addedUp, amountsOf, type LedgerEntry } from "../core/settlement/ledger.ts";
import {
  challengesOf,
  type PaymentHomes,
  type SettledBid,
  settleBids,
} from "../core/settlement/settle-bids.ts";
import type { Settlement } from "../core/settlement/settlement.ts";
import type { SettlementEvent } from "../core/settlement/settlement-event.ts";
import { decimalsOf } from "../core/settlement/settlement-row.ts";
import { classified, grpcCodeOf } from "./grpc-status.ts";
import {
  balanceColumns,
  balanceFrom,
  readBooks,
  readClaims,
  readEntries,
  readHomes,
  readReservations,
  readSettlements,
  type StoredEntry,
} from "./settlement-reads.ts";
import type { SettlementRules } from "./settlement-rules.ts";
import { type AuditRecord, queueWrites, type TimedEvent } from "./settlement-writes.ts";

/** One bid after a transaction: what BigQuery is to hold of it. */
export interface StoredBid {
  readonly settlement: Settlement;
  /** What the transaction appended, and where an event was known before, all that stood there. */
  readonly entries: readonly StoredEntry[];
  readonly outcomes: SettledBid["outcomes"];
}

/**
 * What a transaction came to. `aborted` and `unknown` are tried again, reading anew: claims are a set, so
 * what was applied is found there and changes nothing. `refused` will never commit as it is.
 */
export type SettleResult =
  | { readonly kind: "committed"; readonly bids: readonly StoredBid[] }
  | { readonly kind: "aborted" | "unknown"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string }
  /** The bid has another version than was expected; only where one was. */
  | { readonly kind: "changed"; readonly version: number };

/** The version of a bid that a decision on it was made on. */
export interface ExpectedVersion {
  readonly bidId: string;
  readonly version: number;
}

const COMMIT_TIMEOUT_MS = 10_000;
const READ_TIMEOUT_MS = 10_000;
const unknownCodes: ReadonlySet<number> = new Set([
  status.DEADLINE_EXCEEDED,
  status.UNAVAILABLE,
  status.UNKNOWN,
  status.INTERNAL,
  status.CANCELLED,
]);
const refusedCodes: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.ALREADY_EXISTS,
]);

/** Settlements and the ledger, in the `ledger` database: each call is one read-write transaction. */
export class SettlementStore {
  readonly #database: Database;
  readonly #rules: SettlementRules;
  readonly #shard: number;

  /** `shard`, 0 to 255, names the balance rows that this writer adds to. */
  constructor(
    database: Database,
    options: { readonly rules: SettlementRules; readonly shard: number },
  ) {
    this.#database = database;
    this.#rules = options.rules;
    this.#shard = options.shard;
  }

  /**
   * Settles events of many bids in one transaction: reads, decides, writes; or nothing, where a bid is
   * another than `expected`. Throws RetryableError where the database is out of reach.
   */
  async settle(
    events: readonly TimedEvent[],
    records: readonly AuditRecord[] = [],
    expected?: ExpectedVersion,
  ): Promise<SettleResult> {
    try {
      const [transaction] = await this.#database.getTransaction();
      try {
        return await this.#attempt(transaction, { timed: events, records, expected });
      } finally {
        // Lets go of the locks of what was not committed.
        if (!transaction.ended) await transaction.rollback().catch(() => undefined);
        transaction.end();
      }
    } catch (error) {
      const result = resultOf(error, false);
      if (result === undefined) throw classified(error, `settle ${events.length} events`);
      return result;
    }
  }

  /**
   * The expiries of reservations of a region that nobody billed in time, at most `limit`: events to settle.
   * Throws RetryableError where the database is out of reach.
   */
  async expiries(
    region: string,
    at: { readonly nowMs: number; readonly reservationMs: number; readonly limit: number },
  ): Promise<TimedEvent[]> {
    const { nowMs, reservationMs, limit } = at;
    const before = rfc3339Of((nowMs - reservationMs + 1) * 1000);
    try {
      const [snapshot] = await this.#database.getSnapshot();
      const reserved = await readReservations(snapshot, { region, before, limit });
      snapshot.end();
      return reserved.flatMap((settlement) => {
        const event = expiryOf(settlement, nowMs * 1000, reservationMs * 1000);
        return event === undefined ? [] : [{ event, publishTimeMs: nowMs }];
      });
    } catch (error) {
      throw classified(error, "read reservations");
    }
  }

  async #attempt(
    transaction: Transaction,
    { timed, records, expected }: Attempt,
  ): Promise<SettleResult> {
    const notices = timed.map(({ event }) => event);
    const before = await readBefore(transaction, notices);
    const events = [...notices, ...challengesOf(notices, before.homes)];
    const config = { ...this.#rules, closedThrough: before.closedThrough };
    const settled = settleBids(before.settlements, events, config);
    const version = before.settlements.get(expected?.bidId ?? "")?.version ?? 0;
    if (expected !== undefined && version !== expected.version) {
      const isOurs = settled.get(expected.bidId)?.isChanged === false;
      if (!isOurs) return { kind: "changed", version };
    }
    const known = [...settled].filter(([, bid]) => hasKnownEvent(bid)).map(([bidId]) => bidId);
    const entries = [...settled.values()].flatMap((bid) => bid.entries);
    const [stored, balances] = await Promise.all([
      readEntries(transaction, known),
      this.#raisedBalances(transaction, entries),
    ]);
    const changed = [...settled.values()].filter(({ isChanged }) => isChanged);
    if (changed.length === 0 && records.length === 0) {
      return { kind: "committed", bids: storedBidsOf(settled, stored, 0) };
    }
    queueWrites(transaction, changed, { before: before.settlements, timed, records });
    if (balances.length > 0) transaction.upsert("AccountBalances", balances);
    const committedUs = await commit(transaction);
    if (typeof committedUs !== "number") return committedUs;
    return { kind: "committed", bids: storedBidsOf(settled, stored, committedUs) };
  }

  /** The rows of this writer's shard, with what the entries add. */
  async #raisedBalances(
    transaction: Transaction,
    entries: readonly LedgerEntry[],
  ): Promise<object[]> {
    const changes = addedUp(entries);
    if (changes.length === 0) return [];
    const shard = this.#shard;
    const [rows] = await transaction.read("AccountBalances", {
      keys: changes.map(({ seat, currency }) => [seat, currency, String(shard)]),
      columns: balanceColumns,
      json: true,
      gaxOptions: { timeout: READ_TIMEOUT_MS },
    });
    const standing = rows.map(balanceFrom);
    const touched = new Set(changes.map(({ seat, currency }) => `${currency}|${seat}`));
    const sums = new Map(
      addedUp([...changes, ...standing]).map((sum) => [`${sum.currency}|${sum.seat}`, sum]),
    );
    return [...touched].map((key) => {
      const [currency = "", ...seat] = key.split("|");
      return {
        seat: seat.join("|"),
        currency,
        shard: String(shard),
        ...decimalsOf(sums.get(key)?.amounts ?? amountsOf(0n, 0n)),
        committed_at: Spanner.COMMIT_TIMESTAMP,
      };
    });
  }
}

interface Attempt {
  readonly timed: readonly TimedEvent[];
  readonly records: readonly AuditRecord[];
  readonly expected: ExpectedVersion | undefined;
}

interface StateBefore {
  readonly settlements: ReadonlyMap<string, Settlement>;
  readonly homes: PaymentHomes;
  readonly closedThrough: ReadonlyMap<string, string>;
}

/** All that the decision needs: the bids' own settlements, and those of bids that claim the same payments. */
async function readBefore(
  transaction: Transaction,
  notices: readonly SettlementEvent[],
): Promise<StateBefore> {
  const own = new Set(notices.map(({ bidId }) => bidId));
  const paymentIds = new Set(
    notices.flatMap((event) => (event.type === "payment" ? [event.paymentId] : [])),
  );
  const [rows, homes, closedThrough] = await Promise.all([
    readSettlements(transaction, [...own]),
    readHomes(transaction, [...paymentIds]),
    readBooks(transaction),
  ]);
  const others = [...homes.values()].flatMap((bids) => [...bids]).filter((bid) => !own.has(bid));
  const foreign = await readSettlements(transaction, [...new Set(others)]);
  const settlements = await readClaims(transaction, [...rows, ...foreign]);
  return { settlements, homes, closedThrough };
}

/** A repeat may be of a bundle that was committed and not published: its entries are published again. */
function hasKnownEvent({ outcomes }: SettledBid): boolean {
  return outcomes.some(({ outcome }) => outcome === "duplicate" || outcome === "overLimit");
}

/** Commits; the commit timestamp in microseconds, or why there is none. */
async function commit(transaction: Transaction): Promise<number | SettleResult> {
  try {
    const [{ commitTimestamp }] = await transaction.commit({
      gaxOptions: { timeout: COMMIT_TIMEOUT_MS },
    });
    const { seconds = 0, nanos = 0 } = commitTimestamp ?? {};
    return Number(seconds) * 1_000_000 + Math.floor(Number(nanos) / 1000);
  } catch (error) {
    const result = resultOf(error, true);
    if (result === undefined) throw error;
    return result;
  }
}

function resultOf(error: unknown, wasCommitting: boolean): SettleResult | undefined {
  const code = grpcCodeOf(error) ?? -1;
  const reason = messageOf(error);
  if (code === status.ABORTED) return { kind: "aborted", reason };
  if (wasCommitting && unknownCodes.has(code)) return { kind: "unknown", reason };
  if (wasCommitting && refusedCodes.has(code)) return { kind: "refused", reason };
  // A stored row that cannot be read, or a decision that breaks an invariant, concerns its bid alone.
  const isBroken = error instanceof AssertionFailed || error instanceof SyntaxError;
  return isBroken ? { kind: "refused", reason } : undefined;
}

function storedBidsOf(
  settled: ReadonlyMap<string, SettledBid>,
  stored: ReadonlyMap<string, readonly StoredEntry[]>,
  committedUs: number,
): StoredBid[] {
  return [...settled].map(([bidId, { settlement, entries, outcomes }]) => {
    const appended = entries.map((entry) => ({ entry, committedUs }));
    return { settlement, entries: [...(stored.get(bidId) ?? []), ...appended], outcomes };
  });
}
