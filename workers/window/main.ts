import { randomUUID } from "node:crypto";
import { env } from "node:process";
import { SegmentCollector } from "../../shared/core/segment/segment-collector.ts";
import { WindowEngine } from "../../shared/core/window/window-engine.ts";
import { AuctionLog } from "../../shared/io/auction-log.ts";
import { BlindCommits } from "../../shared/io/blind-commits.ts";
import { runBundles } from "../../shared/io/bundle-loop.ts";
import { pubsubEndpoint } from "../../shared/io/endpoints.ts";
import { createSpanner, createSpannerApi } from "../../shared/io/google-clients.ts";
import { PullStream } from "../../shared/io/pull-stream.ts";
import { runWorker } from "../../shared/io/run-worker.ts";
import { TableWriter } from "../../shared/io/table-writer.ts";
import { WatermarkBoard } from "../../shared/io/watermark-board.ts";
import { createWriterClient } from "../../shared/io/writer-client.ts";
import { databases, dataset, segmentShards, subscriptionOf } from "../../shared/names.ts";
import { tableOf } from "../../shared/schema/warehouse.ts";
import { readWindowWorkerConfig } from "./config.ts";
import { postWatermarks } from "./post-watermarks.ts";
import { WindowWorker } from "./window-worker.ts";

await runWorker("window", async (context) => {
  const config = readWindowWorkerConfig(env);
  const { region, project } = config;
  const spec = subscriptionOf("window", region);
  const place = { region, subscription: spec.name };
  const { spannerEmulatorHost } = config;
  const instance = databases.counts.instanceOf(region);
  const database = createSpanner(project, spannerEmulatorHost)
    .instance(instance)
    .database(databases.counts.name);
  const commits = new BlindCommits(
    createSpannerApi(project, spannerEmulatorHost),
    `projects/${project}/instances/${instance}/databases/${databases.counts.name}`,
  );
  const engine = new WindowEngine(config.windows, config.cacheEventsMax);
  const writers = createWriterClient(project, config.storageWriteEmulatorHost);
  const datasetPath = `projects/${project}/datasets/${dataset.name}`;
  const open = (table: string): Promise<TableWriter> =>
    TableWriter.open(writers, datasetPath, tableOf(table));
  const worker = new WindowWorker(
    { engine, segments: new SegmentCollector(config.windows.sliceMs, segmentShards) },
    {
      auctionLog: new AuctionLog(database, commits, randomUUID),
      counts: await open("auction_counts"),
      lateEvents: await open("late_events"),
      deadLetters: await open("dead_letters"),
      ...context,
    },
    place,
  );
  const endpoint = pubsubEndpoint(region, config.pubsubEmulatorHost);
  const source = new PullStream(
    {
      ...endpoint,
      ...config,
      subscription: `projects/${project}/subscriptions/${spec.name}`,
      clientId: randomUUID(),
      ackDeadlineS: spec.ackDeadlineS,
    },
    context,
  );
  const stopPosting = postWatermarks(
    {
      board: new WatermarkBoard(database),
      published: await open("region_watermarks"),
      engine,
      worker,
      place,
      source,
      allowedLatenessMs: config.windows.allowedLatenessMs,
    },
    context,
  );
  await runBundles(source, (bundle) => worker.process(bundle), {
    ...context,
    random: Math.random,
  });
  stopPosting();
});
