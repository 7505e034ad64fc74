/**
 * A Pub/Sub client of raw gRPC calls: it builds and reads frames by hand, so that what a benchmark
 * measures is the server, and so that contract tests see what the official client hides.
 */
import { Client, type ClientDuplexStream, credentials, type ServiceError } from "@grpc/grpc-js";

const PUBLISH = "/google.pubsub.v1.Publisher/Publish";
const CREATE_TOPIC = "/google.pubsub.v1.Publisher/CreateTopic";
const STREAMING_PULL = "/google.pubsub.v1.Subscriber/StreamingPull";
const same = (bytes: Buffer) => bytes;

export class RawPubsubClient {
  readonly #client: Client;

  constructor(port: number) {
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
      "grpc.enable_channelz": 0,
      "grpc.enable_retries": 0,
      "grpc-node.flow_control_window": 4 * 1024 * 1024,
    });
  }

  publish(request: Buffer): Promise<Buffer> {
    return this.#call(PUBLISH, request);
  }

  createTopic(request: Buffer): Promise<Buffer> {
    return this.#call(CREATE_TOPIC, request);
  }

  streamingPull(): ClientDuplexStream<Buffer, Buffer> {
    return this.#client.makeBidiStreamRequest(STREAMING_PULL, same, same);
  }

  close(): void {
    this.#client.close();
  }

  #call(method: string, request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const settle = (error: ServiceError | null, response?: Buffer) =>
        error === null ? resolve(response ?? Buffer.alloc(0)) : reject(error);
      this.#client.makeUnaryRequest(method, same, same, request, settle);
    });
  }
}

/** A `PublishRequest` of as many messages of one key, all with this data. */
export function publishRequest(
  topic: string,
  messages: { readonly count: number; readonly data: Buffer; readonly orderingKey: string },
): Buffer {
  const fields = [lengthDelimited(1, messages.data)];
  if (messages.orderingKey !== "") {
    fields.push(lengthDelimited(5, Buffer.from(messages.orderingKey)));
  }
  const message = lengthDelimited(2, Buffer.concat(fields));
  return Buffer.concat([
    lengthDelimited(1, Buffer.from(topic)),
    ...Array.from({ length: messages.count }, () => message),
  ]);
}

/** The first `StreamingPullRequest` of a stream without limits. */
export function openRequest(subscription: string, ackDeadlineSeconds: number): Buffer {
  return Buffer.concat([
    lengthDelimited(1, Buffer.from(subscription)),
    Buffer.from([5 << 3]),
    varint(ackDeadlineSeconds),
  ]);
}

/**
 * A `StreamingPullRequest` that acks all messages of a response, and how many that are. The ack id
 * is field 1 of a received message and of a request field 2, so only its tag changes.
 */
export function ackRequest(response: Buffer): { request: Buffer; messages: number } {
  const parts: Buffer[] = [];
  let position = 0;
  while (position < response.length) {
    const tag = response[position] ?? 0;
    const [length, start] = readVarint(response, position + 1);
    if (tag === 0x0a && response[start] === 0x0a) {
      const [idLength, idStart] = readVarint(response, start + 1);
      const field = Buffer.allocUnsafe(idStart + idLength - start);
      response.copy(field, 0, start, idStart + idLength);
      field[0] = 0x12;
      parts.push(field);
    }
    position = start + length;
  }
  return { request: Buffer.concat(parts), messages: parts.length };
}

function lengthDelimited(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2]), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

function readVarint(bytes: Buffer, start: number): [value: number, end: number] {
  let value = 0;
  let shift = 0;
  let position = start;
  for (;;) {
    const byte = bytes[position++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value, position];
    shift += 7;
  }
}
