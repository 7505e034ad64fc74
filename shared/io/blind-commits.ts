import type { v1 } from "@google-cloud/spanner";
import { type Client, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { encodeCommit, type TableInsert } from "../wire/commit-request.ts";
import { grpcCodeOf } from "./grpc-status.ts";

const METHOD = "/google.spanner.v1.Spanner/Commit";
/** Beyond it the outcome is unknown. */
const DEADLINE_MS = 30_000;

/**
 * Commits that read nothing, on the connection and credentials of Spanner's generated client; the request
 * is encoded here, which costs a tenth of making the client's objects of it. The effect must be the
 * same when it is applied twice, or the second one refused, as an insert is.
 */
export class BlindCommits {
  readonly #client: v1.SpannerClient;
  /** `projects/P/instances/I/databases/D`. */
  readonly #database: string;
  #session: string | undefined;

  constructor(client: v1.SpannerClient, database: string) {
    this.#client = client;
    this.#database = database;
  }

  /** Inserts rows in one atomic commit. Rejects with the service's error. */
  async insert(inserts: readonly TableInsert[]): Promise<void> {
    const known = this.#session;
    try {
      await this.#commit(await this.#open(), inserts);
    } catch (error) {
      // A session that the service has forgotten: nothing was applied.
      if (known === undefined || grpcCodeOf(error) !== status.NOT_FOUND) throw error;
      this.#session = undefined;
      await this.#commit(await this.#open(), inserts);
    }
  }

  /** One multiplexed session serves any number of commits. */
  async #open(): Promise<string> {
    if (this.#session !== undefined) return this.#session;
    const [{ name }] = await this.#client.createSession({
      database: this.#database,
      session: { multiplexed: true },
    });
    this.#session = name ?? "";
    return this.#session;
  }

  async #commit(session: string, inserts: readonly TableInsert[]): Promise<void> {
    // The generated client types its stub as an open record; it is a client of grpc-js.
    const stub = (await this.#client.initialize()) as unknown as Client;
    const metadata = new Metadata();
    metadata.set("google-cloud-resource-prefix", this.#database);
    metadata.set("x-goog-request-params", `session=${encodeURIComponent(session)}`);
    const request = encodeCommit(session, inserts);
    const options = { deadline: Date.now() + DEADLINE_MS };
    await new Promise<void>((resolve, reject) => {
      const done = (error: ServiceError | null): void => (error ? reject(error) : resolve());
      stub.makeUnaryRequest(METHOD, identity, identity, request, metadata, options, done);
    });
  }
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}
