import type { Spanner } from "@google-cloud/spanner";
import type { AuctionEvent } from "../../../shared/core/auction/event.ts";
import {
  type FlagTrack,
  NO_FLAG,
  thresholdNats,
} from "../../../shared/core/detector/flag-track.ts";
import {
  createWatch,
  stepClosedSlice,
  type Watch,
} from "../../../shared/core/detector/watch-segments.ts";
import { Fingerprint } from "../../../shared/core/fingerprint.ts";
import { SegmentSketch } from "../../../shared/core/segment/segment-sketch.ts";
import { alignDown, DAY_MS, HOUR_MS, MINUTE_MS } from "../../../shared/core/time.ts";
import { Random } from "../../../shared/core/traffic/random.ts";
import { type SampledSlice, warmUpSlices } from "../../../shared/core/traffic/warm-up-slices.ts";
import { RecentUsers } from "../../../shared/core/watch/recent-users.ts";
import {
  freshFleet,
  type JudgedSegment,
  type StoredSegment,
} from "../../../shared/core/watch/shard-watch.ts";
import { rowsOf } from "../../../shared/core/watch/slice-rows.ts";
import { DetectorStore } from "../../../shared/io/detector-store.ts";
import { windowUpsert } from "../../../shared/io/segment-history.ts";
import { ShardLeases } from "../../../shared/io/shard-leases.ts";
import type { TableWriter } from "../../../shared/io/table-writer.ts";
import { databases, segmentShards } from "../../../shared/names.ts";

/** Events in event-time order from `startMs` on, at the rate that live traffic will have. */
export type TrafficSample = (startMs: number, endMs: number) => Iterable<AuctionEvent>;

const SLICE_MS = MINUTE_MS;
/** False alarms a segment and week: the detector's own default. */
const FALSE_ALARMS = 0.5;
const SAMPLES = 12;
/** How long traffic runs before a sample of it is taken: auctions have to close for wins to show. */
const BURN_IN_MS = MINUTE_MS / 2;
/** Events between two rests. */
const REST_EVENTS = 1000;
/** So much of the warm-up is shown on the Review page. */
const SHOWN_MS = 3 * HOUR_MS;
const LEASE_MS = MINUTE_MS;

/** Baselines of the segments of live traffic after some days of it, simulated. */
export interface WarmUp {
  readonly watch: Watch;
  /** The last slices, as the detector would have judged them. */
  readonly shown: readonly JudgedSegment[];
}

/**
 * Fast-forwards `days` before `untilMs` through the detector's core, on slices such as `sample` brings. It
 * takes seconds of computing: `rest` is awaited every few milliseconds, so that the process hears signals.
 */
export async function simulateWarmUp(
  sample: TrafficSample,
  { days, untilMs, seed }: { days: number; untilMs: number; seed: number },
  rest: () => Promise<void>,
): Promise<WarmUp> {
  const watch = createWatch(SLICE_MS, thresholdNats(FALSE_ALARMS, SLICE_MS));
  const samples = await takeSamples(sample, alignDown(untilMs, DAY_MS) - DAY_MS, rest);
  const fromMs = untilMs - days * DAY_MS;
  const random = new Random(seed);
  const shown: JudgedSegment[] = [];
  const options = { fromMs, untilMs, sliceMs: SLICE_MS, random };
  for (const { startMs, rows } of warmUpSlices(samples, options)) {
    await rest();
    const verdicts = stepClosedSlice(watch, startMs, rows);
    if (startMs < untilMs - SHOWN_MS) continue;
    for (const verdict of verdicts) {
      const { segment } = verdict;
      const statistics = rows.get(segment) ?? { segment, sliceStartMs: startMs, bidCount: 0 };
      shown.push({ statistics, verdict, fleetNats: 0, regions: [] });
    }
  }
  return { watch, shown };
}

