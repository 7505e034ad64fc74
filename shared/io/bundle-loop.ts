import { dispositionOf, messageOf } from "../core/errors.ts";
import { jitteredMs } from "./backoff.ts";
import type { Clock, Log, Metrics } from "./ports.ts";
import type { PulledBundle, PullStream } from "./pull-stream.ts";

/**
 * What a worker does with a bundle: decode, commit, publish. It resolves when the bundle may be acked,
 * and gives the same result when it is done again. It handles poison messages itself, one by one; what it
 * throws concerns the bundle as a whole.
 */
export type ProcessBundle = (bundle: PulledBundle) => Promise<void>;

const RETRIES_MAX = 8;
const RETRY_BACKOFF = { minMs: 50, maxMs: 10_000 };

/**
 * Runs one worker: bundle after bundle until `signal` is aborted, each processed, then acked. Trouble
 * that may pass is retried here while the leases are extended, so that a key's order is kept and a slow
 * database slows the pulling down; after {@link RETRIES_MAX} tries the bundle is given back. A bug rejects.
 */
export async function runBundles(
  source: PullStream,
  process: ProcessBundle,
  options: {
    readonly clock: Clock;
    readonly log: Log;
    readonly metrics: Metrics;
    readonly signal: AbortSignal;
    /** Chance for full jitter, uniform in [0, 1). */
    readonly random: () => number;
  },
): Promise<void> {
  const { clock, metrics, signal } = options;
  signal.addEventListener("abort", () => source.stop(), { once: true });
  source.start();
  for (let bundle = await source.take(); bundle !== undefined; bundle = await source.take()) {
    const startMs = clock.nowMs();
    if (await succeeded(() => process(bundle), options)) source.ack(bundle);
    else source.nack(bundle);
    metrics.add("bundles");
    metrics.observe("bundle_messages", bundle.messageCount);
    metrics.observe("bundle_ms", clock.nowMs() - startMs);
  }
  await source.close();
}

async function succeeded(
  attempt: () => Promise<void>,
  options: Parameters<typeof runBundles>[2],
): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      await attempt();
      return true;
    } catch (error) {
      if (dispositionOf(error) !== "nack") throw error;
      const reason = messageOf(error);
      options.metrics.add("bundle_retries");
      options.log.warn("bundle failed", { tries, reason });
      if (tries >= RETRIES_MAX || options.signal.aborted) return false;
      const waitMs = jitteredMs(RETRY_BACKOFF, tries, options.random);
      await options.clock.sleep(waitMs, options.signal);
    }
  }
}
