import "./google-env.ts";
import { Spanner } from "@google-cloud/spanner";
import { credentials } from "@grpc/grpc-js";
import type { BidEvent } from "../../shared/core/auction/event.ts";
import type { Flag } from "../../shared/core/detector/flag-track.ts";
import { mergeSummaries } from "../../shared/core/detector/fleet.ts";
import { flagIdOf } from "../../shared/core/review/flag-record.ts";
import { SegmentSketch } from "../../shared/core/segment/segment-sketch.ts";
import { encodeSegments } from "../../shared/core/segment/sketch-codec.ts";
import { alignDown, MINUTE_MS } from "../../shared/core/time.ts";
import { Random } from "../../shared/core/traffic/random.ts";
import { ShardWatch } from "../../shared/core/watch/shard-watch.ts";
import { DetectorStore } from "../../shared/io/detector-store.ts";
import { SegmentSlices } from "../../shared/io/segment-slices.ts";
import type { ShardLeases } from "../../shared/io/shard-leases.ts";
import { TableWriter } from "../../shared/io/table-writer.ts";
import { WatermarkBoard } from "../../shared/io/watermark-board.ts";
import { createWriterClient } from "../../shared/io/writer-client.ts";
import { databases, dataset, localProject, segmentShards } from "../../shared/names.ts";
import { tableOf } from "../../shared/schema/warehouse.ts";
import { readDetectorConfig } from "../../workers/detector/config.ts";
import { Child } from "../../workers/gavel/start/children.ts";
import { shardOf, simulateWarmUp, storeWarmUp } from "../../workers/gavel/start/warm-up.ts";
import { aBid } from "./builders.ts";

const SEGMENTS = 16;
const BIDS_A_MINUTE = 60;
const WARM_UP_DAYS = 6;
const WINDOW_SLICE_MS = 10_000;
const REGIONS = ["us", "eu"] as const;

/** The emulators, provisioned, with baselines that are warm and slices that wait to be judged. */
export interface DetectorWorld {
  readonly environment: Readonly<Record<string, string>>;
  readonly spanner: Spanner;
  readonly startMs: number;
  /** What the core makes of the slices, by flag id. */
  readonly expected: ReadonlyMap<string, Flag>;
  close(): Promise<void>;
}

/** Starts emulators and stores `slices` slices, with a flood in some segments every forty of them. */
export async function startDetectorWorld(slices: number, seed: number): Promise<DetectorWorld> {
  const { emulators, environment } = await startEmulators();
  const provisioning = new Child({
    name: "detector-world-provisioning",
    entry: "infra/local/main.ts",
    variables: environment,
  });
  if ((await provisioning.ended) !== 0) throw new Error(`see ${provisioning.logFile}`);
  const spanner = spannerAt(environment["SPANNER_EMULATOR_HOST"] ?? "");
  const startMs = alignDown(Date.now(), MINUTE_MS) - (slices + 5) * MINUTE_MS;
  const random = new Random(seed);
  await warmUp(spanner, environment, startMs, random);
  await storeSlices(spanner, { startMs, slices, random });
  const expected = await expectedFlags(spanner, startMs, slices);
  return {
    environment,
    spanner,
    startMs,
    expected,
    close: async () => {
      await Promise.resolve(spanner.close());
      await emulators.stop();
    },
  };
}

