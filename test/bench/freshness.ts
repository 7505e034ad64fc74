/**
 * How long an event takes from its publishing to the page, beside live traffic: `npm run bench:freshness --
 * [--rate 1000] [--seconds 30]`. Bids of one auction are sent one by one, and the time is taken until the
 * page's feed shows so many.
 */
import { stdout } from "node:process";
import { systemClock } from "../../shared/io/clock.ts";
import { pubsubEndpoint } from "../../shared/io/endpoints.ts";
import { EventPublisher } from "../../shared/io/event-publisher.ts";
import { localProject } from "../../shared/names.ts";
import { aBid } from "../support/builders.ts";
import { readFeed } from "../support/read-feed.ts";
import { readNumbers } from "../support/read-numbers.ts";
import { runGavel } from "../support/run-gavel.ts";

const { rate, seconds } = readNumbers("npm run bench:freshness -- [--rate N] [--seconds N]", {
  rate: { default: 1000, min: 1, max: 100_000 },
  seconds: { default: 30, min: 1, max: 3600 },
});
const PROBE_EVERY_MS = 100;
const WARM_UP_MS = 15_000;

const sentAtMs: number[] = [];
const tookMs: number[] = [];
let pidOfRun = 0;
let text = "";
const startMs = Date.now();
const during = (pid: number): void => {
  pidOfRun = pid;
};
const onOutput = (output: string): void => {
  if (!/counted [1-9]/.test(text) && /counted [1-9]/.test(output)) {
    stdout.write(`first count on screen after ${Date.now() - startMs} ms\n`);
  }
  text = output;
};
const system = runGavel(["start", "--rate", String(rate)], during, { onOutput });
void system.then(({ stderr }) => {
  if (tookMs.length > 0) return;
  stdout.write(`gavel start ended before anything was shown: ${stderr}\n`);
  process.exit(1);
});
while (!/counted [1-9]/.test(text)) await systemClock.sleep(50);
await systemClock.sleep(WARM_UP_MS);

const pubsub = / (\S+) +GAVEL_PUBSUB_US$/m.exec(text)?.[1];
const publisher = new EventPublisher(
  {
    us: pubsubEndpoint("us", pubsub),
    eu: pubsubEndpoint("eu", pubsub),
    apac: pubsubEndpoint("apac", pubsub),
  },
  { project: localProject, clock: systemClock, random: Math.random },
);
const probes = (seconds * 1000) / PROBE_EVERY_MS;
const reading = readUntil(probes);
for (let probe = 0; probe < probes; probe++) {
  sentAtMs.push(Date.now());
  const bidId = `probe-${probe}`;
  const eventTimeUs = Date.now() * 1000;
  void publisher.publish([
    aBid({ bidId, eventId: `bid:${bidId}`, auctionId: "probe", eventTimeUs }),
  ]);
  await systemClock.sleep(PROBE_EVERY_MS);
}
await reading;
await publisher.close();
process.kill(-pidOfRun, "SIGINT");
await system;

const sorted = tookMs.toSorted((a, b) => a - b);
const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
const counted = /.*counted (\d+)/s.exec(text)?.[1];
stdout.write(
  `${sorted.length} probes beside ${rate} events/s (${counted} counted): publish to feed p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms\n`,
);

/** A probe counts as shown when the feed's sum over the auction's windows reaches its number. */
async function readUntil(wanted: number): Promise<void> {
  const url = /^Console: (\S+)$/m.exec(text)?.[1];
  for await (const { part, json } of readFeed(`${url}/feeds/counts?about=probe`)) {
    if (part !== "sought") continue;
    const { windows } = JSON.parse(json) as { windows: { bids: number }[] };
    const shown = windows.reduce((sum, { bids }) => sum + bids, 0);
    const nowMs = Date.now();
    while (tookMs.length < shown) tookMs.push(nowMs - (sentAtMs[tookMs.length] ?? nowMs));
    if (tookMs.length >= wanted) return;
  }
}
