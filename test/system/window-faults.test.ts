import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BidEvent } from "../../shared/core/auction/event.ts";
import { MAX_FUTURE_SKEW_MS } from "../../shared/core/auction/future-skew.ts";
import { createPublisher } from "../../shared/io/create-publisher.ts";
import type { MetricsSnapshot } from "../../shared/io/metrics.ts";
import { subscriptionOf } from "../../shared/names.ts";
import { writeRecord } from "../../shared/wire/log-form/write-record.ts";
import { awaitDrained } from "../../workers/gavel/start/await-drained.ts";
import type { Child } from "../../workers/gavel/start/children.ts";
import { exportResults } from "../../workers/gavel/start/export-results.ts";
import { aBid, randomBids } from "../support/builders.ts";
import { type LocalEmulators, startLocalEmulators } from "../support/local-emulators.ts";
import { runGavel } from "../support/run-gavel.ts";
import { until } from "../support/until.ts";
import { differences, exportedOf, tallyOf } from "../tally/count-tally.ts";

let emulators: LocalEmulators;
let worker: Child | undefined;
let folder = "";

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "gavel-faults-"));
  emulators = await startLocalEmulators();
}, 60_000);

afterEach(async () => {
  await worker?.stop();
  await emulators.stop();
  rmSync(folder, { recursive: true });
}, 30_000);

async function publish(bids: readonly BidEvent[]): Promise<void> {
  const publisher = createPublisher(emulators.addresses);
  await publisher.publish(bids);
  await publisher.close();
}

async function drained(): Promise<void> {
  const subscriptions = new Set([subscriptionOf("window", "us").name]);
  await awaitDrained(emulators.addresses.control ?? "", subscriptions);
}

function gauge(name: string): number {
  const metrics: MetricsSnapshot | undefined = worker?.metrics;
  return metrics?.gauges[name] ?? 0;
}

async function rowsOf(table: string): Promise<Record<string, unknown>[]> {
  const [rows] = await emulators.bigquery().query({ query: `SELECT * FROM gavel.${table}` });
  return rows;
}

test("W1: counts equal a tally though commits abort, replies are lost and outcomes are unknown", async () => {
  const faults = {
    spanner: ["aborted", "unavailable", "outcomeUnknown", "replyLost"],
    bigquery: ["appendLost", "quota"],
  };
  for (const [service, kinds] of Object.entries(faults)) {
    for (const kind of kinds) {
      await emulators.control("POST", `/${service}/faults`, { kind, probability: 0.15 });
    }
  }
  worker = emulators.startWindowWorker("us", { GAVEL_BUNDLE_MESSAGES_MAX: "200" });
  const bids = randomBids(5, 6000, 300);
  await publish([...bids, ...bids.slice(0, 500)]);
  await drained();
  expect(worker.metrics?.counters["bundle_retries"] ?? 0).toBeGreaterThan(0);
  await exportResults(emulators.bigquery(), folder, () => 0);
  const exported = exportedOf(readFileSync(join(folder, "auction_counts.ndjson"), "utf8"));
  expect(differences(tallyOf(bids.map(writeRecord).join("\n")), exported)).toEqual([]);
  expect(await rowsOf("late_events")).toEqual([]);
}, 120_000);

test("what can never be counted is kept whole in dead_letters or late_events, with its reason", async () => {
  worker = emulators.startWindowWorker("us");
  const nowUs = Math.floor(Date.now() / 1000) * 1_000_000;
  const bid = aBid({ eventTimeUs: nowUs });
  const conflict = { ...bid, priceNanos: 1n };
  const ahead = aBid({ bidId: "ahead", eventTimeUs: nowUs + 3_600_000_000 });
  await publish([bid, conflict, ahead]);
  await drained();
  const late = aBid({ bidId: "late", eventTimeUs: nowUs - 3_600_000_000 });
  await publish([late]);
  await drained();
  const letters = await rowsOf("dead_letters");
  expect(letters.map((row) => [row["reason"], row["subscription"]]).sort()).toEqual([
    ["conflictingPrice", "window-us"],
    ["tooFarInFuture", "window-us"],
  ]);
  for (const letter of letters) {
    expect(letter["payload"]?.toString()).toContain("b");
    expect(JSON.parse(String(letter["attributes"]))).toMatchObject({ region: "us", type: "bid" });
  }
  expect((await rowsOf("late_events")).map((row) => row["bid_id"])).toEqual(["late"]);
}, 60_000);

test("a dead letter is counted when it is replayed, once what was wrong with it is over", async () => {
  worker = emulators.startWindowWorker("us");
  const aheadMs = MAX_FUTURE_SKEW_MS + 2000;
  await publish([aBid({ bidId: "ahead", eventTimeUs: (Date.now() + aheadMs) * 1000 })]);
  await drained();
  expect(await rowsOf("dead_letters")).toHaveLength(1);
  expect(await rowsOf("auction_counts")).toEqual([]);
  const replay = ["dead-letters", "replay", "--all"];
  const options = { variables: emulators.environment };
  await until(async () => (await runGavel(replay, undefined, options)).code === 0);
  await drained();
  const counted = (await rowsOf("auction_counts")).filter((row) => row["window_size_s"] === 60);
  expect(counted.map((row) => row["bid_count"])).toEqual([1]);
}, 60_000);

test("a slow database slows the pulling down: what is held stays bounded, and SIGTERM drains in 9 s", async () => {
  const heldMax = 2000;
  await emulators.control("POST", "/spanner/faults", { kind: "slowCommit", delayMs: 1500 });
  worker = emulators.startWindowWorker("us", {
    GAVEL_MAX_OUTSTANDING_MESSAGES: String(heldMax),
    GAVEL_BUNDLE_MESSAGES_MAX: "500",
  });
  await publish(randomBids(6, 30_000, 1000));
  await until(() => gauge("messages_held") > 0);
  const held: number[] = [];
  for (let look = 0; look < 5; look++) {
    held.push(gauge("messages_held"));
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  expect(Math.max(...held)).toBeLessThanOrEqual(heldMax);
  expect(gauge("memory_bytes")).toBeLessThan(500e6);
  const stoppedMs = Date.now();
  await worker.stop();
  expect(Date.now() - stoppedMs).toBeLessThan(10_000);
  expect(worker.exitCode).toBe(0);
}, 60_000);
