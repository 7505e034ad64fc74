/** The official client as publisher and subscriber: what a test of a system on an emulator would see. */
import "../support/google-env.ts";
import { type Message, PubSub, type Subscription, type Topic } from "@google-cloud/pubsub";
import { credentials } from "@grpc/grpc-js";
import type { EmulatorProcess } from "./pubsub-emulator-process.ts";

export interface Mode {
  readonly name: string;
  readonly ordered: boolean;
  readonly exactlyOnce: boolean;
}

export const MODES: readonly Mode[] = [
  { name: "plain", ordered: false, exactlyOnce: false },
  { name: "ordered", ordered: true, exactlyOnce: false },
  { name: "exactly-once", ordered: false, exactlyOnce: true },
  { name: "both", ordered: true, exactlyOnce: true },
];

export interface OfficialResult {
  readonly publishedPerSecond: number;
  readonly consumedPerSecond: number;
  readonly failedAcks: number;
  /** Of the emulator, for publishing and consuming. */
  readonly cpuSeconds: number;
  readonly messages: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const KEYS = 1000;
const MESSAGE_BYTES = 150;
const PACED = { messages: 1000, perTick: 5, tickMs: 10 } as const;
const CLOSE_MS_MAX = 3000;
const CONSUME_MS_MAX = 20_000;

/** Publishes a backlog, consumes it at full speed, then measures latency at 500 messages/s. */
export async function measureOfficial(
  emulator: EmulatorProcess,
  mode: Mode,
  messages: number,
): Promise<OfficialResult> {
  const pubsub = new PubSub({
    projectId: "bench",
    apiEndpoint: `127.0.0.1:${emulator.port}`,
    sslCreds: credentials.createInsecure(),
  });
  const [{ name }] = await pubsub.createTopic(`bench-${mode.name}`);
  const topic = pubsub.topic(name, { messageOrdering: mode.ordered });
  const [created] = await topic.createSubscription(`bench-${mode.name}`, {
    enableMessageOrdering: mode.ordered,
    enableExactlyOnceDelivery: mode.exactlyOnce,
    ackDeadlineSeconds: 60,
  });
  const subscription = pubsub.subscription(created.name, {
    flowControl: { maxMessages: 10_000, allowExcessMessages: false },
    batching: { maxMilliseconds: 5 },
  });
  const cpuBefore = emulator.cpuSeconds();
  const publishMs = await publishAll(topic, mode, messages);
  const consumer = new Consumer(subscription, mode);
  const consumeMs = await consumer.consume(messages, CONSUME_MS_MAX);
  const cpuSeconds = emulator.cpuSeconds() - cpuBefore;
  const consumed = consumer.acked;
  const latenciesMs = await latencies(topic, consumer, mode);
  // The client waits for acks that it tries again, which against Google's emulator takes minutes.
  await Promise.race([subscription.close().then(() => pubsub.close()), pause(CLOSE_MS_MAX)]);
  return {
    publishedPerSecond: (messages / publishMs) * 1000,
    consumedPerSecond: (consumed / consumeMs) * 1000,
    failedAcks: consumer.failedAcks,
    cpuSeconds,
    messages: consumed,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
  };
}

/** The data of a message: when it is published, padded to its size. */
function dataAt(timeMs: number): Buffer {
  const data = Buffer.alloc(MESSAGE_BYTES);
  data.writeDoubleLE(timeMs, 0);
  return data;
}

async function publishAll(topic: Topic, mode: Mode, messages: number): Promise<number> {
  const startMs = performance.now();
  const published: Promise<string>[] = [];
  for (let index = 0; index < messages; index++) {
    published.push(publishOne(topic, mode, index));
    if (published.length === 10_000) await Promise.all(published.splice(0));
  }
  await Promise.all(published);
  return performance.now() - startMs;
}

function publishOne(topic: Topic, mode: Mode, index: number): Promise<string> {
  const data = dataAt(performance.now());
  return topic.publishMessage(
    mode.ordered ? { data, orderingKey: `key-${index % KEYS}` } : { data },
  );
}

class Consumer {
  acked = 0;
  failedAcks = 0;
  latenciesMs: number[] = [];
  readonly #subscription: Subscription;
  readonly #seen = new Set<string>();
  readonly #mode: Mode;

  constructor(subscription: Subscription, mode: Mode) {
    this.#subscription = subscription;
    this.#mode = mode;
    subscription.on("error", (error) => process.stderr.write(`${error.message}\n`));
  }

  /** Acks all that comes until so many are acked, or the time is up. Returns how long it took. */
  async consume(messages: number, maxMs: number): Promise<number> {
    const startMs = performance.now();
    this.#subscription.on("message", (message) => this.#receive(message));
    while (this.acked < messages && performance.now() - startMs < maxMs) await pause(5);
    return performance.now() - startMs;
  }

  #receive(message: Message): void {
    this.latenciesMs.push(performance.now() - message.data.readDoubleLE(0));
    if (!this.#mode.exactlyOnce) {
      message.ack();
      this.#countOnce(message.id);
      return;
    }
    message.ackWithResponse().then(
      () => this.#countOnce(message.id),
      () => {
        this.failedAcks++;
      },
    );
  }

  #countOnce(messageId: string): void {
    this.#seen.add(messageId);
    this.acked = this.#seen.size;
  }
}

async function latencies(topic: Topic, consumer: Consumer, mode: Mode): Promise<number[]> {
  consumer.latenciesMs = [];
  const published: Promise<string>[] = [];
  while (published.length < PACED.messages) {
    for (let index = 0; index < PACED.perTick; index++) {
      published.push(publishOne(topic, mode, published.length));
    }
    await pause(PACED.tickMs);
  }
  await Promise.all(published);
  await pause(500);
  return consumer.latenciesMs.sort((a, b) => a - b);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
