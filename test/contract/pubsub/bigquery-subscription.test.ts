import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { serviceOf } from "../../../emulator/grpc/proto-services.ts";
import { type PubsubEmulator, startPubsubEmulator } from "../../../emulator/pubsub/server.ts";
import { createSubscription } from "../../../emulator/pubsub/subscription-calls.ts";
import { createTopic } from "../../../emulator/pubsub/topic-calls.ts";
import { publishRequest, RawPubsubClient } from "../../bench/pubsub-raw-client.ts";
import { until } from "../../support/until.ts";

const TOPIC = "projects/test/topics/topic";
const SUBSCRIPTION = "projects/test/subscriptions/rows";

interface Request {
  readonly protoRows: {
    readonly writerSchema: object | null;
    readonly rows: { readonly serializedRows: readonly Buffer[] };
  };
}

/** The Storage Write API as far as a BigQuery subscription calls it: it keeps the requests of each connection. */
class WriteService {
  readonly connections: Request[][] = [];
  /** Ends the connection instead of an answer, once. */
  breaksNext = false;
  readonly #server = new Server();

  async start(): Promise<string> {
    const service = "google.cloud.bigquery.storage.v1.BigQueryWrite";
    this.#server.addService(serviceOf("@google-cloud/bigquery-storage", service), {
      getWriteStream: (_: unknown, reply: (error: null, stream: object) => void) =>
        reply(null, { tableSchema: { fields: [{ name: "data", type: "BYTES" }] } }),
      appendRows: (call: ServerDuplexStream<Request, object>) => this.#serve(call),
    });
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    return `127.0.0.1:${port}`;
  }

  get requests(): Request[] {
    return this.connections.flat();
  }

  get rows(): string[] {
    return this.requests.flatMap(({ protoRows }) =>
      protoRows.rows.serializedRows.map((row) => row.subarray(2).toString()),
    );
  }

  close(): void {
    this.#server.forceShutdown();
  }

  #serve(call: ServerDuplexStream<Request, object>): void {
    const requests: Request[] = [];
    this.connections.push(requests);
    call.on("data", (request: Request) => {
      requests.push(request);
      if (!this.breaksNext) call.write({ appendResult: {} });
      else call.end();
      this.breaksNext = false;
    });
    call.on("end", () => call.end());
  }
}

const service = new WriteService();
let emulator: PubsubEmulator;
let client: RawPubsubClient;

beforeAll(async () => {
  emulator = await startPubsubEmulator({ bigQueryAddress: await service.start() });
  client = new RawPubsubClient(emulator.ports.us);
  const { catalog } = emulator.state;
  createTopic(catalog, { name: TOPIC } as never); // Absent fields are the wire's defaults.
  const resource = { name: SUBSCRIPTION, topic: TOPIC, ackDeadlineSeconds: 10 };
  const bigqueryConfig = { table: "test.set.table" };
  createSubscription(catalog, { ...resource, bigqueryConfig } as never, Date.now()); // As above.
});

afterAll(() => {
  client.close();
  emulator.close();
  service.close();
});

const publish = (text: string) =>
  client.publish(publishRequest(TOPIC, { count: 1, data: Buffer.from(text), orderingKey: "" }));

test("messages go in order on one connection, the rows' type in its first request", async () => {
  const texts = Array.from({ length: 200 }, (_, index) => `m${index}`);
  for (const text of texts) await publish(text);
  await until(() => service.rows.length >= texts.length);
  expect(service.rows).toEqual(texts);
  expect(service.connections.length).toBe(1);
  expect(service.requests.map(({ protoRows }) => protoRows.writerSchema !== null)).toEqual(
    service.requests.map((_, index) => index === 0),
  );
});

test("on a new connection the rows that were not answered come again, and the rows' type before them", async () => {
  service.breaksNext = true;
  await publish("lost");
  await until(() => service.rows.filter((text) => text === "lost").length >= 2);
  expect(service.connections.length).toBe(2);
  expect(service.connections.at(-1)?.[0]?.protoRows.writerSchema).not.toBeNull();
});
