import { thresholdNats } from "../../shared/core/detector/flag-track.ts";
import { WEEK_MS } from "../../shared/core/time.ts";
import { DEFAULT_WINDOW_CONFIG } from "../../shared/core/window/window-shape.ts";
import { Env } from "../../shared/io/env.ts";
import { readServedRegions } from "../../shared/io/served-regions.ts";
import { localProject } from "../../shared/names.ts";

const WEEKS_PER_YEAR = (365 * 24 * 3_600_000) / WEEK_MS;

/** Reads the detector's settings. Throws a UsageError that names every fault. */
export function readDetectorConfig(values: Readonly<Record<string, string | undefined>>) {
  const env = new Env(values);
  const sliceMs = env.integer("GAVEL_DETECTOR_SLICE_MS", {
    min: 1000,
    max: 3_600_000,
    default: 60_000,
  });
  const windowSliceMs = env.integer("GAVEL_SLICE_MS", {
    min: 1000,
    max: 3_600_000,
    default: DEFAULT_WINDOW_CONFIG.sliceMs,
  });
  if (sliceMs % windowSliceMs !== 0) {
    env.fault(`GAVEL_DETECTOR_SLICE_MS has to be a multiple of GAVEL_SLICE_MS, ${windowSliceMs}`);
  }
  const falseAlarms = env.integer("GAVEL_FALSE_ALARMS_PER_SEGMENT_YEAR", {
    min: 1,
    max: 5000,
    default: 26,
  });
  const config = {
    project: env.string("GOOGLE_CLOUD_PROJECT", localProject),
    /** Regions whose slices are read. Flags are published through the first one's endpoint. */
    regions: readServedRegions(env),
    pubsubEmulatorHost: env.optional("PUBSUB_EMULATOR_HOST"),
    storageWriteEmulatorHost: env.optional("BIGQUERY_STORAGE_EMULATOR_HOST"),
    /** Root of BigQuery's REST emulator, with its scheme. */
    bigqueryEmulatorRest: env.optional("BIGQUERY_EMULATOR_REST"),
    sliceMs,
    /** See `thresholdNats`: what is asked for as false alarms of a segment and year. */
    threshold: thresholdNats(falseAlarms / WEEKS_PER_YEAR, sliceMs),
    /**
     * How long a region is waited for that counts nothing. Raising it delays the flags of the slices in which
     * a region goes dark; 0 leaves out whatever is behind.
     */
    darkAfterMs: env.integer("GAVEL_DARK_AFTER_MS", { min: 0, max: 3_600_000, default: 60_000 }),
    /** How long a shard stays with a detector that says nothing. A takeover waits as long. */
    leaseMs: env.integer("GAVEL_LEASE_MS", { min: 500, max: 60_000, default: 10_000 }),
    /** Slices that one commit holds at most, when there are many to catch up with. */
    batchSlicesMax: env.integer("GAVEL_DETECTOR_BATCH_SLICES", {
      min: 1,
      max: 1440,
      default: 120,
    }),
    /** Whether to end after the last slice that holds anything: a file's run. */
    isOnce: env.optional("GAVEL_DETECTOR_ONCE") === "1",
  } as const;
  env.check();
  return config;
}

export type DetectorConfig = ReturnType<typeof readDetectorConfig>;
