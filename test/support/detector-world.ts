import type { Spanner } from "@google-cloud/spanner";
import type { Flag } from "../../shared/core/detector/flag-track.ts";
import { mergeSummaries } from "../../shared/core/detector/fleet.ts";
import { flagIdOf } from "../../shared/core/review/flag-record.ts";
import type { SegmentSketch } from "../../shared/core/segment/segment-sketch.ts";
import { alignDown, MINUTE_MS } from "../../shared/core/time.ts";
import { Random } from "../../shared/core/traffic/random.ts";
import { ShardWatch } from "../../shared/core/watch/shard-watch.ts";
import { systemClock } from "../../shared/io/clock.ts";
import { DetectorStore } from "../../shared/io/detector-store.ts";
import { SegmentSlices } from "../../shared/io/segment-slices.ts";
import type { ShardLeases } from "../../shared/io/shard-leases.ts";
import { WatermarkBoard } from "../../shared/io/watermark-board.ts";
import { databases, segmentShards } from "../../shared/names.ts";
import { readDetectorConfig } from "../../workers/detector/config.ts";
import { Child } from "../../workers/gavel/start/children.ts";
import { BIDS_A_MINUTE, bidsOf, honestBids, storeMinute } from "./segment-bids.ts";
import { startWarmWorld, type WarmWorld } from "./warm-world.ts";

const REGIONS = ["us", "eu"] as const;

/** A warm world with slices that wait to be judged. */
export interface DetectorWorld extends WarmWorld {
  readonly startMs: number;
  /** What the core makes of the slices, by flag id. */
  readonly expected: ReadonlyMap<string, Flag>;
}

/** Starts emulators and stores `slices` slices, with a flood in some segments every forty of them. */
export async function startDetectorWorld(slices: number, seed: number): Promise<DetectorWorld> {
  const startMs = alignDown(Date.now(), MINUTE_MS) - (slices + 5) * MINUTE_MS;
  const random = new Random(seed);
  const world = await startWarmWorld(startMs, random);
  await storeSlices(world.spanner, { startMs, slices, random });
  const expected = await expectedFlags(world.spanner, startMs, slices);
  return { ...world, startMs, expected };
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

async function storeSlices(
  spanner: Spanner,
  { startMs, slices, random }: { startMs: number; slices: number; random: Random },
): Promise<void> {
  for (let slice = 0; slice < slices; slice++) {
    const minuteMs = startMs + slice * MINUTE_MS;
    const bids = honestBids(minuteMs, random);
    if (slice % 40 >= 10 && slice % 40 < 18) {
      for (const segment of [3, 11]) {
        bids.push(...bidsOf(segment, 6 * BIDS_A_MINUTE, { minuteMs, random, users: 3 }));
      }
    }
    await storeMinute(spanner, bids, { minuteMs, regions: REGIONS });
  }
  for (const region of REGIONS) {
    const counts = spanner.instance(databases.counts.instanceOf(region));
    const board = new WatermarkBoard(counts.database(databases.counts.name));
    const watermarkMs = startMs + slices * MINUTE_MS;
    await board.raise(region, { watermarkMs, heldBy: "", activeKeys: 0 });
  }
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
      return [region, instance.database(databases.counts.name)] as const;
    }),
  );
  const store = new DetectorStore(ledger);
  const { watches, read } = await restoreAll(
    store,
    ledger,
    new SegmentSlices(counts, systemClock),
    {
      startMs,
      untilMs: startMs + slices * MINUTE_MS,
    },
  );
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
