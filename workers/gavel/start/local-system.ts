import { UsageError } from "../../../shared/core/errors.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import type { MetricsSnapshot } from "../../../shared/io/metrics.ts";
import { type RegionName, regions, type WorkerKind } from "../../../shared/names.ts";
import { type Addresses, readAddresses } from "../addresses.ts";
import type { Child, ChildSpec } from "./children.ts";
import { type ChosenPorts, emulatorPorts } from "./choose-ports.ts";
import { endOf, Processes, type Start } from "./processes.ts";

/** The whole system on this machine: emulators, the workers of every region, and the console. */
export interface LocalSystem {
  readonly addresses: Addresses;
  /** The variables that other programs export to reach the emulators. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the console is; undefined where there is none. */
  readonly consoleUrl: string | undefined;
  /** A sentence for each port that is another one than usual. */
  readonly portNotes: readonly string[];
  /** What these emulators cannot do, a sentence each. */
  readonly notices: readonly string[];
  /** Those that run by now: settlement's start last. */
  readonly workers: readonly Child[];
  /** Resolves once an event is counted. */
  readonly firstCount: Promise<void>;
  /** Resolves once ingest and the console answer and every worker is started. */
  readonly ready: Promise<void>;
  /** Rejects when a process ends by itself: none should. */
  readonly broken: Promise<never>;
  /** Runs the detector over everything that is counted; resolves once its flags are published. */
  judgeOnce(): Promise<void>;
  /** Drains the workers. */
  stopWorkers(): Promise<void>;
  stop(): Promise<void>;
}

/** The live traffic of a system, as its detector has to know it. */
export interface WatchedTraffic {
  readonly eventsPerSecond: number;
  readonly warmUpDays: number;
}

export interface StartOptions {
  /** Undefined: any ports that are free, and no console. */
  readonly chosen?: ChosenPorts | undefined;
  /**
   * Traffic that the detector watches, once its baselines are warmed by simulated days of it; undefined:
   * `judgeOnce` runs the detector over what there is.
   */
  readonly watched?: WatchedTraffic | undefined;
  /** Called once the emulators serve: what the caller loads then takes no time from them. */
  readonly onServing?: () => void;
}

/** How long everything else waits for the first count, at most. */
const FIRST_COUNT_WAIT_MS = 3000;

/**
 * Starts the emulators, provisions them by the infrastructure's own program, and resolves once events can be
 * published. What the first counts need comes first, one region's windows among it; once there is a first count
 * of live traffic the servers do, and then the rest, so that none takes time from what is waited for. Each
 * process loads its libraries and begins when what it needs is there.
 */
export async function startLocalSystem(options: StartOptions): Promise<LocalSystem> {
  const processes = new Processes();
  try {
    return await startIn(processes, options);
  } catch (error) {
    await processes.stop();
    throw error;
  }
}

async function startIn(
  processes: Processes,
  { chosen, watched, onServing }: StartOptions,
): Promise<LocalSystem> {
  const { start, startLasting, broken } = processes;
  const serving = startEmulators(startLasting, chosen);
  const provisioning = start(provisioningSpec);
  const [firstRegion, ...otherRegions] = regions;
  const counted = Promise.withResolvers<void>();
  const first = { kind: "window", region: firstRegion } as const;
  const firstWorker = startWorker(startLasting, first, chosen, (message) => {
    if (hasCounted(message)) counted.resolve();
  });
  const workers = [firstWorker];
  const { environment, notices } = await serving;
  onServing?.();
  await provision(provisioning, environment);
  setOff(firstWorker, environment);
  const startMore = (kind: WorkerKind, where: readonly RegionName[]): void => {
    for (const region of where) {
      const worker = startWorker(startLasting, { kind, region }, chosen);
      setOff(worker, environment);
      workers.push(worker);
    }
  };
  /** Resolves once the servers answer and all workers are started. */
  const startOthers = async (): Promise<void> => {
    if (watched) await Promise.race([counted.promise, systemClock.sleep(FIRST_COUNT_WAIT_MS)]);
    if (processes.isStopping) return;
    const specs = [ingestSpec(chosen), ...(chosen === undefined ? [] : [consoleSpec(chosen)])];
    const servers = specs.map((spec) => startServer(startLasting, spec));
    for (const { child } of servers) child.go(environment);
    await Promise.all(servers.map(({ answered }) => answered));
    if (processes.isStopping) return;
    startMore("window", otherRegions);
    startMore("settlement", regions);
    if (watched) watchOnceWarm(processes, watched, environment).catch(processes.fail);
  };
  return {
    addresses: readAddresses(environment),
    environment: chosen
      ? { ...environment, GAVEL_INGEST: `http://127.0.0.1:${chosen.ports.ingest}` }
      : environment,
    consoleUrl: chosen && `http://127.0.0.1:${chosen.ports.console}`,
    portNotes: chosen?.notes ?? [],
    notices,
    get workers() {
      return workers.map(({ child }) => child);
    },
    firstCount: counted.promise,
    ready: startOthers(),
    broken,
    stopWorkers: async () => {
      await Promise.all(workers.map(({ child }) => child.stop()));
    },
    judgeOnce: async () => {
      const once = start(detectorSpec({ GAVEL_DETECTOR_ONCE: "1" }));
      once.go(environment);
      const ended = await once.ended;
      if (ended !== 0) throw endOf(once, ended);
    },
    stop: () => processes.stop(),
  };
}

