import "./google-env.ts";
import { v1 } from "@google-cloud/pubsub";
import { credentials } from "@grpc/grpc-js";
import { type PubsubEmulator, startPubsubEmulator } from "../../emulator/pubsub/server.ts";
import type { AuctionEvent } from "../../shared/core/auction/event.ts";
import { localProject, type RegionName, topics } from "../../shared/names.ts";
import { decodeEvent } from "../../shared/wire/event-codec.ts";

const TOPIC = `projects/${localProject}/topics/${topics.auctionEvents.name}`;
const SUBSCRIPTION = `projects/${localProject}/subscriptions/everything`;

/** The Pub/Sub emulator with the topic of events, and a subscription that shows what came to it. */
export class TopicWorld {
  readonly emulator: PubsubEmulator;
  readonly #subscriber: v1.SubscriberClient;

  private constructor(emulator: PubsubEmulator, subscriber: v1.SubscriberClient) {
    this.emulator = emulator;
    this.#subscriber = subscriber;
  }

  static async start(): Promise<TopicWorld> {
    const emulator = await startPubsubEmulator();
    const local = {
      projectId: localProject,
      servicePath: "127.0.0.1",
      port: emulator.ports.default,
      sslCreds: credentials.createInsecure(),
    };
    const publisher = new v1.PublisherClient(local);
    await publisher.createTopic({ name: TOPIC });
    await publisher.close();
    const subscriber = new v1.SubscriberClient(local);
    await subscriber.createSubscription({ name: SUBSCRIPTION, topic: TOPIC });
    return new TopicWorld(emulator, subscriber);
  }

  /** `host:port` of each region's endpoint. */
  get addresses(): Readonly<Record<RegionName, string>> {
    const { us, eu, apac } = this.emulator.ports;
    return { us: `127.0.0.1:${us}`, eu: `127.0.0.1:${eu}`, apac: `127.0.0.1:${apac}` };
  }

  /** Events that nobody has received yet. */
  get waitingEvents(): number {
    return this.emulator
      .backlog()
      .reduce((sum, { undeliveredMessages }) => sum + undeliveredMessages, 0);
  }

  /** The events that came since the last call, at least `count` of them. */
  async received(count: number): Promise<AuctionEvent[]> {
    const events: AuctionEvent[] = [];
    for (let empty = 0; empty < 3 && !(events.length >= count && empty > 0); ) {
      const [{ receivedMessages }] = await this.#subscriber.pull(
        { subscription: SUBSCRIPTION, maxMessages: 1000, returnImmediately: true },
        { timeout: 10_000 },
      );
      const messages = receivedMessages ?? [];
      if (messages.length === 0) empty++;
      else {
        const ackIds = messages.map(({ ackId }) => ackId ?? "");
        await this.#subscriber.acknowledge({ subscription: SUBSCRIPTION, ackIds });
      }
      for (const { message } of messages) events.push(eventOf(message?.data));
    }
    return events;
  }

  async close(): Promise<void> {
    await this.#subscriber.close();
    this.emulator.close();
  }
}

function eventOf(data: Uint8Array | string | null | undefined): AuctionEvent {
  const event = decodeEvent(Buffer.from(data ?? ""));
  if ("kind" in event) throw new Error(`what was published is no event: ${event.reason}`);
  return event;
}
