import { v1 } from "@google-cloud/pubsub";
import { type AuctionEvent, orderingKeyOf, type Region } from "../core/auction/event.ts";
import { ID_LENGTH_MAX } from "../core/auction/read-event.ts";
import { RetryableError } from "../core/errors.ts";
import { Fingerprint } from "../core/fingerprint.ts";
import { eventAttributes, topics } from "../names.ts";
import { encodeEvent } from "../wire/event-codec.ts";
import { jitteredMs } from "./backoff.ts";
import { hostAndPort, type PubsubEndpoint } from "./endpoints.ts";
import { classified } from "./grpc-status.ts";
import type { Clock } from "./ports.ts";

/** A PublishRequest holds at most 1,000 messages and 10 MB; events are below 2 KB. */
const REQUEST_MESSAGES_MAX = 1000;
const TRIES_MAX = 6;
const RETRY_BACKOFF = { minMs: 50, maxMs: 5000 };
const DEADLINE_MS = 30_000;
/** An auction's id has at most 128 characters. */
const ID_BYTES_MAX = ID_LENGTH_MAX * 4;

type Message = Readonly<{
  data: Uint8Array;
  attributes: Record<string, string>;
  orderingKey: string;
}>;

/** What waits to be sent on one ordering key; one request of a key is under way at a time. */
interface KeyQueue {
  readonly key: string;
  messages: Message[];
  isSending: boolean;
  waiters: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[];
}

/**
 * Publishes events through each region's own endpoint, in order within an ordering key, with one key a
 * request and as many messages in it as wait. A retry may publish a message twice; identity tells.
 */
export class EventPublisher {
  readonly #clients: Readonly<Record<Region, v1.PublisherClient>>;
  readonly #topic: string;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #queues = new Map<string, KeyQueue>();
  readonly #fingerprint = new Fingerprint();
  /** The id that the fingerprint is taken of. */
  readonly #auctionId = Buffer.alloc(ID_BYTES_MAX);

  constructor(
    endpoints: Readonly<Record<Region, PubsubEndpoint>>,
    options: { readonly project: string; readonly clock: Clock; readonly random: () => number },
  ) {
    this.#fingerprint.open(this.#auctionId);
    this.#topic = `projects/${options.project}/topics/${topics.auctionEvents.name}`;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#clients = {
      us: createPublisherClient(endpoints.us, options.project),
      eu: createPublisherClient(endpoints.eu, options.project),
      apac: createPublisherClient(endpoints.apac, options.project),
    };
  }

  /**
   * Resolves once Pub/Sub has every event. Rejects, once nothing more is under way, with a RetryableError
   * where it may not have some.
   */
  async publish(events: readonly AuctionEvent[]): Promise<void> {
    const touched = new Set<KeyQueue>();
    for (const event of events) {
      const message = this.#messageOf(event);
      const queue = this.#queueOf(message.orderingKey);
      queue.messages.push(message);
      touched.add(queue);
    }
    const sent = [...touched].map(
      (queue) =>
        new Promise<void>((resolve, reject) => {
          queue.waiters.push({ resolve, reject });
        }),
    );
    for (const queue of touched) if (!queue.isSending) void this.#drain(queue);
    const outcomes = await Promise.allSettled(sent);
    const failed = outcomes.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#clients).map((client) => client.close()));
  }

  #messageOf(event: AuctionEvent): Message {
    this.#fingerprint.of(0, this.#auctionId.write(event.auctionId));
    return {
      data: encodeEvent(event),
      attributes: { [eventAttributes.region]: event.region, [eventAttributes.type]: event.type },
      orderingKey: orderingKeyOf(event.region, this.#fingerprint.low),
    };
  }

  #queueOf(key: string): KeyQueue {
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = { key, messages: [], isSending: false, waiters: [] };
      this.#queues.set(key, queue);
    }
    return queue;
  }

  /** Sends all that waits on a key. A failure fails everybody who waits on it: order allows no gap. */
  async #drain(queue: KeyQueue): Promise<void> {
    queue.isSending = true;
    while (queue.messages.length > 0) {
      const { messages, waiters } = queue;
      queue.messages = [];
      queue.waiters = [];
      try {
        for (let from = 0; from < messages.length; from += REQUEST_MESSAGES_MAX) {
          await this.#send(queue.key, messages.slice(from, from + REQUEST_MESSAGES_MAX));
        }
        for (const { resolve } of waiters) resolve();
      } catch (error) {
        for (const { reject } of waiters) reject(error);
      }
    }
    queue.isSending = false;
    this.#queues.delete(queue.key);
  }

  async #send(key: string, messages: readonly Message[]): Promise<void> {
    const region = key.slice(0, key.indexOf("/")) as Region; // orderingKeyOf put it there.
    for (let tries = 1; ; tries++) {
      try {
        const request = { topic: this.#topic, messages: [...messages] };
        await this.#clients[region].publish(request, { timeout: DEADLINE_MS, retry: null });
        return;
      } catch (error) {
        const failure = classified(error, `publish ${messages.length} events of ${key}`);
        if (!(failure instanceof RetryableError) || tries >= TRIES_MAX) throw failure;
        await this.#clock.sleep(jitteredMs(RETRY_BACKOFF, tries, this.#random));
      }
    }
  }
}

/** Pub/Sub's own publishing client, at one region's endpoint. */
export function createPublisherClient(
  endpoint: PubsubEndpoint,
  projectId: string,
): v1.PublisherClient {
  const { host: apiEndpoint, port } = hostAndPort(endpoint.address);
  return new v1.PublisherClient({ projectId, apiEndpoint, port, sslCreds: endpoint.credentials });
}