function hasCounted(message: unknown): boolean {
  // The form that a worker's reports have: shared/io/run-worker.ts.
  const { metrics } = message as { metrics?: MetricsSnapshot };
  return (metrics?.counters["events_counted"] ?? 0) > 0;
}

const provisioningSpec: ChildSpec = {
  name: "provisioning",
  entry: "infra/local/main.ts",
  variables: {},
  libraries: ["../../../infra/local/provision.ts"],
};

async function provision(
  provisioning: Child,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  provisioning.go(environment);
  if ((await provisioning.ended) === 0) return;
  throw new Error(`provisioning the emulators failed: ${provisioning.logFile} says why`);
}

function workerSpec(
  kind: WorkerKind,
  region: RegionName,
  chosen: ChosenPorts | undefined,
): ChildSpec {
  const port = kind === "window" ? (chosen?.ports[metricsPorts[region]] ?? 0) : 0;
  return {
    name: `${kind}-${region}`,
    entry: `workers/${kind}/main.ts`,
    variables: { GAVEL_REGION: region, GAVEL_METRICS_PORT: String(port) },
    libraries: ["@google-cloud/spanner", "@google-cloud/bigquery-storage"],
  };
}

function ingestSpec(chosen: ChosenPorts | undefined): ChildSpec {
  return {
    name: "ingest",
    entry: "workers/ingest/main.ts",
    variables: {
      GAVEL_REGION: "us",
      GAVEL_INGEST_HOST: "127.0.0.1",
      GAVEL_INGEST_SIGNING: "off",
      PORT: String(chosen?.ports.ingest ?? 0),
    },
    libraries: ["@google-cloud/pubsub"],
  };
}

const metricsPorts = { us: "metricsUs", eu: "metricsEu", apac: "metricsApac" } as const;

function consoleSpec({ ports }: ChosenPorts): ChildSpec {
  const targets = regions.map((region) => {
    return `window-${region}=127.0.0.1:${ports[metricsPorts[region]]}`;
  });
  return {
    name: "console",
    entry: "workers/console/main.ts",
    variables: { PORT: String(ports.console), GAVEL_METRICS_TARGETS: targets.join(",") },
    libraries: ["@google-cloud/spanner", "@google-cloud/bigquery"],
  };
}

/** Starts a server; `answered` resolves once it says its address, in a message with its name. */
export function startServer(start: Start, spec: ChildSpec) {
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const child = start(spec, (message) => {
    if (typeof message === "object" && message !== null && spec.name in message) answer();
  });
  return { child, answered };
}

interface RegionalWorker {
  readonly region: RegionName;
  readonly child: Child;
}

function startWorker(
  start: Start,
  { kind, region }: { readonly kind: WorkerKind; readonly region: RegionName },
  chosen: ChosenPorts | undefined,
  onMessage?: (message: unknown) => void,
): RegionalWorker {
  return { region, child: start(workerSpec(kind, region, chosen), onMessage) };
}

function setOff(
  { region, child }: RegionalWorker,
  environment: Readonly<Record<string, string>>,
): void {
  const pubsub = environment[`GAVEL_PUBSUB_${region.toUpperCase()}`] ?? "";
  child.go({ ...environment, PUBSUB_EMULATOR_HOST: pubsub });
}

/** What the emulators say once they serve: the variables that name them, and what they cannot do. */
interface Serving {
  readonly environment: Readonly<Record<string, string>>;
  readonly notices: readonly string[];
}

/** Rejects with a UsageError where the emulators that are wanted cannot be had. */
export async function startEmulators(
  start: Start,
  chosen: ChosenPorts | undefined,
): Promise<Serving> {
  const ports = emulatorPorts.map((name): [string, string] => [
    `GAVEL_PORT_${name.toUpperCase()}`,
    String(chosen?.ports[name] ?? 0),
  ]);
  return await new Promise((resolve, reject) => {
    const emulators = start(
      {
        name: "emulators",
        entry: "emulator/main.ts",
        variables: {
          ...Object.fromEntries(ports),
          GAVEL_FREE_PORTS: chosen === undefined ? "1" : "0",
        },
      },
      (message) => {
        // The form that emulator/main.ts sends: its first and only message.
        const said = message as Serving | { readonly refusal: string };
        if ("refusal" in said) reject(new UsageError(said.refusal));
        else resolve(said);
      },
    );
    void emulators.ended.then((code) => reject(endOf(emulators, code)));
  });
}

/** Warms the baselines, then starts the detector. Rejects where the warm-up fails. */
async function watchOnceWarm(
  { start, startLasting }: Processes,
  traffic: WatchedTraffic,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const warmUp = start(warmUpSpec(traffic));
  warmUp.go(environment);
  const code = await warmUp.ended;
  if (code !== 0) throw endOf(warmUp, code);
  startLasting(detectorSpec({})).go(environment);
}

function warmUpSpec({ eventsPerSecond, warmUpDays }: WatchedTraffic): ChildSpec {
  return {
    name: "warm-up",
    entry: "workers/gavel/start/warm-up-main.ts",
    variables: {
      GAVEL_WARM_UP_DAYS: String(warmUpDays),
      GAVEL_WARM_UP_RATE: String(eventsPerSecond),
    },
    libraries: [],
  };
}

function detectorSpec(variables: Readonly<Record<string, string>>): ChildSpec {
  return { name: "detector", entry: "workers/detector/main.ts", variables, libraries: [] };
}
