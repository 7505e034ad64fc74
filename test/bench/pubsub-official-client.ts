/**
 * A process with Google's own client in it, as a load test's worker has: publishes and consumes as its
 * parent says by messages, and answers each. Alone in its process, so that its CPU time can be told.
 */
import "../support/google-env.ts";
import { type Message, PubSub, type Subscription } from "@google-cloud/pubsub";
import { credentials } from "@grpc/grpc-js";
import { pause } from "../contract/pubsub/pubsub-world.ts";

export type Command =
  | { readonly kind: "connect"; readonly port: number }
  | { readonly kind: "publish"; readonly load: PublishLoad }
  | { readonly kind: "consume"; readonly subscription: string; readonly exactlyOnce: boolean }
  | { readonly kind: "acked" }
  | { readonly kind: "stop" };

export interface PublishLoad {
  readonly topic: string;
  readonly ordered: boolean;
  readonly messages: number;
  /** Messages every 10 ms; 0 is as fast as it goes. */
  readonly perTick: number;
}

/** What came of consuming. */
export interface Consumed {
  /** When each message was acked for the first time, on the clock that processes share. */
  readonly ackTimesMs: readonly number[];
  readonly latenciesMs: readonly number[];
  readonly failedAcks: number;
  /** Of the thread that runs the client, without V8's helpers. */
  readonly cpuSeconds: number;
}

const KEYS = 1000;
const MESSAGE_BYTES = 150;
const TICK_MS = 10;
/** Publishes that may be on their way at once. */
const UNPUBLISHED_MAX = 10_000;
/** What the client holds unacked by default. */
const OUTSTANDING_MESSAGES_MAX = 1000;
/** The client waits for acks that it tries again, which against Google's emulator takes minutes. */
const CLOSE_MS_MAX = 2000;

let pubsub: PubSub;
let consumer: Consumer | undefined;

process.on("message", (command: Command) => {
  carryOut(command).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit());

async function carryOut(command: Command): Promise<unknown> {
  switch (command.kind) {
    case "connect":
      pubsub = new PubSub({
        projectId: "bench",
        apiEndpoint: `127.0.0.1:${command.port}`,
        sslCreds: credentials.createInsecure(),
      });
      return null;
    case "publish":
      return await publish(command.load);
    case "consume":
      consumer = new Consumer(command.subscription, command.exactlyOnce);
      return null;
    case "acked":
      return consumer?.acked ?? 0;
    case "stop":
      return await consumer?.stop();
  }
}

/** The data of a message: when it is published, padded to its size. */
function dataNow(): Buffer {
  const data = Buffer.alloc(MESSAGE_BYTES);
  data.writeDoubleLE(nowMs(), 0);
  return data;
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Returns how long it took. */
async function publish({ topic: name, ordered, messages, perTick }: PublishLoad): Promise<number> {
  const topic = pubsub.topic(name, { messageOrdering: ordered });
  const startMs = performance.now();
  const published: Promise<string>[] = [];
  for (let index = 0; index < messages; index++) {
    const data = dataNow();
    const message = ordered ? { data, orderingKey: `key-${index % KEYS}` } : { data };
    published.push(topic.publishMessage(message));
    if (perTick > 0 && index % perTick === 0) await pause(TICK_MS);
    if (published.length === UNPUBLISHED_MAX) await Promise.all(published.splice(0));
  }
  await Promise.all(published);
  return performance.now() - startMs;
}

class Consumer {
  readonly #subscription: Subscription;
  readonly #exactlyOnce: boolean;
  readonly #ackTimesMs = new Map<string, number>();
  readonly #latenciesMs: number[] = [];
  readonly #cpuBefore = process.threadCpuUsage();
  #failedAcks = 0;

  constructor(name: string, exactlyOnce: boolean) {
    this.#exactlyOnce = exactlyOnce;
    this.#subscription = pubsub.subscription(name, {
      flowControl: { maxMessages: OUTSTANDING_MESSAGES_MAX, allowExcessMessages: false },
      batching: { maxMilliseconds: 5 },
    });
    this.#subscription.on("error", (error) => process.stderr.write(`${error.message}\n`));
    this.#subscription.on("message", (message) => this.#receive(message));
  }

  get acked(): number {
    return this.#ackTimesMs.size;
  }

  async stop(): Promise<Consumed> {
    const { user, system } = process.threadCpuUsage(this.#cpuBefore);
    await Promise.race([this.#subscription.close(), pause(CLOSE_MS_MAX)]);
    return {
      ackTimesMs: [...this.#ackTimesMs.values()],
      latenciesMs: this.#latenciesMs,
      failedAcks: this.#failedAcks,
      cpuSeconds: (user + system) / 1e6,
    };
  }

  #receive(message: Message): void {
    this.#latenciesMs.push(nowMs() - message.data.readDoubleLE(0));
    if (!this.#exactlyOnce) {
      message.ack();
      this.#countOnce(message.id);
      return;
    }
    message.ackWithResponse().then(
      () => this.#countOnce(message.id),
      () => {
        this.#failedAcks++;
      },
    );
  }

  #countOnce(messageId: string): void {
    if (!this.#ackTimesMs.has(messageId)) this.#ackTimesMs.set(messageId, nowMs());
  }
}
