/**
 * `npm run bench:pipeline [-- --events N --rate N --seconds N]`: the window worker against the plain way
 * to count, on the same backlog in one run, in events per CPU second of the consumer's process; then the
 * time from publishing an event to its row in BigQuery and to the page, at a steady rate, and the workers' memory.
 */
import { PubSub } from "@google-cloud/pubsub";
import { createPublisher } from "../../../shared/io/create-publisher.ts";
import type { MetricsSnapshot } from "../../../shared/io/metrics.ts";
import { subscriptionOf, topics } from "../../../shared/names.ts";
import { startLocalEmulators } from "../../support/local-emulators.ts";
import { readNumbers } from "../../support/read-numbers.ts";
import { AuctionBids, BIDS_PER_AUCTION } from "./auction-bids.ts";
import { measureConsumer, type Throughput } from "./consumers.ts";
import { measureLatency } from "./latency.ts";
import type { ConsumerProgress } from "./report-progress.ts";

const usage = "npm run bench:pipeline -- [--events N] [--rate N] [--seconds N]";
const { events, rate, seconds } = readNumbers(usage, {
  events: { default: 1_000_000, min: 1, max: 100_000_000 },
  rate: { default: 5000, min: 1, max: 1_000_000 },
  seconds: { default: 300, min: 1, max: 86_400 },
});

const emulators = await startLocalEmulators();
const { addresses, environment } = emulators;
const variables = {
  ...environment,
  GAVEL_REGION: "us",
  PUBSUB_EMULATOR_HOST: environment["GAVEL_PUBSUB_US"] ?? "",
};
await publishBacklog();
const plain = await consumed("plain", "plain-consumer.ts");
const same = await consumed("same", "plain-consumer.ts");
const receive = await consumed("receive", "receive-consumer.ts");
const worker = await measureConsumer(
  { name: "bench-worker", entry: "workers/window/main.ts", variables },
  events,
  (message) => counted((message as { metrics: MetricsSnapshot }).metrics),
);
report("plain: on('message'), one Map, no commit", plain);
report("the same on the worker's kind of subscription", same);
report("worker: receive, decode, dedup, window, ack", receive);
report("worker: whole, committed and published", worker);
process.stdout.write("\n");
await measureLatency(emulators, {
  eventsPerSecond: rate,
  seconds,
});
await emulators.stop();
process.exit();

/** Makes a subscription a contender and publishes to all of them at once. */
async function publishBacklog(): Promise<void> {
  const pubsub = new PubSub({
    projectId: addresses.project,
    apiEndpoint: addresses.pubsub.us ?? "",
  });
  const topic = pubsub.topic(topics.auctionEvents.name);
  await topic.createSubscription("bench-plain", { ackDeadlineSeconds: 60 });
  const { filter } = subscriptionOf("window", "us");
  const worked = {
    ackDeadlineSeconds: 60,
    enableMessageOrdering: true,
    enableExactlyOnceDelivery: true,
    filter,
  };
  await topic.createSubscription("bench-same", worked);
  await topic.createSubscription("bench-receive", worked);
  await pubsub.close();
  const publisher = createPublisher(addresses);
  const bids = new AuctionBids(1, ["us"]);
  const auctionsAtOnce = 250;
  const startMs = Date.now() - 120_000;
  for (let sent = 0, second = 0; sent < events; second++) {
    const batch = bids.next(auctionsAtOnce, startMs + second * 1000).slice(0, events - sent);
    await publisher.publish(batch);
    sent += batch.length;
  }
  await publisher.close();
  process.stdout.write(`${events} bids, ${BIDS_PER_AUCTION} an auction\n\n`);
}

function consumed(name: string, entry: string): Promise<Throughput> {
  return measureConsumer(
    {
      name: `bench-${name}`,
      entry: `test/bench/pipeline/${entry}`,
      variables: { ...variables, BENCH_SUBSCRIPTION: `bench-${name}` },
    },
    events,
    (message) => message as ConsumerProgress,
  );
}

function counted({ counters, gauges }: MetricsSnapshot): ConsumerProgress {
  return {
    events: counters["events_counted"] ?? 0,
    cpuUs: (gauges["cpu_ms"] ?? 0) * 1000,
  };
}

function report(name: string, { events: consumed, perSecond, perCpuSecond }: Throughput): void {
  if (Number.isNaN(perCpuSecond)) {
    process.stdout.write(
      `${name.padEnd(46)} took too little time to measure: give more --events\n`,
    );
    return;
  }
  const stuck = consumed < events ? `, stuck at ${consumed}` : "";
  const times = (of: Throughput): string =>
    `${(perCpuSecond / of.perCpuSecond).toFixed(1).padStart(6)}`;
  process.stdout.write(
    `${name.padEnd(46)} ${Math.round(perCpuSecond).toLocaleString("en-US").padStart(9)} events/CPU s  ${Math.round(perSecond).toLocaleString("en-US").padStart(9)} events/s  ${times(plain)} and ${times(same)} times the two plain ways${stuck}\n`,
  );
}
