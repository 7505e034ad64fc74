/**
 * Sends bids of three regions at a steady pace, cuts one region off from Pub/Sub for a while in the
 * middle, and heals it; then compares every count with the tally, and prints how each region's watermark
 * stood. What the cut-off region's exchange cannot send waits in its outbox, as an exchange's does.
 * Usage: cut-off-run.ts [--region eu] [--seconds 60] [--rate 300]
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { REGIONS } from "../../shared/core/auction/event.ts";
import { systemClock } from "../../shared/io/clock.ts";
import { subscriptionOf } from "../../shared/names.ts";
import { writeRecord } from "../../shared/wire/log-form/write-record.ts";
import { awaitDrained } from "../../workers/gavel/start/await-drained.ts";
import type { Child } from "../../workers/gavel/start/children.ts";
import { exportResults } from "../../workers/gavel/start/export-results.ts";
import { AuctionBids } from "../bench/pipeline/auction-bids.ts";
import { type LocalEmulators, startLocalEmulators } from "../support/local-emulators.ts";
import { Outbox } from "../support/outbox.ts";
import { differences, exportedOf, tallyOf } from "./count-tally.ts";

const { values } = parseArgs({
  options: {
    region: { type: "string", default: "eu" },
    seconds: { type: "string", default: "60" },
    rate: { type: "string", default: "300" },
  },
});
const cutOff = REGIONS.find((region) => region === values.region) ?? "eu";
const seconds = Number(values.seconds);
const TICK_MS = 250;
const SHOW_EVERY_TICKS = 20;

const emulators = await startLocalEmulators();
const workers = new Map(REGIONS.map((region) => [region, emulators.startWindowWorker(region)]));
const sent: string[] = [];
await sendWithOutage();
const subscriptions = new Set(REGIONS.map((region) => subscriptionOf("window", region).name));
await awaitDrained(emulators.addresses.control ?? "", subscriptions);
process.exitCode = (await differ(emulators)) ? 1 : 0;
await Promise.all([...workers.values()].map((worker) => worker.stop()));
await emulators.stop();
process.exit();

/** A quarter of the time before the cut, the cut, and half of it after. */
async function sendWithOutage(): Promise<void> {
  const makers = new Map(REGIONS.map((region, seed) => [region, new AuctionBids(seed, [region])]));
  const outboxes = new Map(REGIONS.map((region) => [region, new Outbox(emulators)]));
  const auctionsPerTick = Math.max(1, Math.round((Number(values.rate) * TICK_MS) / 1000 / 20));
  const ticks = Math.round((seconds * 1.75 * 1000) / TICK_MS);
  const cutAt = Math.round(ticks / 7);
  const healAt = Math.round((ticks * 5) / 7);
  const startMs = systemClock.nowMs();
  for (let tick = 0; tick < ticks; tick++) {
    if (tick === cutAt) await emulators.control("POST", `/pubsub/regions/${cutOff}/cut`);
    if (tick === healAt) await emulators.control("POST", `/pubsub/regions/${cutOff}/heal`);
    for (const region of REGIONS) {
      const bids = makers.get(region)?.next(auctionsPerTick, systemClock.nowMs()) ?? [];
      for (const bid of bids) sent.push(writeRecord(bid));
      outboxes.get(region)?.add(bids);
    }
    if (tick % SHOW_EVERY_TICKS === 0) show(tick >= cutAt && tick < healAt);
    await systemClock.sleep(startMs + (tick + 1) * TICK_MS - systemClock.nowMs());
  }
  await Promise.all([...outboxes.values()].map((outbox) => outbox.close()));
}

function show(isCut: boolean): void {
  const lags = [...workers].map(([region, worker]) => `${region} ${lagOf(worker)} s behind`);
  process.stdout.write(`${lags.join(", ")}${isCut ? `, ${cutOff} is cut off` : ""}\n`);
}

function lagOf({ metrics }: Child): string {
  const watermarkMs = metrics?.gauges["watermark_ms"] ?? Number.NaN;
  return ((systemClock.nowMs() - watermarkMs) / 1000).toFixed(0);
}

async function differ({ bigquery }: LocalEmulators): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "gavel-cut-off-"));
  await exportResults(bigquery(), folder, () => 0);
  const exported = exportedOf(readFileSync(join(folder, "auction_counts.ndjson"), "utf8"));
  const late = readFileSync(join(folder, "late_events.ndjson"), "utf8").split("\n").length - 1;
  const found = differences(tallyOf(sent.join("\n")), exported);
  rmSync(folder, { recursive: true });
  for (const difference of found.slice(0, 10)) process.stdout.write(`${difference}\n`);
  process.stdout.write(
    `${sent.length} bids sent, ${cutOff} cut off for ${seconds} s: ${exported.size} rows, ${found.length} differ, ${late} late\n`,
  );
  return found.length > 0 || late > 0;
}
