import { messageOf } from "../../shared/core/errors.ts";
import { type FinanceWriters, publishBids } from "../../shared/io/finance-upserts.ts";
import type { WorkerContext } from "../../shared/io/run-worker.ts";
import { type BatchOptions, settleBatches } from "../../shared/io/settle-batches.ts";
import type { SettlementStore } from "../../shared/io/settlement-store.ts";

const SWEEP_EVERY_MAX_MS = 30_000;
const EXPIRIES_TOGETHER = 500;

/**
 * Ends the region's reservations that nobody billed in time, twice a minute, and as often as they last
 * where that is shorter. Workers of a region may sweep at once: an expiry is a claim like any other. A
 * sweep that fails is made up for by the next one. Returns how to stop.
 */
export function sweepReservations(
  parts: FinanceWriters & {
    readonly store: SettlementStore;
    readonly region: string;
    readonly reservationMs: number;
    readonly batches: BatchOptions;
  },
  { clock, log, metrics }: WorkerContext,
): () => void {
  const { store, region, reservationMs } = parts;
  let isSweeping = false;
  /** Whether there may be more. */
  const sweepSome = async (): Promise<boolean> => {
    const at = { nowMs: clock.nowMs(), reservationMs, limit: EXPIRIES_TOGETHER };
    const expiries = await store.expiries(region, at);
    const { bids, refused } = await settleBatches(store, expiries, parts.batches);
    await publishBids(parts, bids);
    const ended = bids.filter(({ settlement }) => settlement.state !== "reserved").length;
    metrics.add("reservations_expired", ended);
    metrics.add("expiries_refused", refused.length);
    return expiries.length === EXPIRIES_TOGETHER && ended > 0;
  };
  const sweep = async (): Promise<void> => {
    try {
      while (await sweepSome());
    } catch (error) {
      metrics.add("sweeps_failed");
      log.warn("reservations not swept", { reason: messageOf(error) });
    }
  };
  return clock.every(Math.min(SWEEP_EVERY_MAX_MS, reservationMs), () => {
    if (isSweeping) return;
    isSweeping = true;
    void sweep().finally(() => {
      isSweeping = false;
    });
  });
}
