import "./google-env.ts";
import { Spanner } from "@google-cloud/spanner";
import { credentials } from "@grpc/grpc-js";
import type { BidEvent } from "../../shared/core/auction/event.ts";
import { alignDown, MINUTE_MS } from "../../shared/core/time.ts";
import type { Random } from "../../shared/core/traffic/random.ts";
import { TableWriter } from "../../shared/io/table-writer.ts";
import { createWriterClient } from "../../shared/io/writer-client.ts";
import { dataset, localProject } from "../../shared/names.ts";
import { tableOf } from "../../shared/schema/warehouse.ts";
import { Child } from "../../workers/gavel/start/children.ts";
import { simulateWarmUp, storeWarmUp } from "../../workers/gavel/start/warm-up.ts";
import { honestBids } from "./segment-bids.ts";

const WARM_UP_DAYS = 6;

/** The emulators, provisioned, with baselines that are warm. */
export interface WarmWorld {
  readonly environment: Readonly<Record<string, string>>;
  readonly spanner: Spanner;
  close(): Promise<void>;
}

/** Baselines have learned six days of honest bids until `startMs`, where judging begins. */
export async function startWarmWorld(startMs: number, random: Random): Promise<WarmWorld> {
  const { emulators, environment } = await startEmulators();
  const provisioning = new Child({
    name: "detector-world-provisioning",
    entry: "infra/local/main.ts",
    variables: environment,
  });
  if ((await provisioning.ended) !== 0) throw new Error(`see ${provisioning.logFile}`);
  const spanner = spannerAt(environment["SPANNER_EMULATOR_HOST"] ?? "");
  await warmUp(spanner, environment, startMs, random);
  return {
    environment,
    spanner,
    close: async () => {
      await Promise.resolve(spanner.close());
      await emulators.stop();
    },
  };
}

async function startEmulators(): Promise<{
  emulators: Child;
  environment: Record<string, string>;
}> {
  return await new Promise((resolve) => {
    const emulators = new Child(
      {
        name: "detector-world-emulators",
        entry: "emulator/main.ts",
        variables: { GAVEL_FREE_PORTS: "1" },
      },
      // The emulators' first and only message is their addresses.
      (message) => resolve({ emulators, ...(message as { environment: Record<string, string> }) }),
    );
  });
}

function spannerAt(address: string): Spanner {
  const [servicePath = "", port = ""] = address.split(":");
  const sslCreds = credentials.createInsecure();
  return new Spanner({ projectId: localProject, servicePath, port: Number(port), sslCreds });
}

async function warmUp(
  spanner: Spanner,
  environment: Readonly<Record<string, string>>,
  untilMs: number,
  random: Random,
): Promise<void> {
  const sample = (fromMs: number, endMs: number): BidEvent[] => {
    const minutes = Math.ceil((endMs - fromMs) / MINUTE_MS);
    return Array.from({ length: minutes }, (_, index) =>
      honestBids(alignDown(endMs - 1, MINUTE_MS) - index * MINUTE_MS, random),
    ).flat();
  };
  const warm = simulateWarmUp(sample, { days: WARM_UP_DAYS, untilMs, seed: 7 });
  const writers = createWriterClient(localProject, environment["BIGQUERY_STORAGE_EMULATOR_HOST"]);
  const path = `projects/${localProject}/datasets/${dataset.name}`;
  const windows = await TableWriter.open(writers, path, tableOf("segment_windows"));
  await storeWarmUp(warm, untilMs, { spanner, windows, nowMs: Date.now() });
  windows.close();
  writers.close();
}
