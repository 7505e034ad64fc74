import { REGIONS } from "../../../shared/core/auction/event.ts";
import { EventTraffic } from "../../../shared/core/traffic/event-traffic.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import { createPublisher } from "../../../shared/io/create-publisher.ts";
import { openOutboxes } from "../simulate/outboxes.ts";
import { paceTraffic } from "../simulate/pace-traffic.ts";
import type { Streams } from "../streams.ts";
import { sumCounters } from "./children.ts";
import type { LocalSystem } from "./local-system.ts";

const SHOW_EVERY_MS = 1000;

/**
 * Sends traffic through the system until stopped, and shows what it counts: the first as soon as it is there,
 * then each second from `told` on, once the user was told how to reach the system.
 */
export async function runLive(
  system: LocalSystem,
  options: {
    readonly eventsPerSecond: number;
    readonly signal: AbortSignal;
    readonly streams: Streams;
    readonly told: Promise<void>;
  },
): Promise<void> {
  const { eventsPerSecond, signal, streams, told } = options;
  const startMs = systemClock.nowMs();
  const traffic = new EventTraffic({
    seed: startMs,
    eventsPerSecond,
    startMs,
    regions: REGIONS,
    attacks: [],
  });
  let published = 0;
  const show = (): void => void streams.stdout.write(`${statusOf(system, published)}\n`);
  let stopShowing = (): void => undefined;
  void system.firstCount.then(show);
  void told.then(() => {
    if (!signal.aborted) stopShowing = systemClock.every(SHOW_EVERY_MS, show);
  });
  const outboxes = openOutboxes(createPublisher(system.addresses), {
    clock: systemClock,
    // The system is this process's own: `broken` tells when a part of it has ended.
    reach: () => Promise.resolve(),
    signal,
    onTurn: (sentence) => streams.stderr.write(`${sentence}\n`),
  });
  try {
    await paceTraffic(() => traffic.next(), outboxes, {
      eventsPerSecond,
      eventsMax: Number.POSITIVE_INFINITY,
      clock: systemClock,
      signal,
      onProgress: ({ confirmed }) => {
        published = confirmed;
      },
    });
  } finally {
    stopShowing();
    await outboxes.close();
  }
}

function statusOf(system: LocalSystem, published: number): string {
  const counters = sumCounters(system.workers);
  const windows = system.workers.filter(({ name }) => name.startsWith("window-"));
  const behind = windows.map(({ name, metrics }) => {
    const watermarkMs = metrics?.gauges["watermark_ms"];
    const lag =
      watermarkMs === undefined ? "-" : ((systemClock.nowMs() - watermarkMs) / 1000).toFixed(0);
    return `${name.replace("window-", "")} ${lag} s`;
  });
  return [
    `published ${published}`,
    `counted ${counters["events_counted"] ?? 0}`,
    `rows ${counters["rows_published"] ?? 0}`,
    `duplicates ${counters["events_duplicate"] ?? 0}`,
    `late ${counters["events_late"] ?? 0}`,
    `dead letters ${counters["dead_letters"] ?? 0}`,
    `watermark behind: ${behind.join(", ")}`,
  ].join("  ");
}
