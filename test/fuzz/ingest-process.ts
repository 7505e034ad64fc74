import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { MetricsSnapshot } from "../../shared/io/metrics.ts";
import { testKeys } from "../support/ingest-client.ts";
import { TopicWorld } from "../support/topic-world.ts";

/** The heap that Node takes by itself in a container of 512 MiB; on a large machine it collects late. */
const HEAP_MB = 256;

/** Ingest as a process of its own, so that its memory is its own, and the topic it publishes to. */
export class IngestProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #topic: TopicWorld;
  readonly #stderr: readonly string[];
  /** Resident memory as it reported it each second, in bytes. */
  readonly memoryBytes: number[] = [];

  private constructor(parts: {
    port: number;
    child: ChildProcess;
    topic: TopicWorld;
    stderr: readonly string[];
  }) {
    this.port = parts.port;
    this.#child = parts.child;
    this.#topic = parts.topic;
    this.#stderr = parts.stderr;
    this.#child.on("message", (message: { metrics?: MetricsSnapshot }) => {
      const bytes = message.metrics?.gauges["memory_bytes"];
      if (bytes !== undefined) this.memoryBytes.push(bytes);
    });
  }

  static async start(signing: "on" | "off"): Promise<IngestProcess> {
    const topic = await TopicWorld.start();
    const child = fork(join(import.meta.dirname, "../../workers/ingest/main.ts"), {
      execArgv: ["--no-warnings", `--max-old-space-size=${HEAP_MB}`],
      env: {
        METADATA_SERVER_DETECTION: "none",
        GAVEL_REGION: "us",
        GAVEL_INGEST_HOST: "127.0.0.1",
        GAVEL_INGEST_SIGNING: signing,
        PORT: "0",
        GAVEL_PUBSUB_US: topic.addresses.us,
        GAVEL_PUBSUB_EU: topic.addresses.eu,
        GAVEL_PUBSUB_APAC: topic.addresses.apac,
        ...(signing === "on" ? { GAVEL_INGEST_KEYS: JSON.stringify(testKeys) } : {}),
      },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const stderr: string[] = [];
    child.stderr?.on("data", (text) => stderr.push(String(text)));
    const port = await new Promise<number>((resolve, reject) => {
      child.on("message", (message: { ingest?: string }) => {
        if (message.ingest !== undefined) resolve(Number(new URL(message.ingest).port));
      });
      child.once("exit", (code) =>
        reject(new Error(`ingest ended with ${code}: ${stderr.join("")}`)),
      );
    });
    return new IngestProcess({ port, child, topic, stderr });
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it logged as faults of its own. */
  get errors(): string[] {
    return this.#stderr
      .join("")
      .split("\n")
      .filter((line) => line.includes('"severity":"ERROR"'));
  }

  /** Events that Pub/Sub holds. */
  get publishedEvents(): number {
    return this.#topic.waitingEvents;
  }

  /** Ends it as Cloud Run does; resolves to its exit code and how long it took. */
  async stop(): Promise<{ readonly code: number | null; readonly ms: number }> {
    const startMs = Date.now();
    const gone = new Promise<number | null>((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    const code = await gone;
    await this.#topic.close();
    return { code, ms: Date.now() - startMs };
  }
}
