import { Agent } from "node:http";
import { systemClock } from "../../shared/io/clock.ts";
import { LedgerReader } from "../../shared/io/ledger-reader.ts";
import { regions, subscriptionOf } from "../../shared/names.ts";
import { awaitDrained } from "../../workers/gavel/start/await-drained.ts";
import { Child } from "../../workers/gavel/start/children.ts";
import { type IngestReply, type IngestRequest, testKeys } from "../support/ingest-client.ts";
import { openLedger } from "../support/ledger-database.ts";
import { type LocalEmulators, startLocalEmulators } from "../support/local-emulators.ts";
import { send } from "./fuzz-ingest.ts";
import { type LedgerState, ledgerStateOf } from "./ledger-state.ts";

const RETRY_MS = 100;

/** Ingest with signing on and the settlement workers of all regions, on emulators of their own. */
export class LedgerWorld {
  readonly #emulators: LocalEmulators;
  readonly #workers: readonly Child[];
  readonly #port: number;
  readonly #agent: Agent;

  private constructor(
    emulators: LocalEmulators,
    workers: readonly Child[],
    options: { readonly port: number; readonly connections: number },
  ) {
    this.#emulators = emulators;
    this.#workers = workers;
    this.#port = options.port;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  }

  static async start(connections: number): Promise<LedgerWorld> {
    const emulators = await startLocalEmulators();
    const { environment, addresses } = emulators;
    const settling = regions.map((region) => {
      const PUBSUB_EMULATOR_HOST = addresses.pubsub[region] ?? "";
      const variables = { ...environment, PUBSUB_EMULATOR_HOST, GAVEL_REGION: region };
      return new Child({
        name: `fuzz-settlement-${region}`,
        entry: "workers/settlement/main.ts",
        variables,
      });
    });
    let ingest: Child | undefined;
    const port = await new Promise<number>((resolve, reject) => {
      const variables = {
        ...environment,
        GAVEL_REGION: "us",
        GAVEL_INGEST_HOST: "127.0.0.1",
        GAVEL_INGEST_KEYS: JSON.stringify(testKeys),
        PORT: "0",
      };
      const spec = { name: "fuzz-ingest", entry: "workers/ingest/main.ts", variables };
      const child = new Child(spec, (message) => {
        // The form that workers/ingest/main.ts sends.
        const { ingest: url } = message as { readonly ingest?: string };
        if (url !== undefined) resolve(Number(new URL(url).port));
      });
      ingest = child;
      void child.ended.then((code) =>
        reject(new Error(`ingest ended with ${code}: ${child.logFile}`)),
      );
    });
    const workers = ingest === undefined ? settling : [...settling, ingest];
    return new LedgerWorld(emulators, workers, { port, connections });
  }

  /** Variables by which `gavel` commands reach this system. */
  get environment(): Readonly<Record<string, string>> {
    return this.#emulators.environment;
  }

  /** The answer; where ingest asks to send the same again, that of the last sending. */
  async send(
    request: IngestRequest,
  ): Promise<{ status: number; document?: IngestReply["document"] }> {
    for (;;) {
      const reply = await send(this.#port, this.#agent, request);
      if (reply.status !== 429 && reply.status !== 503) return reply;
      await systemClock.sleep(RETRY_MS);
    }
  }

  /** All that the ledger holds, once every accepted notice is settled. */
  async settled(): Promise<LedgerState> {
    const settling = regions.map((region) => subscriptionOf("settlement", region).name);
    const { control, spanner } = this.#emulators.addresses;
    await awaitDrained(control ?? "", new Set(settling));
    const { database, close } = openLedger(spanner ?? "");
    const state = await LedgerReader.with(database, ledgerStateOf);
    await close();
    return state;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.#emulators.stop();
  }
}
