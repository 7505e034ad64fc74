import { EVENT_TIME_MAX_US } from "../../../shared/core/auction/read-event.ts";
import { DEFAULT_WINDOW_CONFIG } from "../../../shared/core/window/window-shape.ts";
import { createPublisher } from "../../../shared/io/create-publisher.ts";
import { createBigQuery, createSpanner } from "../../../shared/io/google-clients.ts";
import { WatermarkBoard } from "../../../shared/io/watermark-board.ts";
import { databases, regions, subscriptionOf } from "../../../shared/names.ts";
import type { Addresses } from "../addresses.ts";
import { recordReaderOf } from "../event-arguments.ts";
import { type PublishProgress, publishFile } from "../publish/publish-file.ts";
import { awaitDrained } from "./await-drained.ts";
import { sumCounters } from "./children.ts";
import { exportResults } from "./export-results.ts";
import type { LocalSystem } from "./local-system.ts";

/** What one run of a file came to. */
export interface OnceSummary extends PublishProgress {
  readonly seconds: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly restarts: number;
  readonly files: readonly {
    readonly file: string;
    readonly rows: number;
    readonly sha256: string;
  }[];
}

/**
 * Sends a file through the running system and waits until every worker has acked all of it. The file's
 * end is the end of its event time, so every window is final then; results go to `exportFolder`.
 */
export async function runOnce(
  system: LocalSystem,
  options: { readonly input: string; readonly exportFolder: string | undefined },
): Promise<OnceSummary> {
  const { addresses } = system;
  const startMs = Date.now();
  const publisher = createPublisher(addresses);
  const progress = await publishFile(options.input, publisher, { read: recordReaderOf({}) });
  await publisher.close();
  const subscriptions = new Set(
    regions.flatMap((region) => [
      subscriptionOf("window", region).name,
      subscriptionOf("settlement", region).name,
    ]),
  );
  await awaitDrained(addresses.control ?? "", subscriptions);
  await system.stopWorkers();
  const endMs = EVENT_TIME_MAX_US / 1000;
  await endEventTime(addresses, endMs);
  await system.judgeOnce();
  const finalBeforeMs = endMs - DEFAULT_WINDOW_CONFIG.allowedLatenessMs;
  const bigquery = createBigQuery(addresses.project, addresses.bigqueryRest);
  const files =
    options.exportFolder === undefined
      ? []
      : await exportResults(bigquery, options.exportFolder, () => finalBeforeMs);
  return {
    ...progress,
    seconds: (Date.now() - startMs) / 1000,
    counters: sumCounters(system.workers),
    restarts: system.workers.reduce((sum, { restarts }) => sum + restarts, 0),
    files,
  };
}

/** A file that has ended brings nothing more: each region's watermark goes to the end of time. */
async function endEventTime({ project, spanner }: Addresses, watermarkMs: number): Promise<void> {
  const client = createSpanner(project, spanner);
  for (const region of regions) {
    const instance = client.instance(databases.counts.instanceOf(region));
    const board = new WatermarkBoard(instance.database(databases.counts.name));
    await board.raise(region, { watermarkMs, heldBy: "", activeKeys: 0 });
  }
  await client.close();
}
