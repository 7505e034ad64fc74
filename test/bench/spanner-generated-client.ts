/** Read-modify-writes through the official package's generated client, which costs its process half as much. */
import { setTimeout as delay } from "node:timers/promises";
import { v1 } from "@google-cloud/spanner";
import { credentials } from "@grpc/grpc-js";
import protobuf from "protobufjs";

const ABORTED = 10;
const DEFAULT_RETRY_MS = 10;

export class GeneratedClient {
  readonly #client: InstanceType<typeof v1.SpannerClient>;
  readonly #database: string;

  constructor(address: string, database: string) {
    const [servicePath = "", port = ""] = address.split(":");
    this.#database = database;
    this.#client = new v1.SpannerClient({
      projectId: "bench",
      servicePath,
      port: Number(port),
      sslCreds: credentials.createInsecure(),
    });
  }

  async createSession(): Promise<string> {
    const [session] = await this.#client.createSession({ database: this.#database });
    return session.name ?? "";
  }

  /** Adds one to a counter, as often as it takes; after ABORTED it waits as long as it is told to. */
  async increment(session: string, id: string): Promise<void> {
    for (;;) {
      try {
        await this.#attempt(session, id);
        return;
      } catch (error) {
        await delay(retryDelayMs(error));
      }
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #attempt(session: string, id: string): Promise<void> {
    const [found] = await this.#client.read({
      session,
      transaction: { begin: { readWrite: {} } },
      table: "Counter",
      columns: ["value"],
      keySet: { keys: [{ values: [{ stringValue: id }] }] },
    });
    const value = Number(found.rows?.[0]?.values?.[0]?.stringValue) + 1;
    const row = { values: [{ stringValue: id }, { stringValue: String(value) }] };
    await this.#client.commit({
      session,
      transactionId: found.metadata?.transaction?.id ?? null,
      mutations: [{ update: { table: "Counter", columns: ["id", "value"], values: [row] } }],
    });
  }
}

/** From the trailer with `google.rpc.RetryInfo`; anything but ABORTED is thrown on. */
function retryDelayMs(error: unknown): number {
  if (!(error instanceof Error) || Reflect.get(error, "code") !== ABORTED) throw error;
  const metadata: unknown = Reflect.get(error, "metadata");
  if (typeof metadata !== "object" || metadata === null || !("get" in metadata)) {
    return DEFAULT_RETRY_MS;
  }
  const { get } = metadata;
  const values: unknown =
    typeof get === "function" ? get.call(metadata, "google.rpc.retryinfo-bin") : [];
  const bytes: unknown = Array.isArray(values) ? values[0] : undefined;
  return bytes instanceof Uint8Array ? durationMs(bytes) : DEFAULT_RETRY_MS;
}

/** RetryInfo { 1: Duration { 1: seconds, 2: nanos } } */
function durationMs(bytes: Uint8Array): number {
  const reader = protobuf.Reader.create(bytes);
  let milliseconds = 0;
  if (reader.len > 0) {
    reader.uint32();
    const end = reader.uint32() + reader.pos;
    while (reader.pos < end) {
      const tag = reader.uint32();
      milliseconds += tag >>> 3 === 1 ? Number(reader.int64()) * 1000 : reader.int32() / 1_000_000;
    }
  }
  return milliseconds;
}
