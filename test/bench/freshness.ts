/**
 * How long an event takes from its publishing to the page, beside live traffic: `npm run bench:freshness --
 * [--rate 1000] [--seconds 30]`, in the whole system with its detector, settlement and archive.
 */
import { stdout } from "node:process";
import { systemClock } from "../../shared/io/clock.ts";
import { pubsubEndpoint } from "../../shared/io/endpoints.ts";
import { EventPublisher } from "../../shared/io/event-publisher.ts";
import { localProject } from "../../shared/names.ts";
import { readNumbers } from "../support/read-numbers.ts";
import { runGavel } from "../support/run-gavel.ts";
import { probePage, quantilesOf, tenthsOf } from "./probe-page.ts";

const { rate, seconds } = readNumbers("npm run bench:freshness -- [--rate N] [--seconds N]", {
  rate: { default: 1000, min: 1, max: 100_000 },
  seconds: { default: 30, min: 1, max: 3600 },
});
const WARM_UP_MS = 15_000;

let isShown = false;
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
  if (isShown) return;
  stdout.write(`gavel start ended before all was shown: ${stderr}\n`);
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
const url = /^Console: (\S+)$/m.exec(text)?.[1] ?? "";
const tookMs = await probePage(url, publisher, seconds);
isShown = true;
await publisher.close();
process.kill(-pidOfRun, "SIGINT");
await system;

const { p50, p99, max } = quantilesOf(tookMs);
const p99s = tenthsOf(tookMs).map((each) => quantilesOf(each).p99);
const counted = /.*counted (\d+)/s.exec(text)?.[1];
stdout.write(
  `${tookMs.length} probes beside ${rate} events/s (${counted} counted): publish to page p50 ${p50} ms, p99 ${p99} ms, max ${max} ms\np99 of each tenth of the run, ms: ${p99s.join("  ")}\n`,
);
