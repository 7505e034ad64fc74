import { randomUUID } from "node:crypto";
import { env } from "node:process";
import { Spanner } from "@google-cloud/spanner";
import { DetectorStore } from "../../shared/io/detector-store.ts";
import { pubsubEndpoint } from "../../shared/io/endpoints.ts";
import { FlagBoard } from "../../shared/io/flag-board.ts";
import { FlagTopic } from "../../shared/io/flag-upsert.ts";
import { createBigQuery } from "../../shared/io/google-clients.ts";
import { runWorker } from "../../shared/io/run-worker.ts";
import { SegmentSlices } from "../../shared/io/segment-slices.ts";
import { ShardLeases } from "../../shared/io/shard-leases.ts";
import { TableWriter } from "../../shared/io/table-writer.ts";
import { createWriterClient } from "../../shared/io/writer-client.ts";
import { databases, dataset, type RegionName } from "../../shared/names.ts";
import { tableOf } from "../../shared/schema/warehouse.ts";
import { readDetectorConfig } from "./config.ts";
import { HeldShards } from "./held-shards.ts";
import { SliceJudge } from "./judge-slices.ts";
import { watchLoop } from "./watch-loop.ts";

await runWorker("detector", async (context) => {
  const config = readDetectorConfig(env);
  const { project, regions } = config;
  const spanner = new Spanner({ projectId: project });
  const { counts, ledger } = databases;
  const countsOf = (region: RegionName) =>
    spanner.instance(counts.instanceOf(region)).database(counts.name);
  const slices = new SegmentSlices(
    new Map(regions.map((region) => [region, countsOf(region)])),
    context.clock,
  );
  const database = spanner.instance(ledger.instance).database(ledger.name);
  const self = randomUUID();
  const leases = new ShardLeases(database, self);
  const store = new DetectorStore(database);
  const writers = createWriterClient(project, config.storageWriteEmulatorHost);
  const datasetPath = `projects/${project}/datasets/${dataset.name}`;
  const windows = await TableWriter.open(writers, datasetPath, tableOf("segment_windows"));
  const flags = await TableWriter.open(writers, datasetPath, tableOf("bot_flags"));
  const bigquery = createBigQuery(project, config.bigqueryEmulatorRest);
  const own = new HeldShards({ leases, store }, config, self, context);
  const judge = new SliceJudge({ store, slices, windows, own, bigquery }, config, context);
  const topic = new FlagTopic(
    pubsubEndpoint(regions[0] ?? "us", config.pubsubEmulatorHost),
    project,
  );
  const board = new FlagBoard(database);
  await watchLoop({ own, leases, slices, judge, board, flags, topic }, config, context);
});
