import { BigQuery } from "@google-cloud/bigquery";
import type { RegionName } from "../../shared/names.ts";
import { type Addresses, readAddresses } from "../../workers/gavel/addresses.ts";
import { Child } from "../../workers/gavel/start/children.ts";
import { startEmulators } from "../../workers/gavel/start/local-system.ts";

/** Provisioned emulators in a process of their own, on free ports. */
export interface LocalEmulators {
  readonly addresses: Addresses;
  readonly environment: Readonly<Record<string, string>>;
  /** One call of the control server: `POST`, or `DELETE`, with a JSON body where one is given. */
  control(method: "POST" | "DELETE", path: string, body?: object): Promise<void>;
  bigquery(): BigQuery;
  /** Starts a region's window worker. */
  startWindowWorker(region: RegionName, variables?: Readonly<Record<string, string>>): Child;
  stop(): Promise<void>;
}

export async function startLocalEmulators(): Promise<LocalEmulators> {
  const started: Child[] = [];
  const { environment } = await startEmulators((spec, onMessage) => {
    const child = new Child({ ...spec, name: "test-emulators" }, onMessage);
    started.push(child);
    return child;
  }, undefined);
  const provisioning = new Child({
    name: "test-provisioning",
    entry: "infra/local/main.ts",
    variables: environment,
  });
  if ((await provisioning.ended) !== 0) throw new Error(`see ${provisioning.logFile}`);
  const addresses = readAddresses(environment);
  return {
    addresses,
    environment,
    control: async (method, path, body) => {
      const response = await fetch(`${addresses.control}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    },
    bigquery: () =>
      new BigQuery({ projectId: addresses.project, apiEndpoint: addresses.bigqueryRest ?? "" }),
    startWindowWorker: (region, variables = {}) =>
      new Child({
        name: `test-window-${region}`,
        entry: "workers/window/main.ts",
        variables: {
          ...environment,
          GAVEL_REGION: region,
          PUBSUB_EMULATOR_HOST: addresses.pubsub[region] ?? "",
          ...variables,
        },
      }),
    stop: async () => {
      await Promise.all(started.map((child) => child.stop()));
    },
  };
}
