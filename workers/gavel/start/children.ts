import { type ChildProcess, fork } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { env } from "node:process";
import { pathToFileURL } from "node:url";
import { systemClock } from "../../../shared/io/clock.ts";
import type { MetricsSnapshot } from "../../../shared/io/metrics.ts";

const root = join(import.meta.dirname, "../../..");
/** Logs of local runs, one file a process; git ignores the folder. */
const LOG_FOLDER = join(root, ".gavel/logs");
const AWAIT_GO = pathToFileURL(join(import.meta.dirname, "await-go.ts")).href;
const RESTART_MS = 500;
const ASK_AGAIN_MS = 1000;

/**
 * How every program is run, here and in the image (infra/Dockerfile). What workers make is bytes, outside
 * V8's heap: by default V8 marks the whole heap, 50 MB of client libraries, for each 64 MB of them, which
 * took a window worker half of its CPU time. So bytes count like the heap, and the next marking comes once
 * both together are three times what was left of them; memory is bounded by that.
 */
export const nodeFlags = [
  "--no-warnings",
  "--external-memory-accounted-in-global-limit",
  "--heap-growing-percent=200",
] as const;

export interface ChildSpec {
  readonly name: string;
  /** Entry point, from the root. */
  readonly entry: string;
  readonly variables: Readonly<Record<string, string>>;
  /**
   * Packages, and modules by their path from await-go.ts, that it loads while it waits for {@link Child.go};
   * without them it does not wait.
   */
  readonly libraries?: readonly string[];
}

/** One process of the local system, started again when it dies by somebody else's hand. */
export class Child {
  readonly #spec: ChildSpec;
  readonly #onMessage: (message: unknown) => void;
  #process: ChildProcess;
  #isStopping = false;
  #late: Readonly<Record<string, string>> | undefined;
  /** How often it died and was started again. */
  restarts = 0;
  /** The newest metrics that the process which runs has reported. */
  metrics: MetricsSnapshot | undefined;
  /** What processes that died had counted, as far as they had reported it. */
  readonly #past: Record<string, number> = {};
  /** Resolves with the code of a process that ended by itself. */
  readonly ended: Promise<number>;
  #end: (code: number) => void = () => undefined;

  constructor(spec: ChildSpec, onMessage: (message: unknown) => void = () => undefined) {
    this.#spec = spec;
    this.#onMessage = onMessage;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#process = this.#spawn();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get name(): string {
    return this.#spec.name;
  }

  /** The code that it ended with; null while it runs, or where a signal ended it. */
  get exitCode(): number | null {
    return this.#process.exitCode;
  }

  /** Its counters, of all its processes together. */
  get counters(): Readonly<Record<string, number>> {
    const sums = { ...this.#past };
    addTo(sums, this.metrics?.counters ?? {});
    return sums;
  }

  /** The file that its log goes to. */
  get logFile(): string {
    return join(LOG_FOLDER, `${this.#spec.name}.log`);
  }

  /** Lets it begin, with the variables that were not known when it was started. */
  go(variables: Readonly<Record<string, string>>): void {
    this.#late = variables;
    // One that died meanwhile is told when it is started again.
    if (this.#process.connected) this.#process.send(variables, () => undefined);
  }

  /** Drains and ends it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    // One that is still loading may miss it; one that drains knows already.
    const stopAsking = systemClock.every(ASK_AGAIN_MS, () => child.kill("SIGTERM"));
    await gone;
    stopAsking();
  }

  #spawn(): ChildProcess {
    mkdirSync(LOG_FOLDER, { recursive: true });
    const { entry, variables, libraries } = this.#spec;
    const waits = libraries === undefined ? [] : ["--import", AWAIT_GO];
    // The emulators hold what is in flight in their heaps, which are not to grow to three times that.
    const flags = entry.startsWith("emulator/") ? ["--no-warnings"] : nodeFlags;
    const child = fork(join(root, entry), {
      execArgv: [...flags, ...waits],
      env: {
        ...env,
        METADATA_SERVER_DETECTION: "none",
        GAVEL_PRELOAD: libraries?.join(",") ?? "",
        ...variables,
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // A terminal sends Ctrl-C to its whole group; who started the children tells them when to drain.
      detached: true,
    });
    const log = createWriteStream(this.logFile, { flags: this.restarts === 0 ? "w" : "a" });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    child.on("message", (message: { metrics?: MetricsSnapshot }) => {
      if (message.metrics !== undefined) this.metrics = message.metrics;
      this.#onMessage(message);
    });
    child.on("exit", (code, signal) => this.#onExit(code, signal));
    if (this.#late !== undefined) child.send(this.#late, () => undefined);
    return child;
  }

  /** A signal from outside is a crash to recover from; an exit code is the process's own word. */
  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#isStopping) return;
    if (signal === null) {
      this.#end(code ?? 1);
      return;
    }
    this.restarts++;
    addTo(this.#past, this.metrics?.counters ?? {});
    this.metrics = undefined;
    setTimeout(() => {
      if (!this.#isStopping) this.#process = this.#spawn();
    }, RESTART_MS);
  }
}

/** The counters of all workers; a killed process takes with it what it had not reported yet. */
export function sumCounters(workers: readonly Child[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { counters } of workers) addTo(sums, counters);
  return sums;
}

function addTo(sums: Record<string, number>, counters: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + value;
}
