import { env } from "node:process";
import { messageOf, UsageError } from "../core/errors.ts";
import { metricsMessage } from "../names.ts";
import { systemClock } from "./clock.ts";
import { Env } from "./env.ts";
import { createLog } from "./log.ts";
import { MemoryMetrics } from "./metrics.ts";
import { metricsLine } from "./metrics-line.ts";
import { serveMetrics } from "./metrics-server.ts";
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
const REPORT_EVERY_MS = 250;
const LINE_EVERY_MS = 60_000;

/**
 * Runs a worker's main: drains on SIGTERM, ends with 0 when it returns, with 2 and one line a fault on
 * bad settings, with 1 on anything else. Its metrics are served on `GAVEL_METRICS_PORT` where that is set,
 * and a parent process that listens is sent them four times a second; where none does, they are logged each
 * minute and at the end.
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
  const stopReports = startReports(name, metrics, log);
  try {
    servePort(name, { metrics, log });
    await main({ clock: systemClock, log, metrics, signal: stopping.signal });
  } catch (error) {
    process.exitCode = error instanceof UsageError ? 2 : 1;
    const reason = messageOf(error);
    log.error("worker ended", { reason, stack: stackOf(error) });
  }
  stopReports();
  process.exit();
}

function servePort(worker: string, parts: { metrics: MemoryMetrics; log: Log }): void {
  const settings = new Env(env);
  const port = settings.integer("GAVEL_METRICS_PORT", { min: 0, max: 65_535, default: 0 });
  const host = settings.string("GAVEL_METRICS_HOST", "127.0.0.1");
  const region = settings.optional("GAVEL_REGION") ?? "";
  settings.check();
  if (port === 0) return;
  serveMetrics({ worker, region, startedAtMs: systemClock.nowMs() }, { host, port }, parts);
}

/** A stack helps whoever mends a bug; a fault in the settings has none to show. */
function stackOf(error: unknown): string | undefined {
  return error instanceof Error && !(error instanceof UsageError) ? error.stack : undefined;
}

/** Returns how to stop, which reports a last time. */
function startReports(name: string, metrics: MemoryMetrics, log: Log): () => void {
  if (process.send !== undefined) {
    const report = (): void => {
      noteProcess(metrics);
      process.send?.({ worker: name, metrics: metrics.snapshot() });
    };
    return reportEvery(REPORT_EVERY_MS, report);
  }
  let told = metrics.snapshot();
  return reportEvery(LINE_EVERY_MS, () => {
    noteProcess(metrics);
    const snapshot = metrics.snapshot();
    log.info(metricsMessage, metricsLine(told, snapshot));
    told = snapshot;
  });
}

function reportEvery(everyMs: number, report: () => void): () => void {
  const stop = systemClock.every(everyMs, report);
  return () => {
    stop();
    report();
  };
}

function noteProcess(metrics: MemoryMetrics): void {
  metrics.set("memory_bytes", process.memoryUsage.rss());
  const { user, system } = process.cpuUsage();
  metrics.set("cpu_ms", (user + system) / 1000);
}
