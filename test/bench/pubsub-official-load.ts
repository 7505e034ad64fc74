/** Google's own client as publisher and subscriber: what a test of a system on an emulator would see. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pause } from "../contract/pubsub/pubsub-world.ts";
import type { EmulatorProcess } from "./pubsub-emulator-process.ts";
import type { Command, Consumed, PublishLoad } from "./pubsub-official-client.ts";
import { createPair } from "./pubsub-raw-load.ts";

export interface Mode {
  readonly name: string;
  readonly ordered: boolean;
  readonly exactlyOnce: boolean;
}

export const MODES: readonly Mode[] = [
  { name: "plain", ordered: false, exactlyOnce: false },
  { name: "ordered", ordered: true, exactlyOnce: false },
  { name: "exactly-once", ordered: false, exactlyOnce: true },
  { name: "both", ordered: true, exactlyOnce: true },
];

/** One backlog published and consumed. */
export interface Round {
  readonly publishedPerSecond: number;
  readonly consumedPerSecond: number;
  readonly failedAcks: number;
  readonly messages: number;
  /** Of the emulator, publishing and consuming. */
  readonly emulatorCpuSeconds: number;
  /** Of the threads that run the clients, consuming. */
  readonly clientCpuSeconds: number;
}

/** A backlog of this size leaves Google's emulator at its best: the larger, the slower it is. */
const BACKLOG_MESSAGES = 20_000;
/** The first of a backlog are not counted: the streams open, the pipeline fills. */
const UNCOUNTED_SHARE = 0.1;
const CONSUME_MS_MAX = 5000;
const PACED = { messages: 1000, perTick: 5 } as const;

/** Client processes connected to one emulator; they publish and consume together. */
export class OfficialClients {
  readonly #emulator: EmulatorProcess;
  readonly #processes: readonly ChildProcess[];
  #pairs = 0;

  private constructor(emulator: EmulatorProcess, processes: readonly ChildProcess[]) {
    this.#emulator = emulator;
    this.#processes = processes;
  }

  static async start(emulator: EmulatorProcess, count: number): Promise<OfficialClients> {
    const entry = join(import.meta.dirname, "pubsub-official-client.ts");
    const processes = Array.from({ length: count }, () => fork(entry, { execArgv: [] }));
    const clients = new OfficialClients(emulator, processes);
    await clients.#all({ kind: "connect", port: emulator.port });
    return clients;
  }

  /** Publishes a backlog, then consumes it at full speed. */
  async round(mode: Mode): Promise<Round> {
    const messages = BACKLOG_MESSAGES * this.#processes.length;
    const { topic, subscription } = await this.#pair(mode);
    const load: PublishLoad = {
      topic,
      ordered: mode.ordered,
      messages: BACKLOG_MESSAGES,
      perTick: 0,
    };
    const cpuBefore = this.#emulator.cpuSeconds();
    const publishMs = Math.max(...(await this.#all<number>({ kind: "publish", load })));
    const consumed = await this.#consume(mode, subscription, messages);
    const timesMs = consumed.flatMap(({ ackTimesMs }) => ackTimesMs).sort((a, b) => a - b);
    const first = Math.floor(timesMs.length * UNCOUNTED_SHARE);
    const countedMs = (timesMs.at(-1) ?? Number.NaN) - (timesMs[first] ?? Number.NaN);
    return {
      publishedPerSecond: (messages / publishMs) * 1000,
      consumedPerSecond: ((timesMs.length - first) / countedMs) * 1000,
      failedAcks: sumOf(consumed, ({ failedAcks }) => failedAcks),
      messages: timesMs.length,
      emulatorCpuSeconds: this.#emulator.cpuSeconds() - cpuBefore,
      clientCpuSeconds: sumOf(consumed, ({ cpuSeconds }) => cpuSeconds),
    };
  }

  /** Milliseconds from publish to receive at 500 messages/s, sorted. */
  async latencies(mode: Mode): Promise<number[]> {
    const { topic, subscription } = await this.#pair(mode);
    const [client] = this.#processes;
    if (client === undefined) return [];
    await ask(client, consumeCommand(mode, subscription));
    await ask(client, { kind: "publish", load: { topic, ordered: mode.ordered, ...PACED } });
    await pause(500);
    const { latenciesMs } = await ask<Consumed>(client, { kind: "stop" });
    return latenciesMs.toSorted((a, b) => a - b);
  }

  stop(): void {
    for (const client of this.#processes) client.kill();
  }

  async #consume(mode: Mode, subscription: string, messages: number): Promise<Consumed[]> {
    const startMs = performance.now();
    await this.#all(consumeCommand(mode, subscription));
    for (let acked = 0; acked < messages && performance.now() - startMs < CONSUME_MS_MAX; ) {
      await pause(20);
      acked = sumOf(await this.#all<number>({ kind: "acked" }), (each) => each);
    }
    return await this.#all<Consumed>({ kind: "stop" });
  }

  #pair(mode: Mode): ReturnType<typeof createPair> {
    return createPair(
      this.#emulator.port,
      mode,
      `bench-${this.#processes.length}-${mode.name}-${this.#pairs++}`,
    );
  }

  #all<Result>(command: Command): Promise<Result[]> {
    return Promise.all(this.#processes.map((client) => ask<Result>(client, command)));
  }
}

function consumeCommand({ exactlyOnce }: Mode, subscription: string): Command {
  return { kind: "consume", subscription, exactlyOnce };
}

async function ask<Result>(client: ChildProcess, command: Command): Promise<Result> {
  const answered = once(client, "message");
  client.send(command);
  const [answer]: [{ result: Result; error?: string }] = (await answered) as never; // What the client process sends.
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.result;
}

function sumOf<Item>(items: readonly Item[], numberOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + numberOf(item), 0);
}
