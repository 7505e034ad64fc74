import {
  DEFAULT_WINDOW_CONFIG,
  faultsOfWindowConfig,
  type WindowConfig,
  type WindowShape,
} from "../../shared/core/window/window-shape.ts";
import { Env } from "../../shared/io/env.ts";
import { readPullSettings } from "../../shared/io/pull-settings.ts";
import { localProject, regions } from "../../shared/names.ts";

/** Reads the window worker's settings. Throws a UsageError that names every fault. */
export function readWindowWorkerConfig(values: Readonly<Record<string, string | undefined>>) {
  const env = new Env(values);
  const defaults = DEFAULT_WINDOW_CONFIG;
  const lateness = { min: 0, max: 3_600_000 };
  const allowedLatenessMs = env.integer("GAVEL_ALLOWED_LATENESS_MS", {
    ...lateness,
    default: defaults.allowedLatenessMs,
  });
  const windows: WindowConfig = {
    sliceMs: env.integer("GAVEL_SLICE_MS", {
      min: 1000,
      max: 3_600_000,
      default: defaults.sliceMs,
    }),
    shapes: readShapes(env, env.optional("GAVEL_WINDOWS")),
    allowedLatenessMs,
    allowedLatenessOfMs: {
      win: env.integer("GAVEL_ALLOWED_LATENESS_WIN_MS", {
        ...lateness,
        default: allowedLatenessMs,
      }),
      click: env.integer("GAVEL_ALLOWED_LATENESS_CLICK_MS", {
        ...lateness,
        default: allowedLatenessMs,
      }),
    },
    allowedDisorderMs: env.integer("GAVEL_ALLOWED_DISORDER_MS", {
      min: 0,
      max: 600_000,
      default: defaults.allowedDisorderMs,
    }),
  };
  for (const fault of faultsOfWindowConfig(windows)) env.fault(fault);
  const config = {
    windows,
    project: env.string("GOOGLE_CLOUD_PROJECT", localProject),
    region: env.oneOf("GAVEL_REGION", regions),
    pubsubEmulatorHost: env.optional("PUBSUB_EMULATOR_HOST"),
    spannerEmulatorHost: env.optional("SPANNER_EMULATOR_HOST"),
    /** `host:port` of the Storage Write API's emulator. */
    storageWriteEmulatorHost: env.optional("BIGQUERY_STORAGE_EMULATOR_HOST"),
    /** Events kept in the auction cache, about 40 bytes each. */
    cacheEventsMax: env.integer("GAVEL_CACHE_EVENTS_MAX", {
      min: 1000,
      max: 100_000_000,
      default: 5_000_000,
    }),
    // A bundle takes two rows of five cells an event at most, and Spanner takes 80,000 cells in a commit.
    ...readPullSettings(env, {
      maxOutstandingMessages: 30_000,
      bundleMessagesMax: 7500,
      bundleLingerMs: 100,
    }),
  } as const;
  env.check();
  return config;
}

/** Windows as `size:slide` in seconds, comma-separated; tumbling ones as the size alone. */
function readShapes(env: Env, text: string | undefined): readonly WindowShape[] {
  if (text === undefined) return DEFAULT_WINDOW_CONFIG.shapes;
  return text.split(",").map((part) => {
    const match = /^(\d{1,6})(?::(\d{1,6}))?$/.exec(part.trim());
    if (match === null)
      env.fault(`GAVEL_WINDOWS has "${part}": write size or size:slide in seconds`);
    const sizeMs = Number(match?.[1] ?? 60) * 1000;
    return { sizeMs, slideMs: match?.[2] === undefined ? sizeMs : Number(match[2]) * 1000 };
  });
}
