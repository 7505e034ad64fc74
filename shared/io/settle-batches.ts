import { assert } from "../core/assert.ts";
import { RetryableError } from "../core/errors.ts";
import type { BatchSize } from "../core/settlement/batch-size.ts";
import { jitteredMs } from "./backoff.ts";
import type { Clock, Metrics } from "./ports.ts";
import type { SettlementStore, SettleResult, StoredBid } from "./settlement-store.ts";
import type { TimedEvent } from "./settlement-writes.ts";

/** Events that no transaction takes, with the database's reason. */
export interface RefusedEvents {
  readonly events: readonly TimedEvent[];
  readonly reason: string;
}

export interface SettledEvents {
  readonly bids: readonly StoredBid[];
  readonly refused: readonly RefusedEvents[];
}

/** What settling in batches works with. */
export interface BatchOptions {
  readonly size: BatchSize;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Chance for full jitter, uniform in [0, 1). */
  readonly random: () => number;
}

/** Transactions in a row that may come to nothing; then what is left is given back. */
const TRIES_MAX = 12;
const RETRY_BACKOFF = { minMs: 10, maxMs: 2000 };

/**
 * Settles events in transactions of many bids, each bid's events together and in order. An aborted
 * transaction is cut in half and tried again; one that is refused is cut until the bid at fault stands
 * alone, so that it fails no other; a database that refuses every one of several is at fault itself, which
 * rejects. Throws RetryableError once {@link TRIES_MAX} tries in a row failed.
 */
export async function settleBatches(
  store: SettlementStore,
  events: readonly TimedEvent[],
  options: BatchOptions,
): Promise<SettledEvents> {
  let rest = [...Map.groupBy(events, ({ event }) => event.bidId).values()].flat();
  const bids: StoredBid[] = [];
  const refused: RefusedEvents[] = [];
  let sizeMax = Number.POSITIVE_INFINITY;
  while (rest.length > 0) {
    const { batch, result } = await settleNext(store, rest, { ...options, sizeMax });
    if (result.kind === "refused" && !isOneBid(batch)) {
      sizeMax = Math.ceil(batch.length / 2);
      continue;
    }
    if (result.kind === "committed") bids.push(...result.bids);
    else refused.push({ events: batch, reason: result.reason });
    rest = rest.slice(batch.length);
    sizeMax = Number.POSITIVE_INFINITY;
  }
  const [first] = refused;
  if (first !== undefined && refused.length > 1 && bids.length === 0) {
    throw new Error(`the database refuses every bid of ${events.length} events: ${first.reason}`);
  }
  return { bids, refused };
}

/** One transaction on the first of the events, tried until it commits or is refused. */
async function settleNext(
  store: SettlementStore,
  events: readonly TimedEvent[],
  { size, clock, metrics, random, sizeMax }: BatchOptions & { readonly sizeMax: number },
): Promise<{
  readonly batch: readonly TimedEvent[];
  readonly result: Extract<SettleResult, { kind: "committed" | "refused" }>;
}> {
  for (let tries = 1; ; tries++) {
    const batch = events.slice(0, Math.min(size.size, sizeMax));
    const startMs = clock.nowMs();
    const result = await store.settle(batch);
    assert(result.kind !== "changed", "notices expect no version");
    metrics.observe("commit_ms", clock.nowMs() - startMs);
    metrics.observe("commit_events", batch.length);
    metrics.set("retry_budget_left", TRIES_MAX - tries);
    if (result.kind === "committed") size.noteCommitted();
    if (result.kind === "aborted") size.noteAborted();
    metrics.set("batch_events_max", size.size);
    metrics.add(`commits_${result.kind}`);
    if (result.kind === "committed" || result.kind === "refused") return { batch, result };
    if (tries >= TRIES_MAX) {
      metrics.add("retry_budgets_spent");
      throw new RetryableError(`${tries} transactions in a row failed: ${result.reason}`);
    }
    await clock.sleep(jitteredMs(RETRY_BACKOFF, tries, random));
  }
}

function isOneBid(batch: readonly TimedEvent[]): boolean {
  return batch.every(({ event }) => event.bidId === batch[0]?.event.bidId);
}
