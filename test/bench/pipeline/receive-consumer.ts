/**
 * The window worker's receive, decode, deduplicate, window and ack, and nothing else, as a process of
 * its own: every class that the worker runs on, without Spanner and BigQuery.
 */
import { randomUUID } from "node:crypto";
import { env } from "node:process";
import { SegmentCollector } from "../../../shared/core/segment/segment-collector.ts";
import { WindowEngine } from "../../../shared/core/window/window-engine.ts";
import { DEFAULT_WINDOW_CONFIG } from "../../../shared/core/window/window-shape.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import { pubsubEndpoint } from "../../../shared/io/endpoints.ts";
import { Env } from "../../../shared/io/env.ts";
import { createLog } from "../../../shared/io/log.ts";
import { MemoryMetrics } from "../../../shared/io/metrics.ts";
import { PullStream } from "../../../shared/io/pull-stream.ts";
import { segmentShards } from "../../../shared/names.ts";
import { readWindowWorkerConfig } from "../../../workers/window/config.ts";
import { BundleCounter } from "../../../workers/window/count-bundle.ts";
import { reportProgress } from "./report-progress.ts";

const config = readWindowWorkerConfig(env);
const engine = new WindowEngine(DEFAULT_WINDOW_CONFIG, config.cacheEventsMax);
const segments = new SegmentCollector(DEFAULT_WINDOW_CONFIG.sliceMs, segmentShards);
const counter = new BundleCounter(engine, segments, config.region);
const ports = { clock: systemClock, log: createLog("receive"), metrics: new MemoryMetrics() };
const source = new PullStream(
  {
    ...pubsubEndpoint(config.region, config.pubsubEmulatorHost),
    ...config,
    subscription: `projects/${config.project}/subscriptions/${new Env(env).string("BENCH_SUBSCRIPTION")}`,
    clientId: randomUUID(),
    ackDeadlineS: 60,
  },
  ports,
);
const progress = reportProgress();
source.start();
for (let bundle = await source.take(); bundle !== undefined; bundle = await source.take()) {
  counter.count(bundle);
  engine.logInserts();
  engine.commit();
  engine.finish();
  source.ack(bundle);
  progress.add(bundle.messageCount);
}
