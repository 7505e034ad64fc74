import "./google-env.ts";
import type { Spanner } from "@google-cloud/spanner";
import type { BidEvent } from "../../shared/core/auction/event.ts";
import { alignDown, MINUTE_MS } from "../../shared/core/time.ts";
import type { Random } from "../../shared/core/traffic/random.ts";
import { createSpanner } from "../../shared/io/google-clients.ts";
import { TableWriter } from "../../shared/io/table-writer.ts";
import { createWriterClient } from "../../shared/io/writer-client.ts";
import { dataset, localProject } from "../../shared/names.ts";
import { tableOf } from "../../shared/schema/warehouse.ts";
import { simulateWarmUp, storeWarmUp } from "../../workers/gavel/start/warm-up.ts";
import { type LocalEmulators, startLocalEmulators } from "./local-emulators.ts";
import { honestBids } from "./segment-bids.ts";

const WARM_UP_DAYS = 6;

/** The emulators, provisioned, with baselines that are warm. */
export interface WarmWorld {
  readonly emulators: LocalEmulators;
  readonly spanner: Spanner;
  close(): Promise<void>;
}

/** Baselines have learned six days of honest bids until `startMs`, where judging begins. */
export async function startWarmWorld(startMs: number, random: Random): Promise<WarmWorld> {
  const emulators = await startLocalEmulators();
  const spanner = createSpanner(localProject, emulators.addresses.spanner);
  await warmUp(spanner, emulators, startMs, random);
  return {
    emulators,
    spanner,
    close: async () => {
      await Promise.resolve(spanner.close());
      await emulators.stop();
    },
  };
}

async function warmUp(
  spanner: Spanner,
  { addresses }: LocalEmulators,
  untilMs: number,
  random: Random,
): Promise<void> {
  const sample = (fromMs: number, endMs: number): BidEvent[] => {
    const minutes = Math.ceil((endMs - fromMs) / MINUTE_MS);
    return Array.from({ length: minutes }, (_, index) =>
      honestBids(alignDown(endMs - 1, MINUTE_MS) - index * MINUTE_MS, random),
    ).flat();
  };
  const warm = await simulateWarmUp(sample, { days: WARM_UP_DAYS, untilMs, seed: 7 }, () =>
    Promise.resolve(),
  );
  const writers = createWriterClient(localProject, addresses.storageWrite);
  const path = `projects/${localProject}/datasets/${dataset.name}`;
  const windows = await TableWriter.open(writers, path, tableOf("segment_windows"));
  await storeWarmUp(warm, untilMs, { spanner, windows, nowMs: Date.now() });
  windows.close();
  writers.close();
}
