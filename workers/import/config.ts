import { Env } from "../../shared/io/env.ts";
import { readPullSettings } from "../../shared/io/pull-settings.ts";
import { readServedRegions } from "../../shared/io/served-regions.ts";
import { localProject, regions } from "../../shared/names.ts";

/** Reads the settings of `import`. Throws a UsageError that names every fault. */
export function readImportConfig(values: Readonly<Record<string, string | undefined>>) {
  const env = new Env(values);
  const everyRegion = env.optional("PUBSUB_EMULATOR_HOST");
  const config = {
    project: env.string("GOOGLE_CLOUD_PROJECT", localProject),
    /** Whose endpoint is pulled from, and the region of events that name none. */
    region: env.oneOf("GAVEL_REGION", regions),
    /** Regions whose events are taken. */
    regions: readServedRegions(env),
    /** Names of the streams, each the source of its events: `one` is read from `import-one`. */
    sources: readSources(env),
    /** `host:port` of each region's Pub/Sub emulator. */
    pubsub: {
      us: env.optional("GAVEL_PUBSUB_US") ?? everyRegion,
      eu: env.optional("GAVEL_PUBSUB_EU") ?? everyRegion,
      apac: env.optional("GAVEL_PUBSUB_APAC") ?? everyRegion,
    },
    /** `host:port` of the Storage Write API's emulator. */
    storageWriteEmulatorHost: env.optional("BIGQUERY_STORAGE_EMULATOR_HOST"),
    ...readPullSettings(env, {
      maxOutstandingMessages: 10_000,
      bundleMessagesMax: 2000,
      bundleLingerMs: 100,
    }),
  } as const;
  env.check();
  return config;
}

function readSources(env: Env): readonly string[] {
  const sources = env.string("GAVEL_IMPORTS").split(",");
  for (const source of sources) {
    if (!/^[a-z][a-z0-9-]{2,40}$/.test(source)) {
      env.fault(`GAVEL_IMPORTS has "${source}": give names of imports, comma-separated`);
    }
  }
  return sources;
}
