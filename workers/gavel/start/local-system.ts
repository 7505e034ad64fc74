import { localPorts, regions } from "../../../shared/names.ts";
import { type Addresses, readAddresses } from "../addresses.ts";
import { Child } from "./children.ts";
import { freePort } from "./free-port.ts";

/** The whole system on this machine: emulators, and the workers of every region. */
export interface LocalSystem {
  readonly addresses: Addresses;
  /** The variables that other programs export to reach the emulators. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workers: readonly Child[];
  /** Rejects when a process ends by itself: none should. */
  readonly broken: Promise<never>;
  /** Drains the workers. */
  stopWorkers(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the emulators, provisions them by the infrastructure's own program, starts the workers. */
export async function startLocalSystem(options: {
  readonly freePorts: boolean;
}): Promise<LocalSystem> {
  const { emulators, environment } = await startEmulators(options.freePorts);
  const provisioning = new Child({
    name: "provisioning",
    entry: "infra/local/main.ts",
    variables: environment,
  });
  const code = await provisioning.ended;
  if (code !== 0) {
    await emulators.stop();
    throw new Error(`provisioning the emulators failed: ${provisioning.logFile} says why`);
  }
  const workers = regions.map(
    (region) =>
      new Child({
        name: `window-${region}`,
        entry: "workers/window/main.ts",
        variables: {
          ...environment,
          GAVEL_REGION: region,
          PUBSUB_EMULATOR_HOST: environment[`GAVEL_PUBSUB_${region.toUpperCase()}`] ?? "",
        },
      }),
  );
  const ingestPort = await freePort(options.freePorts ? 0 : localPorts.ingest);
  const ingest = new Child({
    name: "ingest",
    entry: "workers/ingest/main.ts",
    variables: {
      ...environment,
      GAVEL_REGION: "us",
      GAVEL_INGEST_HOST: "127.0.0.1",
      GAVEL_INGEST_SIGNING: "off",
      PORT: String(ingestPort),
    },
  });
  const stopWorkers = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.stop()));
  };
  return {
    addresses: readAddresses(environment),
    environment: { ...environment, GAVEL_INGEST: `http://127.0.0.1:${ingestPort}` },
    workers,
    broken: firstEnd([emulators, ingest, ...workers]),
    stopWorkers,
    stop: async () => {
      await ingest.stop();
      await stopWorkers();
      await emulators.stop();
    },
  };
}

async function startEmulators(
  freePorts: boolean,
): Promise<{ emulators: Child; environment: Record<string, string> }> {
  let ready: (environment: Record<string, string>) => void = () => undefined;
  const serving = new Promise<Record<string, string>>((resolve) => {
    ready = resolve;
  });
  const emulators = new Child(
    {
      name: "emulators",
      entry: "emulator/main.ts",
      variables: { GAVEL_FREE_PORTS: freePorts ? "1" : "0" },
    },
    // The emulators' first and only message is their addresses.
    (message) => ready((message as { environment: Record<string, string> }).environment),
  );
  return { emulators, environment: await Promise.race([serving, firstEnd([emulators])]) };
}

async function firstEnd(children: readonly Child[]): Promise<never> {
  const [child, code] = await Promise.race(
    children.map(async (each): Promise<[Child, number]> => [each, await each.ended]),
  );
  throw new Error(`${child.name} ended with ${code}: ${child.logFile} says why`);
}
