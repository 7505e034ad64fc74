import { BigQuery } from "@google-cloud/bigquery";
import { freePort } from "../../../emulator/google/google-emulators.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import { createPublisher } from "../../../shared/io/create-publisher.ts";
import { dataset, regions } from "../../../shared/names.ts";
import type { Addresses } from "../../../workers/gavel/addresses.ts";
import { Child, sumCounters } from "../../../workers/gavel/start/children.ts";
import { startServer } from "../../../workers/gavel/start/local-system.ts";
import type { LocalEmulators } from "../../support/local-emulators.ts";
import { probePage, quantilesOf, tenthsOf } from "../probe-page.ts";
import { AuctionBids, BIDS_PER_AUCTION } from "./auction-bids.ts";

const TICK_MS = 100;
const WARM_UP_S = 10;
/** How often BigQuery is asked for the rows of auctions under watch: what a latency is measured to. */
const LOOK_EVERY_MS = 250;

/** Publishes at a steady rate and prints how long events take to their rows in BigQuery and to the page. */
export async function measureLatency(
  emulators: LocalEmulators,
  options: { readonly eventsPerSecond: number; readonly seconds: number },
): Promise<void> {
  const { addresses } = emulators;
  const workers = regions.map((region) => emulators.startWindowWorker(region));
  const page = await startConsole(emulators);
  const watch = new RowWatch(addresses);
  const publisher = createPublisher(addresses);
  const bids = new AuctionBids(2);
  const perTick = (options.eventsPerSecond * TICK_MS) / 1000 / BIDS_PER_AUCTION;
  const startMs = systemClock.nowMs();
  const warmMs = startMs + WARM_UP_S * 1000;
  const endMs = warmMs + options.seconds * 1000;
  const memory: number[][] = [];
  const shown = systemClock
    .sleep(WARM_UP_S * 1000)
    .then(() => probePage(page.url, publisher, options.seconds));
  let owed = 0;
  let published = 0;
  for (let tick = 1; systemClock.nowMs() < endMs; tick++) {
    owed += perTick;
    const nowMs = systemClock.nowMs();
    const batch = bids.next(Math.floor(owed), nowMs - TICK_MS);
    owed -= Math.floor(owed);
    const probe = batch[tick % batch.length];
    if (probe !== undefined && nowMs > warmMs) watch.add(probe.auctionId, nowMs);
    await publisher.publish(batch);
    published += batch.length;
    if (tick % 100 === 0) memory.push(workers.map((worker) => memoryOf(worker)));
    await systemClock.sleep(startMs + tick * TICK_MS - systemClock.nowMs());
  }
  const tookS = (systemClock.nowMs() - startMs) / 1000;
  const { p50, p99, max, missing, seen } = await watch.end();
  const probes = await shown;
  const toPage = quantilesOf(probes);
  await publisher.close();
  const p99s = tenthsOf(probes).map((each) => quantilesOf(each).p99);
  process.stdout.write(
    `publish to page p50 ${toPage.p50} ms, p99 ${toPage.p99} ms, max ${toPage.max} ms (${probes.length} bids); p99 of each tenth of the run, ms: ${p99s.join("  ")}\n`,
  );
  const counters = sumCounters(workers);
  process.stdout.write(
    `${Math.round(published / tookS)} events/s for ${Math.round(tookS)} s: publish to row in BigQuery p50 ${p50} ms, p99 ${p99} ms, max ${max} ms (${seen} auctions watched, ${missing} missing)\n`,
  );
  process.stdout.write(
    `counted ${counters["events_counted"]}, late ${counters["events_late"] ?? 0}, duplicates ${counters["events_duplicate"] ?? 0}; memory of the workers, MB, at the beginning of each tenth of the run:\n`,
  );
  for (const [row = []] of tenthsOf(memory)) {
    process.stdout.write(`  ${row.map((bytes) => Math.round(bytes / 1e6)).join("  ")}\n`);
  }
  await Promise.all([...workers, page.child].map((child) => child.stop()));
}

/** The console, without the numbers that it reads of the workers themselves. */
async function startConsole({
  environment,
}: LocalEmulators): Promise<{ child: Child; url: string }> {
  const port = await freePort();
  const { child, answered } = startServer((spec, onMessage) => new Child(spec, onMessage), {
    name: "console",
    entry: "workers/console/main.ts",
    variables: { ...environment, PORT: String(port) },
  });
  await answered;
  return { child, url: `http://127.0.0.1:${port}` };
}

function memoryOf({ metrics }: Child): number {
  return metrics?.gauges["memory_bytes"] ?? 0;
}

/** Asks BigQuery again and again for auctions until each has a row. */
class RowWatch {
  readonly #bigquery: BigQuery;
  readonly #waiting = new Map<string, number>();
  readonly #latencies: number[] = [];
  #isEnding = false;
  readonly #looking: Promise<void>;

  constructor({ project, bigqueryRest }: Addresses) {
    this.#bigquery = new BigQuery({ projectId: project, apiEndpoint: bigqueryRest ?? "" });
    this.#looking = this.#look();
  }

  add(auctionId: string, publishedMs: number): void {
    this.#waiting.set(auctionId, publishedMs);
  }

  /** Waits for what is still on its way, at most 10 s. */
  async end() {
    const giveUpMs = systemClock.nowMs() + 10_000;
    while (this.#waiting.size > 0 && systemClock.nowMs() < giveUpMs) await systemClock.sleep(100);
    this.#isEnding = true;
    await this.#looking;
    const missing = this.#waiting.size;
    return { ...quantilesOf(this.#latencies), missing, seen: this.#latencies.length };
  }

  async #look(): Promise<void> {
    while (!this.#isEnding) {
      await systemClock.sleep(LOOK_EVERY_MS);
      const ids = [...this.#waiting.keys()].slice(0, 200);
      if (ids.length === 0) continue;
      const [rows] = await this.#bigquery.query({
        query: `SELECT DISTINCT auction_id FROM \`${dataset.name}.auction_counts\` WHERE auction_id IN UNNEST(@ids)`,
        params: { ids },
      });
      const nowMs = systemClock.nowMs();
      for (const { auction_id: id } of rows) {
        const publishedMs = this.#waiting.get(id);
        if (publishedMs === undefined) continue;
        this.#latencies.push(nowMs - publishedMs);
        this.#waiting.delete(id);
      }
    }
  }
}