/** A detector process of that world; it is started again when it is killed. */
export function startDetector(
  name: string,
  environment: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
): Child {
  const settings = { GAVEL_LEASE_MS: "3000", ...variables };
  return new Child({
    name,
    entry: "workers/detector/main.ts",
    variables: { ...environment, ...settings },
  });
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

function honestBids(minuteMs: number, random: Random): BidEvent[] {
  return Array.from({ length: SEGMENTS }, (_, segment) =>
    bidsOf(segment, random.poisson(BIDS_A_MINUTE), { minuteMs, random }),
  ).flat();
}

function bidsOf(
  segment: number,
  count: number,
  { minuteMs, random, users = 5000 }: { minuteMs: number; random: Random; users?: number },
): BidEvent[] {
  return Array.from({ length: count }, () =>
    aBid({
      bidId: `${random.uniform()}`,
      segment: `segment-${segment}`,
      userKey: `user-${random.integer(1, users)}`,
      seat: `seat-${random.integer(1, 12)}`,
      priceNanos: users < 10 ? 4_000_000n : BigInt(Math.round(1e6 * Math.exp(random.normal() / 2))),
      eventTimeUs: Math.floor(minuteMs + random.uniform() * MINUTE_MS) * 1000,
    }),
  );
}

/** Stores slices as window workers of two regions would have, a row a region, shard and window slice. */
async function storeSlices(
  spanner: Spanner,
  { startMs, slices, random }: { startMs: number; slices: number; random: Random },
): Promise<void> {
  const boards = REGIONS.map((region) =>
    spanner.instance(databases.counts.instanceOf(region)).database(databases.counts.name),
  );
  for (let slice = 0; slice < slices; slice++) {
    const minuteMs = startMs + slice * MINUTE_MS;
    const bids = honestBids(minuteMs, random);
    if (slice % 40 >= 10 && slice % 40 < 18) {
      for (const segment of [3, 11]) {
        bids.push(...bidsOf(segment, 6 * BIDS_A_MINUTE, { minuteMs, random, users: 3 }));
      }
    }
    await Promise.all(
      boards.map((database, region) =>
        database.table("SegmentSlices").insert(
          rowsOfBids(
            bids.filter((_, index) => index % REGIONS.length === region),
            `bundle-${slice}-${region}`,
          ),
        ),
      ),
    );
  }
  for (const [index, database] of boards.entries()) {
    const place = { heldBy: "", activeKeys: 0 };
    const watermarkMs = startMs + slices * MINUTE_MS;
    await new WatermarkBoard(database).raise(REGIONS[index] ?? "us", { watermarkMs, ...place });
  }
}

function rowsOfBids(bids: readonly BidEvent[], bundleId: string): object[] {
  const byPlace = Map.groupBy(bids, ({ eventTimeUs, segment }) => {
    return `${shardOf(segment)} ${alignDown(eventTimeUs / 1000, WINDOW_SLICE_MS)}`;
  });
  return [...byPlace].map(([place, of]) => {
    const [shard, sliceStart] = place.split(" ").map(Number);
    const parts = new Map<string, SegmentSketch>();
    for (const [segment, ofSegment] of Map.groupBy(of, (bid) => bid.segment)) {
      parts.set(segment, sketchOf(ofSegment, sliceStart ?? 0));
    }
    return {
      shard,
      slice_start: new Date(sliceStart ?? 0).toISOString(),
      bundle_id: bundleId,
      statistics: Buffer.from(encodeSegments(parts)),
      committed_at: Spanner.COMMIT_TIMESTAMP,
    };
  });
}

function sketchOf(bids: readonly BidEvent[], sliceStartMs: number): SegmentSketch {
  const sketch = new SegmentSketch();
  for (const { bidId, userKey, seat, priceNanos, eventTimeUs } of bids) {
    sketch.add(
      { bidHash: hash(bidId), userHash: hash(userKey), seatHash: hash(seat) },
      {
        offsetMs: Math.floor(eventTimeUs / 1000 - sliceStartMs),
        priceHigh: 0,
        priceLow: Number(priceNanos),
      },
    );
  }
  return sketch;
}

function hash(text: string): number {
  let value = 0x81_1c_9d_c5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01_00_01_93);
  }
  value = Math.imul(value ^ (value >>> 15), 0x2c_1b_3c_6d);
  return (value ^ (value >>> 13)) >>> 0;
}

/** The core over the stored slices from beginning to end, one process, never stopped. */
async function expectedFlags(
  spanner: Spanner,
  startMs: number,
  slices: number,
): Promise<Map<string, Flag>> {
  const ledger = spanner.instance(databases.ledger.instance).database(databases.ledger.name);
  const counts = new Map(
    REGIONS.map((region) => {
      const instance = spanner.instance(databases.counts.instanceOf(region));
      return [region as string, instance.database(databases.counts.name)];
    }),
  );
  const store = new DetectorStore(ledger);
  const { watches, read } = await restoreAll(store, ledger, new SegmentSlices(counts), {
    startMs,
    untilMs: startMs + slices * MINUTE_MS,
  });
  const flags = new Map<string, Flag>();
  for (let slice = 0; slice < slices; slice++) {
    const sliceMs = startMs + slice * MINUTE_MS;
    const fleet = watches
      .map((watch, shard) =>
        watch.score({ startMs: sliceMs, sketches: read(shard, sliceMs), inputs: {} }),
      )
      .reduce(mergeSummaries, { segments: 0, squaredRises: 0 });
    for (const watch of watches) {
      watch.judge(fleet);
      for (const { flag } of watch.take().events) flags.set(flagIdOf(flag), flag);
    }
  }
  return flags;
}

async function restoreAll(
  store: DetectorStore,
  ledger: ConstructorParameters<typeof ShardLeases>[0],
  slices: SegmentSlices,
  { startMs, untilMs }: { startMs: number; untilMs: number },
) {
  const { mergeParts } = await import("../../shared/core/watch/slice-rows.ts");
  const [fleetRows] = await ledger
    .table("DetectorShards")
    .read({ columns: ["fleet"], keys: ["0"], json: true });
  const [{ fleet }] = fleetRows as [{ fleet: Uint8Array }];
  const options = { sliceMs: MINUTE_MS, threshold: readDetectorConfig({}).threshold };
  const watches: ShardWatch[] = [];
  const merged: Map<number, Map<string, SegmentSketch>>[] = [];
  for (let shard = 0; shard < segmentShards; shard++) {
    const watch = new ShardWatch({ ...options, nextSliceMs: startMs }, fleet);
    for (const stored of await store.segments(shard)) watch.restore(stored);
    watches.push(watch);
    const range = [{ shard, fromMs: startMs, untilMs }];
    const parts = await Promise.all(
      REGIONS.map(async (region) => (await slices.read(region, range, Date.now())).get(shard)),
    );
    merged.push(
      mergeParts(
        parts.flatMap((each) => each ?? []),
        MINUTE_MS,
      ),
    );
  }
  const read = (shard: number, sliceMs: number) => merged[shard]?.get(sliceMs) ?? new Map();
  return { watches, read };
}
