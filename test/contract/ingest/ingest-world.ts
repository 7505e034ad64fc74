import type { AuctionEvent } from "../../../shared/core/auction/event.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import { createPublisher } from "../../../shared/io/create-publisher.ts";
import type { EventPublisher } from "../../../shared/io/event-publisher.ts";
import { MemoryMetrics } from "../../../shared/io/metrics.ts";
import { localProject, type RegionName, regions } from "../../../shared/names.ts";
import { IngestServer } from "../../../workers/ingest/ingest-server.ts";
import { SenderCheck } from "../../../workers/ingest/sender-check.ts";
import { readSourceKeys } from "../../../workers/ingest/source-keys.ts";
import { RequestTaker } from "../../../workers/ingest/take-request.ts";
import { testKeys } from "../../support/ingest-client.ts";
import { TopicWorld } from "../../support/topic-world.ts";

/** Ingest in this process, in front of a topic. */
export class IngestWorld {
  readonly port: number;
  readonly topic: TopicWorld;
  readonly metrics: MemoryMetrics;
  readonly #server: IngestServer;
  readonly #publisher: EventPublisher;

  private constructor(parts: {
    port: number;
    topic: TopicWorld;
    metrics: MemoryMetrics;
    server: IngestServer;
    publisher: EventPublisher;
  }) {
    this.port = parts.port;
    this.topic = parts.topic;
    this.metrics = parts.metrics;
    this.#server = parts.server;
    this.#publisher = parts.publisher;
  }

  static async start(options: {
    readonly signing: "on" | "off";
    readonly regions?: readonly RegionName[];
    readonly eventsInFlightMax?: number;
    readonly publishTimeoutMs?: number;
  }): Promise<IngestWorld> {
    const topic = await TopicWorld.start();
    const publisher = createPublisher({ project: localProject, pubsub: topic.addresses });
    const metrics = new MemoryMetrics();
    const keys = readSourceKeys(JSON.stringify(testKeys), (fault) => {
      throw new Error(fault);
    });
    const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const ports = {
      publisher,
      clock: systemClock,
      log: silent,
      metrics,
      senders: options.signing === "on" ? new SenderCheck(keys, 1024) : undefined,
    };
    const bounds = { eventsInFlightMax: 10_000, publishTimeoutMs: 10_000 };
    const limits = { region: "us", regions, ...bounds } as const;
    const taker = new RequestTaker(ports, { ...limits, ...options });
    const server = new IngestServer(taker, ports, 16_777_216);
    const port = await server.listen(0, "127.0.0.1");
    return new IngestWorld({ port, topic, metrics, server, publisher });
  }

  received(count: number): Promise<AuctionEvent[]> {
    return this.topic.received(count);
  }

  /** Ends ingest as SIGTERM does; what is under way is answered. */
  drain(): Promise<void> {
    return this.#server.close();
  }

  async close(): Promise<void> {
    this.#server.server.closeAllConnections();
    await this.#server.close();
    await this.#publisher.close();
    await this.topic.close();
  }
}
