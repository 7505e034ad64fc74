import { systemClock } from "../../../shared/io/clock.ts";
import { createPublisher } from "../publish/create-publisher.ts";
import type { Streams } from "../streams.ts";
import { sumCounters } from "./children.ts";
import { liveBids } from "./live-traffic.ts";
import type { LocalSystem } from "./local-system.ts";

const TICK_MS = 200;
const SHOW_EVERY_TICKS = 5;

/** Sends traffic through the running system, and shows each second what it counts, until stopped. */
export async function runLive(
  system: LocalSystem,
  options: {
    readonly eventsPerSecond: number;
    readonly signal: AbortSignal;
    readonly streams: Streams;
  },
): Promise<void> {
  const { signal, streams } = options;
  const publisher = createPublisher(system.addresses);
  const perTick = (options.eventsPerSecond * TICK_MS) / 1000;
  let published = 0;
  let owed = 0;
  for (let tick = 1; !signal.aborted; tick++) {
    owed += perTick;
    const bids = liveBids(Math.floor(owed), systemClock.nowMs(), Math.random);
    owed -= bids.length;
    await publisher.publish(bids);
    published += bids.length;
    if (tick % SHOW_EVERY_TICKS === 0) streams.stdout.write(`${statusOf(system, published)}\n`);
    await systemClock.sleep(TICK_MS, signal);
  }
  await publisher.close();
}

function statusOf(system: LocalSystem, published: number): string {
  const counters = sumCounters(system.workers);
  const behind = system.workers.map(({ name, metrics }) => {
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
