import type { BidEvent } from "../../../../../shared/core/auction/event.ts";
import {
  type FlagEvent,
  NO_FLAG,
  thresholdNats,
} from "../../../../../shared/core/detector/flag-track.ts";
import { SegmentSketch } from "../../../../../shared/core/segment/segment-sketch.ts";
import { DAY_MS, MINUTE_MS } from "../../../../../shared/core/time.ts";
import { Random } from "../../../../../shared/core/traffic/random.ts";
import { learnReview, needOf } from "../../../../../shared/core/watch/learn-review.ts";
import { RecentUsers } from "../../../../../shared/core/watch/recent-users.ts";
import {
  freshFleet,
  type JudgedSegment,
  type ShardProgress,
  ShardWatch,
  type StoredSegment,
} from "../../../../../shared/core/watch/shard-watch.ts";
import { simulateWarmUp } from "../../../../../workers/gavel/start/warm-up.ts";
import { aBid } from "../../../../support/builders.ts";

const SLICE_MS = MINUTE_MS;
const SLICES = 120;
/** A flood begins here, and ends six slices later. */
const FLOOD = 70;
const START_MS = 20_000 * DAY_MS;
const options = { sliceMs: SLICE_MS, threshold: thresholdNats(0.5, SLICE_MS) };
const SEGMENTS = 4;

/** Baselines after six days of such slices. */
const warm = await simulateWarmUp(
  (fromMs, endMs) => {
    const random = new Random(fromMs / MINUTE_MS);
    const bids: BidEvent[] = [];
    for (let minuteMs = endMs - MINUTE_MS; minuteMs > fromMs; minuteMs -= MINUTE_MS) {
      for (let segment = 0; segment < SEGMENTS; segment++) {
        for (let left = random.poisson(80); left > 0; left--) {
          bids.push(
            aBid({
              bidId: `${random.uniform()}`,
              segment: `segment-${segment}`,
              seat: `seat-${random.integer(1, 12)}`,
              userKey: `user-${random.integer(1, 300)}`,
              priceNanos: BigInt(priceOf(random)),
              eventTimeUs: Math.floor(minuteMs + random.uniform() * MINUTE_MS) * 1000,
            }),
          );
        }
      }
    }
    return bids;
  },
  { days: 6, untilMs: START_MS, seed: 2 },
  () => Promise.resolve(),
);

/** What a store would hold: rows by segment, replaced by what each commit brings. */
class Stored {
  readonly segments = new Map<string, StoredSegment>();
  readonly events: FlagEvent[] = [];
  fleet = freshFleet();
  nextSliceMs = START_MS;

  constructor() {
    for (const { segment, baseline } of warm.watch.segments.values()) {
      const bytes = new Uint8Array(baseline.state.slice().buffer);
      const users = new RecentUsers().encode();
      const snapshot = { snapshot: bytes, snapshotSliceMs: START_MS, reviewed: {} };
      this.segments.set(segment, { segment, baseline: bytes, users, track: NO_FLAG, ...snapshot });
    }
  }

  commit({ segments, events, fleet, nextSliceMs }: ShardProgress): void {
    for (const each of segments) {
      const snapshot = each.snapshot ?? this.segments.get(each.segment)?.snapshot;
      this.segments.set(each.segment, { ...each, snapshot });
    }
    this.events.push(...events);
    this.fleet = fleet;
    this.nextSliceMs = nextSliceMs;
  }

  open(): ShardWatch {
    const watch = new ShardWatch({ ...options, nextSliceMs: this.nextSliceMs }, this.fleet);
    for (const each of this.segments.values()) expect(watch.restore(each)).toBe("restored");
    return watch;
  }
}

function sketchesOf(slice: number): Map<string, SegmentSketch> {
  const random = new Random(1000 + slice);
  const sketches = new Map<string, SegmentSketch>();
  for (let segment = 0; segment < SEGMENTS; segment++) {
    const sketch = new SegmentSketch();
    const isFlood = segment === 1 && slice >= FLOOD && slice < FLOOD + 6;
    for (let bid = random.poisson(80); bid > 0; bid--) addBid(sketch, random, 300);
    for (let bid = isFlood ? 500 : 0; bid > 0; bid--) addBid(sketch, random, 3);
    // A segment that is silent at times has no row then.
    if (segment !== 2 || slice % 5 !== 0) sketches.set(`segment-${segment}`, sketch);
  }
  return sketches;
}

