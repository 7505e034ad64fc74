import "../../support/google-env.ts";
import { PubSub, v1 } from "@google-cloud/pubsub";
import { credentials } from "@grpc/grpc-js";

const PROJECT = "projects/conformance";

export interface Received {
  readonly ackId: string;
  readonly deliveryAttempt: number;
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly orderingKey: string;
}

/** A frame of a StreamingPull as the official generated client decodes it. */
interface PullFrame {
  readonly receivedMessages: readonly WireReceived[];
  readonly acknowledgeConfirmation: {
    readonly ackIds: string[];
    readonly invalidAckIds: string[];
  } | null;
  readonly subscriptionProperties: {
    readonly exactlyOnceDeliveryEnabled: boolean;
    readonly messageOrderingEnabled: boolean;
  } | null;
}

interface WireReceived {
  readonly ackId?: string | null;
  readonly deliveryAttempt?: number | null;
  readonly message?: {
    readonly data?: Uint8Array | string | null;
    readonly attributes?: { readonly [key: string]: string } | null;
    readonly orderingKey?: string | null;
  } | null;
}

/** One emulator, seen through the official clients, and names that no other case uses. */
export class PubsubWorld {
  readonly publisher: v1.PublisherClient;
  readonly subscriber: v1.SubscriberClient;
  readonly schemas: v1.SchemaServiceClient;
  readonly port: number;
  readonly #streams: PullStream[] = [];
  #next = 1;

  constructor(port: number) {
    this.port = port;
    const options = {
      servicePath: "127.0.0.1",
      port,
      sslCreds: credentials.createInsecure(),
      projectId: "conformance",
    };
    this.publisher = new v1.PublisherClient(options);
    this.subscriber = new v1.SubscriberClient(options);
    this.schemas = new v1.SchemaServiceClient(options);
  }

  get project(): string {
    return PROJECT;
  }

  name(collection: string): string {
    return `${PROJECT}/${collection}/case-${this.#next++}`;
  }

  async topic(fields: object = {}): Promise<string> {
    const name = this.name("topics");
    await this.publisher.createTopic({ name, ...fields });
    return name;
  }

  async subscription(topic: string, fields: object = {}): Promise<string> {
    const name = this.name("subscriptions");
    await this.subscriber.createSubscription({ name, topic, ...fields });
    return name;
  }

  async publish(topic: string, texts: readonly string[], fields: object = {}): Promise<string[]> {
    const messages = texts.map((text) => ({ data: Buffer.from(text), ...fields }));
    const [{ messageIds }] = await this.publisher.publish({ topic, messages });
    return messageIds ?? [];
  }

  /** Pulls until `count` messages came, or nothing more comes. */
  async pull(subscription: string, count: number): Promise<Received[]> {
    const received: Received[] = [];
    for (let empty = 0; received.length < count && empty < 10; ) {
      const [{ receivedMessages }] = await this.subscriber.pull(
        { subscription, maxMessages: count - received.length, returnImmediately: true },
        { timeout: 5000 },
      );
      if (!receivedMessages?.length) {
        empty++;
        await pause(100);
      }
      received.push(...(receivedMessages ?? []).map(receivedOf));
    }
    return received;
  }

  async ack(subscription: string, ...received: readonly Received[]): Promise<void> {
    const ackIds = received.map(({ ackId }) => ackId);
    await this.subscriber.acknowledge({ subscription, ackIds });
  }

  async nack(subscription: string, ...received: readonly Received[]): Promise<void> {
    const ackIds = received.map(({ ackId }) => ackId);
    await this.subscriber.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds: 0 });
  }

  /** Makes a protobuf schema. */
  async schema(definition: string): Promise<{ name: string; revisionId: string }> {
    const schemaId = this.name("schemas").slice(`${PROJECT}/schemas/`.length);
    const schema = { name: "", type: "PROTOCOL_BUFFER" as const, definition };
    const request = { parent: PROJECT, schemaId, schema };
    const [{ name, revisionId }] = await this.schemas.createSchema(request, {});
    return { name: name ?? "", revisionId: revisionId ?? "" };
  }

  stream(subscription: string, fields: object = {}): PullStream {
    const stream = new PullStream(this.subscriber, subscription, fields);
    this.#streams.push(stream);
    return stream;
  }

  /** The hand-written client that applications use. */
  pubsub(): PubSub {
    return new PubSub({
      projectId: "conformance",
      apiEndpoint: `127.0.0.1:${this.port}`,
      sslCreds: credentials.createInsecure(),
    });
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.close();
    await until(() => this.#streams.every(({ hasEnded }) => hasEnded));
    await Promise.all([this.publisher.close(), this.subscriber.close(), this.schemas.close()]);
  }
}

/** A StreamingPull whose frames are kept. */
export class PullStream {
  readonly frames: PullFrame[] = [];
  hasEnded = false;
  error: { readonly code?: number; readonly details?: string } | undefined;
  readonly #call: ReturnType<v1.SubscriberClient["streamingPull"]>;

  constructor(subscriber: v1.SubscriberClient, subscription: string, fields: object) {
    this.#call = subscriber.streamingPull();
    this.#call.on("data", (frame: PullFrame) => this.frames.push(frame));
    this.#call.on("error", (error: { code?: number; details?: string }) => {
      this.hasEnded = true;
      this.error = error;
    });
    this.write({ subscription, streamAckDeadlineSeconds: 10, ...fields });
  }

  get received(): Received[] {
    return this.frames.flatMap(({ receivedMessages }) => receivedMessages.map(receivedOf));
  }

  write(request: object): void {
    this.#call.write(request);
  }

  close(): void {
    this.#call.cancel();
  }
}

function receivedOf({ ackId, deliveryAttempt, message }: WireReceived): Received {
  return {
    ackId: ackId ?? "",
    deliveryAttempt: deliveryAttempt ?? 0,
    text: Buffer.from(message?.data ?? "").toString(),
    attributes: message?.attributes ?? {},
    orderingKey: message?.orderingKey ?? "",
  };
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until the condition holds, at most so long. */
export async function until(isTrue: () => boolean, timeoutMs = 20_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; !isTrue(); await pause(10)) {
    if (Date.now() > end) throw new Error("what was waited for did not happen in time");
  }
}

export interface Refusal {
  readonly code: unknown;
  readonly errorInfoMetadata: unknown;
}

/** The error that a call ends with, or undefined where it succeeds. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      code: "code" in error ? error.code : undefined,
      errorInfoMetadata: "errorInfoMetadata" in error ? error.errorInfoMetadata : undefined,
    };
  }
}
