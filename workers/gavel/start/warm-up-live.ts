import { setImmediate } from "node:timers/promises";
import { type AuctionEvent, REGIONS } from "../../../shared/core/auction/event.ts";
import { alignDown, MINUTE_MS, SECOND_MS } from "../../../shared/core/time.ts";
import { EventTraffic } from "../../../shared/core/traffic/event-traffic.ts";
import { createSpanner } from "../../../shared/io/google-clients.ts";
import { TableWriter } from "../../../shared/io/table-writer.ts";
import { createWriterClient } from "../../../shared/io/writer-client.ts";
import { dataset } from "../../../shared/names.ts";
import { tableOf } from "../../../shared/schema/warehouse.ts";
import type { Addresses } from "../addresses.ts";
import { simulateWarmUp, storeWarmUp } from "./warm-up.ts";

/** Samples of more traffic than this take longer than a start should: nothing is warmed then. */
const RATE_MAX = 5000;
const SEED = 1;

/**
 * Gives the detector baselines such as days of the live traffic would have left. Returns what to tell the
 * user.
 */
export async function warmUpLive(
  addresses: Addresses,
  { days, eventsPerSecond }: { readonly days: number; readonly eventsPerSecond: number },
): Promise<string> {
  if (days === 0) return "";
  if (eventsPerSecond > RATE_MAX) return `no warm-up above ${RATE_MAX} events a second\n`;
  const startMs = Date.now();
  // The first slice that live traffic fills from its beginning.
  const untilMs = alignDown(startMs, MINUTE_MS) + MINUTE_MS;
  const sample = (fromMs: number, endMs: number) => eventsBetween(fromMs, endMs, eventsPerSecond);
  const options = { days, untilMs, seed: SEED };
  const warm = await simulateWarmUp(sample, options, () => setImmediate());
  const spanner = createSpanner(addresses.project, addresses.spanner);
  const writers = createWriterClient(addresses.project, addresses.storageWrite);
  const path = `projects/${addresses.project}/datasets/${dataset.name}`;
  const windows = await TableWriter.open(writers, path, tableOf("segment_windows"));
  await storeWarmUp(warm, untilMs, { spanner, windows, nowMs: Date.now() });
  writers.close();
  await Promise.resolve(spanner.close());
  const seconds = ((Date.now() - startMs) / SECOND_MS).toFixed(1);
  return `warmed ${warm.watch.segments.size} segments by ${days} days in ${seconds} s\n`;
}

function* eventsBetween(
  startMs: number,
  endMs: number,
  eventsPerSecond: number,
): Generator<AuctionEvent> {
  const options = { seed: SEED, eventsPerSecond, startMs, regions: REGIONS, attacks: [] };
  const traffic = new EventTraffic(options);
  while (traffic.nextMs < endMs) yield traffic.next();
}
