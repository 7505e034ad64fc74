import { systemClock } from "../../../shared/io/clock.ts";
import { Child, type ChildSpec } from "../../../workers/gavel/start/children.ts";
import type { ConsumerProgress } from "./report-progress.ts";

/** What consuming came to. */
export interface Throughput {
  readonly events: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

const POLL_MS = 100;
/** The share of the events that a consumer warms up on: compiled and connected, it is measured. */
const WARM_UP_SHARE = 0.5;
const PATIENCE_MS = 120_000;
/** A consumer that is past its warm-up and counts nothing for so long has got stuck. */
const STUCK_MS = 20_000;

/**
 * Starts a consumer and measures it from the report that ends its warm-up to that of the last event, or
 * of the last before it got stuck: `events` says how many it counted.
 */
export async function measureConsumer(
  spec: ChildSpec,
  events: number,
  read: (message: unknown) => ConsumerProgress | undefined,
): Promise<Throughput> {
  let first: (ConsumerProgress & { readonly atMs: number }) | undefined;
  let last: (ConsumerProgress & { readonly atMs: number }) | undefined;
  const child = new Child(spec, (message) => {
    const progress = read(message);
    if (progress === undefined || progress.events === (last?.events ?? 0)) return;
    last = { ...progress, atMs: systemClock.nowMs() };
    if (progress.events >= events * WARM_UP_SHARE) first ??= last;
  });
  const giveUpMs = systemClock.nowMs() + PATIENCE_MS;
  while ((last?.events ?? 0) < events) {
    const isMeasured = first !== undefined && first !== last;
    if (isMeasured && systemClock.nowMs() - (last?.atMs ?? 0) > STUCK_MS) break;
    if (systemClock.nowMs() > giveUpMs)
      throw new Error(
        `${spec.name} stands at ${last?.events ?? 0} of ${events} events: see ${child.logFile}`,
      );
    await systemClock.sleep(POLL_MS);
  }
  await child.stop();
  if (first === undefined || last === undefined) throw new Error(`${spec.name} reported nothing`);
  const counted = last.events - first.events;
  return {
    events: last.events,
    perSecond: (counted * 1000) / (last.atMs - first.atMs),
    perCpuSecond: (counted * 1e6) / (last.cpuUs - first.cpuUs),
  };
}
