import { messageOf, RetryableError } from "../../shared/core/errors.ts";
import { alignDown } from "../../shared/core/time.ts";
import { SliceClosing } from "../../shared/core/watch/closed-slices.ts";
import { freshFleet } from "../../shared/core/watch/shard-watch.ts";
import type { WorkerContext } from "../../shared/io/run-worker.ts";
import type { SegmentSlices } from "../../shared/io/segment-slices.ts";
import type { ShardLeases } from "../../shared/io/shard-leases.ts";
import { segmentShards } from "../../shared/names.ts";
import type { DetectorConfig } from "./config.ts";
import type { HeldShards } from "./held-shards.ts";
import type { SliceJudge } from "./judge-slices.ts";
import { type FlagPorts, publishFlags } from "./publish-flags.ts";

export interface LoopPorts extends FlagPorts {
  readonly own: HeldShards;
  readonly leases: ShardLeases;
  readonly slices: SegmentSlices;
  readonly judge: SliceJudge;
}

/** How long a detector with nothing to judge waits before it looks again. */
const POLL_MS = 500;

/**
 * Judges closed slices and publishes flags until stopped; with `isOnce` until the last slice that holds
 * anything is judged, everywhere, and every flag is published.
 */
export async function watchLoop(
  ports: LoopPorts,
  config: DetectorConfig,
  context: WorkerContext,
): Promise<void> {
  const { own, slices, judge } = ports;
  const { clock, log, signal } = context;
  const closing = new SliceClosing(config);
  const endMs = await firstSlices(ports, config, context);
  await own.keep();
  const stopKeeping = clock.every(config.leaseMs / 3, () => void own.keep());
  const publish = publishing(ports, context);
  const stopPublishing = clock.every(POLL_MS, () => void publish());
  while (!signal.aborted) {
    let isBusy = false;
    try {
      const progress = await slices.progress();
      const closedMs = closing.closedUntilMs(progress, clock.nowMs());
      if (closedMs !== undefined) isBusy = await judge.judge(progress, Math.min(closedMs, endMs));
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      log.warn("slices not judged", { reason: messageOf(error) });
    }
    if (!isBusy && config.isOnce && isThrough(own, endMs) && (await publish()) === 0) break;
    if (!isBusy) await clock.sleep(POLL_MS, signal);
  }
  stopKeeping();
  stopPublishing();
  await own.release();
}

/**
 * Waits for the first slice that any region holds, and has the shards begin with it unless they have begun.
 * Returns where judging ends: nowhere, or behind the last slice of a file's run.
 */
async function firstSlices(
  { slices, leases }: LoopPorts,
  { sliceMs, isOnce }: DetectorConfig,
  { clock, signal }: WorkerContext,
): Promise<number> {
  const endOf = (lastMs: number): number =>
    isOnce ? alignDown(lastMs, sliceMs) + sliceMs : Number.POSITIVE_INFINITY;
  while (!signal.aborted) {
    const extent = await slices.extent(segmentShards);
    if (extent !== undefined) {
      await leases.create(segmentShards, alignDown(extent.firstMs, sliceMs), freshFleet());
      return endOf(extent.lastMs);
    }
    if (isOnce) return Number.NEGATIVE_INFINITY;
    await clock.sleep(POLL_MS, signal);
  }
  return Number.NEGATIVE_INFINITY;
}

function isThrough(own: HeldShards, endMs: number): boolean {
  return own.all().every(({ watch }) => watch.nextSliceMs >= endMs);
}

/** Publishes flags of our shards, one sweep at a time: who calls during one shares it. */
function publishing(ports: LoopPorts, context: WorkerContext): () => Promise<number> {
  let sweep: Promise<number> | undefined;
  return () => {
    sweep ??= publishFlags(
      ports,
      ports.own.all().map(({ held }) => held.shard),
      context,
    ).finally(() => {
      sweep = undefined;
    });
    return sweep;
  };
}