function addBid(sketch: SegmentSketch, random: Random, users: number): void {
  const hash = (most: number) => Math.imul(random.integer(1, most), 0x9e_37_79_b1) >>> 0;
  sketch.add(
    { bidHash: hash(2 ** 31), userHash: hash(users), seatHash: hash(12) },
    { offsetMs: random.integer(0, SLICE_MS - 1), priceHigh: 0, priceLow: priceOf(random) },
  );
}

function priceOf(random: Random): number {
  return Math.round(1e6 * Math.exp(random.normal() / 2));
}

/** Judges slices, stores every `batch` of them, and is stopped and read back wherever `dies` says so. */
function run(
  stored: Stored,
  untilSlice: number,
  { batch, dies }: { batch: number; dies: (slice: number) => boolean },
): JudgedSegment[] {
  const judged: JudgedSegment[] = [];
  let watch = stored.open();
  while (watch.nextSliceMs < START_MS + untilSlice * SLICE_MS) {
    const slice = (watch.nextSliceMs - START_MS) / SLICE_MS;
    const closed = { startMs: watch.nextSliceMs, sketches: sketchesOf(slice), inputs: { us: 1 } };
    const summary = watch.score(closed);
    if (dies(slice)) {
      watch = stored.open();
      continue;
    }
    watch.judge(summary);
    if ((slice + 1) % batch > 0 && slice + 1 < untilSlice) continue;
    judged.push(...watch.judged);
    stored.commit(watch.take());
  }
  return judged;
}

test("D15: stored and read back at any slice, a shard comes to the same flags to the last bit", () => {
  const whole = new Stored();
  run(whole, SLICES, { batch: SLICES, dies: () => false });
  const cut = new Stored();
  const random = new Random(5);
  run(cut, SLICES, { batch: 3, dies: () => random.uniform() < 0.1 });
  expect(whole.events.filter(({ kind }) => kind === "open")).not.toHaveLength(0);
  expect(cut.events).toEqual(whole.events);
});

test("D20: baselines warmed by simulated days flag a flood within two slices, and nothing like them", () => {
  const stored = new Stored();
  run(stored, SLICES, { batch: 10, dies: () => false });
  // The warm-up knows nothing of the segment that is silent at times.
  const flags = stored.events.filter(({ flag }) => flag.segment !== "segment-2");
  expect(new Set(flags.map(({ flag }) => flag.segment))).toEqual(new Set(["segment-1"]));
  const lagMs = (flags[0]?.flag.detectedAtMs ?? 0) - (START_MS + FLOOD * SLICE_MS);
  expect(lagMs).toBeGreaterThan(0);
  expect(lagMs).toBeLessThanOrEqual(2 * SLICE_MS);
});

test("R4: a confirmed span leaves the baseline and comes back to the last bit when it is reopened", () => {
  const stored = new Stored();
  const judged = run(stored, SLICES, { batch: 1, dies: () => false });
  const segment = "segment-1";
  const closed = stored.events.filter(
    ({ kind, flag }) => kind === "close" && flag.segment === segment,
  );
  const flagId = Object.keys(stored.segments.get(segment)?.reviewed ?? {})[0] ?? "";
  expect(closed).not.toHaveLength(0);
  const watch = stored.open();
  const task = { flagId, segment, version: 3, decision: "confirmed" as const };
  const need = needOf(watch, task);
  if (need.kind !== "history") throw new Error(`a confirmation needs ${need.kind}`);
  const history = judged
    .filter(({ statistics }) => statistics.segment === segment)
    .filter(({ statistics }) => statistics.sliceStartMs >= need.fromMs)
    .map(({ statistics, fleetNats }) => ({ slice: statistics, fleetNats }));
  const before = watch.watched(segment)?.baseline.state.slice();
  learnReview(watch, task, { history, sliceMs: SLICE_MS });
  expect(watch.watched(segment)?.baseline.state).not.toEqual(before);
  learnReview(watch, { ...task, decision: "reopened" }, { history, sliceMs: SLICE_MS });
  expect(watch.watched(segment)?.baseline.state).toEqual(before);
});
