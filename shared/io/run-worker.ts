import { messageOf, UsageError } from "../core/errors.ts";
import { systemClock } from "./clock.ts";
import { createLog } from "./log.ts";
import { MemoryMetrics } from "./metrics.ts";
import type { Clock, Log } from "./ports.ts";

export interface WorkerContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: MemoryMetrics;
  /** Aborted on SIGTERM and SIGINT: finish the bundle under way and return. */
  readonly signal: AbortSignal;
}

/** Cloud Run kills 10 s after SIGTERM; what is not drained by then is delivered again. */
const DRAIN_MS = 9000;
const REPORT_EVERY_MS = 1000;

/**
 * Runs a worker's main: drains on SIGTERM, ends with 0 when it returns, with 2 and one line a fault on
 * bad settings, with 1 on anything else. Where a parent process listens, it is sent the metrics each second.
 */
export async function runWorker(
  name: string,
  main: (context: WorkerContext) => Promise<void>,
): Promise<void> {
  const log = createLog(name);
  const metrics = new MemoryMetrics();
  const stopping = new AbortController();
  const stop = (): void => {
    if (stopping.signal.aborted) return;
    log.info("draining");
    stopping.abort();
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("disconnect", stop);
  const stopReports = systemClock.every(REPORT_EVERY_MS, () => report(name, metrics));
  try {
    await main({ clock: systemClock, log, metrics, signal: stopping.signal });
  } catch (error) {
    process.exitCode = error instanceof UsageError ? 2 : 1;
    const reason = messageOf(error);
    log.error("worker ended", { reason, stack: stackOf(error) });
  }
  stopReports();
  report(name, metrics);
  process.exit();
}

/** A stack helps whoever mends a bug; a fault in the settings has none to show. */
function stackOf(error: unknown): string | undefined {
  return error instanceof Error && !(error instanceof UsageError) ? error.stack : undefined;
}

function report(worker: string, metrics: MemoryMetrics): void {
  metrics.set("memory_bytes", process.memoryUsage.rss());
  const { user, system } = process.cpuUsage();
  metrics.set("cpu_ms", (user + system) / 1000);
  process.send?.({ worker, metrics: metrics.snapshot() });
}
