import { env } from "node:process";
import { UsageError } from "../../shared/core/errors.ts";
import type { RegionName } from "../../shared/names.ts";
import { localProject } from "../../shared/names.ts";

/** Where commands find the services: emulators where variables name them, else the cloud. */
export interface Addresses {
  readonly project: string;
  /** `host:port` of each region's Pub/Sub emulator. */
  readonly pubsub: Readonly<Record<RegionName, string | undefined>>;
  readonly spanner: string | undefined;
  /** Root of BigQuery's REST emulator, with its scheme. */
  readonly bigqueryRest: string | undefined;
  /** `host:port` of the Storage Write API's emulator. */
  readonly storageWrite: string | undefined;
  /** Root of the emulators' control server. */
  readonly control: string | undefined;
}

/** Reads addresses from variables as the emulators print them. */
export function readAddresses(variables: NodeJS.ProcessEnv = env): Addresses {
  const host = variables["PUBSUB_EMULATOR_HOST"];
  return {
    project: variables["GOOGLE_CLOUD_PROJECT"] ?? localProject,
    pubsub: {
      us: variables["GAVEL_PUBSUB_US"] ?? host,
      eu: variables["GAVEL_PUBSUB_EU"] ?? host,
      apac: variables["GAVEL_PUBSUB_APAC"] ?? host,
    },
    spanner: variables["SPANNER_EMULATOR_HOST"],
    bigqueryRest: variables["BIGQUERY_EMULATOR_REST"],
    storageWrite: variables["BIGQUERY_STORAGE_EMULATOR_HOST"],
    control: variables["GAVEL_CONTROL"],
  };
}

/** Whose Pub/Sub and Spanner emulators `gavel start` runs: `GAVEL_EMULATORS`, ours where it is not set. */
export function readEmulators(variables: NodeJS.ProcessEnv = env): "gavel" | "google" {
  const choice = variables["GAVEL_EMULATORS"] ?? "gavel";
  if (choice === "gavel" || choice === "google") return choice;
  throw new UsageError(`GAVEL_EMULATORS="${choice}": give google, or unset it`);
}
