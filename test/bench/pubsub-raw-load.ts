/** The emulator at the limit: a raw client that costs little, and a backlog of a million messages. */
import "../support/google-env.ts";
import { v1 } from "@google-cloud/pubsub";
import { credentials } from "@grpc/grpc-js";
import type { EmulatorProcess } from "./pubsub-emulator-process.ts";
import type { Mode } from "./pubsub-official-load.ts";
import { ackRequest, openRequest, publishRequest, RawPubsubClient } from "./pubsub-raw-client.ts";

export interface RawResult {
  readonly messages: number;
  readonly wallSeconds: number;
  /** Of the emulator: publishing, delivering and acking. */
  readonly cpuSeconds: number;
  /** Of the emulator: delivering and acking alone. */
  readonly drainCpuSeconds: number;
}

const MESSAGES_PER_REQUEST = 1000;
const REQUESTS_AT_ONCE = 8;
/** Every second round is warm: the first lets the emulator's code be compiled. */
const ROUNDS = ["cold", "warm"] as const;

/** Publishes messages of 150 B in 1,000 keys while a stream receives and acks them all. */
export async function measureRaw(
  emulator: EmulatorProcess,
  mode: Mode,
  messages: number,
): Promise<RawResult> {
  let result: RawResult | undefined;
  for (const round of ROUNDS) {
    const names = await createPair(emulator.port, mode, `raw-${mode.name}-${round}`);
    const client = new RawPubsubClient(emulator.port);
    const startMs = performance.now();
    const cpuAtStart = emulator.cpuSeconds();
    await publishBacklog(client, names.topic, { messages, bytes: 150 });
    const cpuAtDrain = emulator.cpuSeconds();
    await drain(client, names.subscription, messages);
    result = {
      messages,
      wallSeconds: (performance.now() - startMs) / 1000,
      cpuSeconds: emulator.cpuSeconds() - cpuAtStart,
      drainCpuSeconds: emulator.cpuSeconds() - cpuAtDrain,
    };
    client.close();
  }
  if (result === undefined) throw new Error("there was no round");
  return result;
}

export async function createPair(
  port: number,
  mode: Mode,
  id: string,
): Promise<{ topic: string; subscription: string }> {
  const options = { servicePath: "127.0.0.1", port, sslCreds: credentials.createInsecure() };
  const publisher = new v1.PublisherClient({ ...options, projectId: "bench" });
  const subscriber = new v1.SubscriberClient({ ...options, projectId: "bench" });
  const topic = `projects/bench/topics/${id}`;
  const subscription = `projects/bench/subscriptions/${id}`;
  await publisher.createTopic({ name: topic });
  await subscriber.createSubscription({
    name: subscription,
    topic,
    enableMessageOrdering: mode.ordered,
    enableExactlyOnceDelivery: mode.exactlyOnce,
  });
  await Promise.all([publisher.close(), subscriber.close()]);
  return { topic, subscription };
}

/** Publishes in full requests, each of one of 1,000 keys in turn. */
export async function publishBacklog(
  client: RawPubsubClient,
  topic: string,
  load: { readonly messages: number; readonly bytes: number },
): Promise<void> {
  const data = Buffer.alloc(load.bytes, 0x61);
  const requests = load.messages / MESSAGES_PER_REQUEST;
  let next = 0;
  const publisher = async () => {
    while (next < requests) {
      const orderingKey = `key-${next++ % 1000}`;
      await client.publish(
        publishRequest(topic, { count: MESSAGES_PER_REQUEST, data, orderingKey }),
      );
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, publisher));
}

/** Receives and acks on one stream until so many messages came. */
export async function drain(
  client: RawPubsubClient,
  subscription: string,
  messages: number,
): Promise<void> {
  const stream = client.streamingPull();
  let received = 0;
  await new Promise<void>((resolve, reject) => {
    stream.on("error", reject);
    stream.on("data", (frame: Buffer) => {
      const acks = ackRequest(frame);
      received += acks.messages;
      if (acks.messages > 0) stream.write(acks.request);
      if (received >= messages) resolve();
    });
    stream.write(openRequest(subscription, 60));
  });
  stream.end();
  await new Promise<void>((resolve) => {
    stream.once("end", resolve);
    stream.resume();
  });
}
