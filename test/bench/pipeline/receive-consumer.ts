/**
 * The window worker's receive, decode, deduplicate, window and ack, and nothing else, as a process of
 * its own: the classes that the worker does it with, without statistics of segments, Spanner and BigQuery.
 */
import { randomUUID } from "node:crypto";
import { env } from "node:process";
import type { EventRows } from "../../../shared/core/window/event-rows.ts";
import { WindowEngine } from "../../../shared/core/window/window-engine.ts";
import { DEFAULT_WINDOW_CONFIG } from "../../../shared/core/window/window-shape.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import { pubsubEndpoint } from "../../../shared/io/endpoints.ts";
import { Env } from "../../../shared/io/env.ts";
import { createLog } from "../../../shared/io/log.ts";
import { MemoryMetrics } from "../../../shared/io/metrics.ts";
import { PullStream } from "../../../shared/io/pull-stream.ts";
import { EventColumns } from "../../../shared/wire/event-columns.ts";
import type { PulledMessages } from "../../../shared/wire/pull-response.ts";
import { readWindowWorkerConfig } from "../../../workers/window/config.ts";
import { reportProgress } from "./report-progress.ts";

const config = readWindowWorkerConfig(env);
const engine = new WindowEngine(DEFAULT_WINDOW_CONFIG, config.cacheEventsMax);
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
const columns = new EventColumns(config.maxOutstandingMessages, ["auction_id", "bid_id"]);
const progress = reportProgress();
source.start();
for (let bundle = await source.take(); bundle !== undefined; bundle = await source.take()) {
  let counted = 0;
  for (const messages of bundle.responses) counted += count(messages);
  engine.logInserts();
  engine.commit();
  engine.finish();
  source.ack(bundle);
  progress.add(counted);
}

/** Counts one response's messages in windows. Returns how many were new. */
function count(messages: PulledMessages): number {
  const { bytes, data } = messages;
  const auction = columns.column("auction_id");
  const rows: EventRows = {
    type: columns.type,
    eventTimeUs: columns.eventTimeUs,
    priceHigh: columns.priceHigh,
    priceLow: columns.priceLow,
    auction,
    bid: columns.column("bid_id"),
    auctionId: (row) => auction.textAt(row, bytes),
  };
  let key = "";
  let counted = 0;
  for (let index = 0; index < messages.count; index++) {
    if (!messages.sharesKey(index)) key = messages.text(messages.orderingKey, index);
    const isRead = columns.read(bytes, data[2 * index] ?? 0, data[2 * index + 1] ?? 0, index);
    if (isRead && engine.count(rows, index, key) === "counted") counted++;
  }
  return counted;
}
