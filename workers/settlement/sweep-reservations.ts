import { messageOf } from "../../shared/core/errors.ts";
import { type FinanceWriters, publishBids } from "../../shared/io/finance-upserts.ts";
import type { WorkerContext } from "../../shared/io/run-worker.ts";
import { type BatchOptions, settleBatches } from "../../shared/io/settle-batches.ts";
import type { SettlementStore } from "../../shared/io/settlement-store.ts";

const SWEEP_EVERY_MS = 30_000;
const EXPIRIES_MAX = 500;

/**
 * Ends, twice a minute, the region's reservations that nobody billed in time. Workers of a region may sweep
 * at once: an expiry is a claim like any other. A sweep that fails is made up for by the next one. Returns
 * how to stop.
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
  const sweep = async (): Promise<void> => {
    const at = { nowMs: clock.nowMs(), reservationMs, limit: EXPIRIES_MAX };
    try {
      const { bids } = await settleBatches(store, await store.expiries(region, at), parts.batches);
      await publishBids(parts, bids);
      metrics.add("reservations_expired", bids.length);
    } catch (error) {
      metrics.add("sweeps_failed");
      log.warn("reservations not swept", { reason: messageOf(error) });
    }
  };
  return clock.every(SWEEP_EVERY_MS, () => {
    if (isSweeping) return;
    isSweeping = true;
    void sweep().finally(() => {
      isSweeping = false;
    });
  });
}
