/**
 * The plain way to count bids, as a process of its own: `Subscription.on('message')` with an ack each,
 * protobufjs, one Map. No commit, no lateness, no row in any table; a crash loses its counts.
 */
import { join } from "node:path";
import { env } from "node:process";
import { PubSub } from "@google-cloud/pubsub";
import protobuf from "protobufjs";
import { Env } from "../../../shared/io/env.ts";
import { localProject } from "../../../shared/names.ts";
import { reportProgress } from "./report-progress.ts";

const WINDOW_MS = 60_000;
const MAX_MESSAGES = 20_000;

const messageType = protobuf
  .loadSync(join(import.meta.dirname, "../../../shared/wire/auction_event.proto"))
  .lookupType("gavel.v1.AuctionEvent");
const counts = new Map<string, Set<string>>();
const subscription = new PubSub({ projectId: localProject }).subscription(
  new Env(env).string("BENCH_SUBSCRIPTION"),
  { flowControl: { maxMessages: MAX_MESSAGES } },
);
const progress = reportProgress();
subscription.on("message", (message) => {
  const fields = messageType.toObject(messageType.decode(message.data), { longs: Number });
  const start = Math.floor(fields["eventTime"] / 1000 / WINDOW_MS) * WINDOW_MS;
  const key = `${fields["auctionId"]} ${start}`;
  const bids = counts.get(key) ?? new Set<string>();
  counts.set(key, bids.add(fields["bidId"]));
  message.ack();
  progress.add(1);
});
