import { Env } from "../../shared/io/env.ts";
import { readPullSettings } from "../../shared/io/pull-settings.ts";
import { readSettlementRules } from "../../shared/io/settlement-rules.ts";
import { localProject, regions } from "../../shared/names.ts";

/** Reads the settlement worker's settings. Throws a UsageError that names every fault. */
export function readSettlementWorkerConfig(values: Readonly<Record<string, string | undefined>>) {
  const env = new Env(values);
  const config = {
    rules: readSettlementRules(env),
    project: env.string("GOOGLE_CLOUD_PROJECT", localProject),
    region: env.oneOf("GAVEL_REGION", regions),
    pubsubEmulatorHost: env.optional("PUBSUB_EMULATOR_HOST"),
    /** `host:port` of the Storage Write API's emulator. */
    storageWriteEmulatorHost: env.optional("BIGQUERY_STORAGE_EMULATOR_HOST"),
    // Nobody waits for a settlement as for a count: a second makes bundles, and so transactions, a quarter.
    ...readPullSettings(env, {
      maxOutstandingMessages: 10_000,
      bundleMessagesMax: 2000,
      bundleLingerMs: 1000,
    }),
    /**
     * Events that one transaction settles at most; it shrinks when transactions abort. Each writes up to
     * about 60 cells, and Spanner takes 80,000 in a commit.
     */
    commitEventsMax: env.integer("GAVEL_COMMIT_EVENTS_MAX", { min: 1, max: 1200, default: 500 }),
    /**
     * How long a win of a source that owes at the billing notice waits for it, before the bid is void. A
     * notice that comes later still counts. OpenRTB's own times are a minute on the web, 30 for video.
     */
    reservationMs: env.integer("GAVEL_RESERVATION_MS", {
      min: 1000,
      max: 2_678_400_000,
      default: 86_400_000,
    }),
  } as const;
  env.check();
  return config;
}