/** Stores a warm-up as the state that the detector goes on from. */
export async function storeWarmUp(
  { watch, shown }: WarmUp,
  untilMs: number,
  ports: { readonly spanner: Spanner; readonly windows: TableWriter; readonly nowMs: number },
): Promise<void> {
  const { ledger } = databases;
  const database = ports.spanner.instance(ledger.instance).database(ledger.name);
  const leases = new ShardLeases(database, "warm-up");
  const store = new DetectorStore(database);
  await leases.create(segmentShards, untilMs, freshFleet());
  const fleet = new Uint8Array(watch.fleet.state.slice().buffer);
  const stored = Map.groupBy([...watch.segments.values()], ({ segment }) => shardOf(segment));
  for (let shard = 0; shard < segmentShards; shard++) {
    const held = await leases.acquire(shard, ports.nowMs + LEASE_MS, ports.nowMs);
    if (held === undefined)
      throw new Error(`shard ${shard} is held: warm up before the detector runs`);
    const segments = (stored.get(shard) ?? []).map(({ segment, baseline }) =>
      storedSegment(segment, baseline.state, untilMs),
    );
    await store.commit(held, { nextSliceMs: untilMs, fleet, segments, events: [] }, []);
    await leases.hold([held], 0);
  }
  await ports.windows.upsert(shown.map((each) => windowUpsert(each, SLICE_MS)));
}

function storedSegment(segment: string, state: Float32Array, untilMs: number): StoredSegment {
  const baseline = new Uint8Array(state.slice().buffer);
  const track: FlagTrack = NO_FLAG;
  const users = new RecentUsers().encode();
  return {
    segment,
    baseline,
    users,
    track,
    snapshot: baseline,
    snapshotSliceMs: untilMs,
    reviewed: {},
  };
}

async function takeSamples(
  sample: TrafficSample,
  dayStartMs: number,
  rest: () => Promise<void>,
): Promise<SampledSlice[]> {
  const samples: SampledSlice[] = [];
  for (let index = 0; index < SAMPLES; index++) {
    const startMs = dayStartMs + alignDown((index * DAY_MS) / SAMPLES, SLICE_MS);
    const events = sample(startMs - BURN_IN_MS, startMs + SLICE_MS);
    const sketches = await sketchesOf(startMs, events, rest);
    const rows = rowsOf(startMs, sketches, () => undefined);
    samples.push({ dayShare: (startMs % DAY_MS) / DAY_MS, rows });
  }
  return samples;
}

/** Sketches of a slice's events by segment, as window workers and detector come to them. */
async function sketchesOf(
  sliceStartMs: number,
  events: Iterable<AuctionEvent>,
  rest: () => Promise<void>,
): Promise<Map<string, SegmentSketch>> {
  const sketches = new Map<string, SegmentSketch>();
  let seen = 0;
  for (const event of events) {
    if (++seen % REST_EVENTS === 0) await rest();
    const timeMs = Math.floor(event.eventTimeUs / 1000);
    if (event.segment === "" || alignDown(timeMs, SLICE_MS) !== sliceStartMs) continue;
    let sketch = sketches.get(event.segment);
    if (sketch === undefined) {
      sketch = new SegmentSketch();
      sketches.set(event.segment, sketch);
    }
    if (event.type === "win") sketch.winCount++;
    else if (event.type === "click") sketch.clickCount++;
    else if (event.type === "bid") {
      sketch.add(
        {
          bidHash: hashOf(event.bidId),
          userHash: recurring(event.userKey),
          seatHash: recurring(event.seat),
        },
        {
          offsetMs: timeMs - sliceStartMs,
          priceHigh: Number(event.priceNanos >> 32n),
          priceLow: Number(event.priceNanos & 0xff_ff_ff_ffn),
        },
      );
    }
  }
  return sketches;
}

/** Hashes of texts that come again and again. */
const known = new Map<string, number>();

function recurring(text: string): number {
  let hash = known.get(text);
  if (hash === undefined) {
    hash = hashOf(text);
    known.set(text, hash);
  }
  return hash;
}

const fingerprint = new Fingerprint();

/** 0 where there is nothing to hash, as in the window worker's columns. */
function hashOf(text: string): number {
  if (text === "") return 0;
  const bytes = Buffer.from(text);
  fingerprint.open(bytes);
  fingerprint.of(0, bytes.length);
  return fingerprint.low;
}

/** The shard that window workers put a segment into. */
export function shardOf(segment: string): number {
  return hashOf(segment) % segmentShards;
}
