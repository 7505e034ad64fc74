import { readFileSync } from "node:fs";
import { messageOf } from "../../shared/core/errors.ts";
import { Env } from "../../shared/io/env.ts";
import { readServedRegions } from "../../shared/io/served-regions.ts";
import { localProject, regions } from "../../shared/names.ts";
import { readSourceKeys, type SourceKeys } from "./source-keys.ts";

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/** Reads the settings of `ingest`. Throws a UsageError that names every fault. */
export function readIngestConfig(values: Readonly<Record<string, string | undefined>>) {
  const env = new Env(values);
  const everyRegion = env.optional("PUBSUB_EMULATOR_HOST");
  const host = env.string("GAVEL_INGEST_HOST", "0.0.0.0");
  const signing = env.oneOf("GAVEL_INGEST_SIGNING", ["on", "off"], "on");
  if (signing === "off" && !LOOPBACK.has(host)) {
    env.fault(`GAVEL_INGEST_SIGNING is off and GAVEL_INGEST_HOST "${host}": only on 127.0.0.1`);
  }
  const config = {
    project: env.string("GOOGLE_CLOUD_PROJECT", localProject),
    /** Region of events that name none. */
    region: env.oneOf("GAVEL_REGION", regions),
    /** Regions whose events are taken. */
    regions: readServedRegions(env),
    host,
    /** 0 takes a free one. */
    port: env.integer("PORT", { min: 0, max: 65_535, default: 8080 }),
    /** `host:port` of each region's Pub/Sub emulator. */
    pubsub: {
      us: env.optional("GAVEL_PUBSUB_US") ?? everyRegion,
      eu: env.optional("GAVEL_PUBSUB_EU") ?? everyRegion,
      apac: env.optional("GAVEL_PUBSUB_APAC") ?? everyRegion,
    },
    /** Undefined where signing is off. */
    keys: signing === "off" ? undefined : readKeys(env),
    /** Events of one region on their way to Pub/Sub; what would exceed it gets 429. */
    eventsInFlightMax: env.integer("GAVEL_INGEST_EVENTS_IN_FLIGHT_MAX", {
      min: 1,
      max: 1_000_000,
      default: 10_000,
    }),
    /** Bytes of bodies held at once, the bound of memory; what would exceed it gets 429. */
    bodyBytesInFlightMax: env.integer("GAVEL_INGEST_BODY_BYTES_IN_FLIGHT_MAX", {
      min: 262_144,
      max: 1_000_000_000,
      default: 16_777_216,
    }),
    /** How long a request waits for Pub/Sub before it is told 503. */
    publishTimeoutMs: env.integer("GAVEL_INGEST_PUBLISH_TIMEOUT_MS", {
      min: 100,
      max: 60_000,
      default: 7000,
    }),
    /** Nonces remembered per 10 min, 16 bytes each in two generations; beyond them signed requests get 429. */
    noncesMax: 2 ** env.integer("GAVEL_INGEST_NONCES_LOG2", { min: 10, max: 24, default: 19 }),
  } as const;
  env.check();
  return config;
}

/** From a variable, or from a file as Secret Manager mounts it. */
function readKeys(env: Env): SourceKeys {
  const file = env.optional("GAVEL_INGEST_KEYS_FILE");
  const text = env.optional("GAVEL_INGEST_KEYS");
  if ((file === undefined) === (text === undefined)) {
    env.fault("set GAVEL_INGEST_KEYS or GAVEL_INGEST_KEYS_FILE, one of them");
    return new Map();
  }
  try {
    return readSourceKeys(text ?? readFileSync(file ?? "", "utf8"), (fault) =>
      env.fault(`GAVEL_INGEST_KEYS: ${fault}`),
    );
  } catch (error) {
    env.fault(`GAVEL_INGEST_KEYS_FILE ${file}: ${messageOf(error)}`);
    return new Map();
  }
}
