import { UsageError } from "../../../shared/core/errors.ts";
import { type RegionName, regions, type WorkerKind } from "../../../shared/names.ts";
import { type Addresses, readAddresses } from "../addresses.ts";
import { Child, type ChildSpec } from "./children.ts";
import { type ChosenPorts, choosePorts, emulatorPorts } from "./choose-ports.ts";

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

/**
 * Starts the emulators, provisions them by the infrastructure's own program, and resolves once events can be
 * published. What the first counts need starts at once, one region's windows among it; the other regions' and
 * the servers once the emulators serve; the rest last. Each process loads its libraries and begins when what
 * it needs is there. With `freePorts` the system takes any ports and has no console.
 */
export async function startLocalSystem(options: {
  readonly freePorts: boolean;
  /**
   * Traffic that the detector watches, once its baselines are warmed by simulated days of it; undefined:
   * `judgeOnce` runs the detector over what there is.
   */
  readonly watched?: WatchedTraffic | undefined;
}): Promise<LocalSystem> {
  const chosen = options.freePorts ? undefined : await choosePorts();
  const started: Child[] = [];
  const start = (spec: ChildSpec, onMessage?: (message: unknown) => void): Child => {
    const child = new Child(spec, onMessage);
    started.push(child);
    return child;
  };
  let isStopping = false;
  const stop = async (): Promise<void> => {
    isStopping = true;
    const [emulators, ...others] = started;
    await Promise.all(others.map((child) => child.stop()));
    await emulators?.stop();
  };
  try {
    const emulators = startEmulators(start, chosen);
    const provisioning = start(provisioningSpec);
    const [firstRegion, ...otherRegions] = regions;
    const windows = startWorkers(start, "window", [firstRegion], chosen);
    const { environment, notices } = await emulators;
    const servers = [ingestSpec(chosen), ...(chosen === undefined ? [] : [consoleSpec(chosen)])];
    const serving = servers.map((spec) => startServer(start, spec));
    windows.push(...startWorkers(start, "window", otherRegions, chosen));
    await provision(provisioning, environment);
    for (const worker of windows) setOff(worker, environment);
    for (const { child } of serving) child.go(environment);
    const lasting = started.filter((child) => child !== provisioning);
    const workers = [...windows];
    /** Gives what rejects when one of those that it started ends by itself. */
    const startLast = async (): Promise<Promise<never>[]> => {
      await Promise.all(serving.map(({ answered }) => answered));
      if (isStopping) return [];
      const settlements = startWorkers(start, "settlement", regions, chosen);
      for (const worker of settlements) setOff(worker, environment);
      workers.push(...settlements);
      const { watched } = options;
      const ends = [firstEnd(settlements.map(({ child }) => child))];
      return watched ? [...ends, watchOnceWarm(start, watched, environment)] : ends;
    };
    const last = startLast();
    const broken = Promise.race([firstEnd(lasting), last.then((ends) => Promise.race(ends))]);
    // Who waits for it may come to it only later.
    broken.catch(() => undefined);
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
      ready: last.then(() => undefined),
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
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const provisioningSpec: ChildSpec = {
  name: "provisioning",
  entry: "infra/local/main.ts",
  variables: {},
  libraries: [
    "@pulumi/pulumi",
    "@google-cloud/spanner",
    "@google-cloud/pubsub",
    "@google-cloud/bigquery",
  ],
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

type Start = (spec: ChildSpec, onMessage: (message: unknown) => void) => Child;

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

function startWorkers(
  start: (spec: ChildSpec) => Child,
  kind: WorkerKind,
  where: readonly RegionName[],
  chosen: ChosenPorts | undefined,
): RegionalWorker[] {
  return where.map((region) => ({ region, child: start(workerSpec(kind, region, chosen)) }));
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
    firstEnd([emulators]).catch(reject);
  });
}

/** Warms the baselines, then starts the detector. Rejects where one of them ends that should not. */
async function watchOnceWarm(
  start: (spec: ChildSpec) => Child,
  traffic: WatchedTraffic,
  environment: Readonly<Record<string, string>>,
): Promise<never> {
  const warmUp = start(warmUpSpec(traffic));
  warmUp.go(environment);
  const code = await warmUp.ended;
  if (code !== 0) throw endOf(warmUp, code);
  const detector = start(detectorSpec({}));
  detector.go(environment);
  return await firstEnd([detector]);
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

/** Rejects once one of the processes ended by itself. */
export async function firstEnd(children: readonly Child[]): Promise<never> {
  const [child, code] = await Promise.race(
    children.map(async (each): Promise<[Child, number]> => [each, await each.ended]),
  );
  throw endOf(child, code);
}

function endOf(child: Child, code: number): Error {
  return new Error(`${child.name} ended with ${code}: ${child.logFile} says why`);
}
