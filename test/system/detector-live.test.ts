import { isDeepStrictEqual } from "node:util";
import { leaveOutConfirmed, teachDismissed } from "../../shared/core/detector/review-baseline.ts";
import type { SliceStatistics } from "../../shared/core/detector/slice-statistics.ts";
import {
  type Baseline,
  createSliceScores,
  judgeSlice,
  readBaseline,
  scoreSlice,
} from "../../shared/core/detector/step-detector.ts";
import type { FlagRecord } from "../../shared/core/review/flag-record.ts";
import { MINUTE_MS } from "../../shared/core/time.ts";
import type { StoredSegment } from "../../shared/core/watch/shard-watch.ts";
import { systemClock } from "../../shared/io/clock.ts";
import { DetectorStore } from "../../shared/io/detector-store.ts";
import { readSegmentWindows, type SegmentWindow } from "../../shared/io/segment-history.ts";
import { dataset, segmentShards } from "../../shared/names.ts";
import { LiveWorld } from "../support/live-world.ts";
import { runGavel } from "../support/run-gavel.ts";
import { until } from "../support/until.ts";

const DARK_AFTER_MS = 2500;
const BOTH = ["us", "eu"] as const;
let live: LiveWorld;

beforeAll(async () => {
  live = await LiveWorld.start({ GAVEL_DARK_AFTER_MS: String(DARK_AFTER_MS) });
}, 90_000);

afterAll(async () => {
  await live.close();
}, 30_000);

afterEach(() => live.cutOff(undefined));

/** The regions that a slice was read from, one text a slice from `fromMs` on. */
async function regionsRead(fromMs: number): Promise<string[]> {
  const rows = await live.query(
    `SELECT DISTINCT slice_start, ARRAY_TO_STRING(regions, ' ') AS regions
     FROM \`${dataset.name}.segment_windows\`
     WHERE slice_start >= TIMESTAMP_MILLIS(${fromMs}) ORDER BY slice_start`,
  );
  return rows.map(({ regions }) => String(regions));
}

test("D16: a region that works off a backlog is waited for, one that counts nothing or does not answer is left out", async () => {
  await live.count(3, { regions: BOTH });
  await live.watching();
  await live.post("us", live.nextMs);
  const worksUntilMs = Date.now() + 2 * DARK_AFTER_MS;
  while (Date.now() < worksUntilMs) {
    await live.post("eu", live.startMs);
    await systemClock.sleep(300);
  }
  expect(await live.judgedUntilMs()).toBe(live.startMs);
  await live.judge(BOTH);
  await live.count(2, { regions: ["us"] });
  await live.judge(["us"]);
  await live.count(1, { regions: BOTH });
  await live.judge(BOTH);
  await live.cutOff("eu");
  await live.count(1, { regions: ["us"] });
  await live.judge(["us"]);
  const both = "eu us";
  expect(await regionsRead(live.startMs)).toEqual([both, both, both, "us", "us", both, "us"]);
}, 60_000);

async function gavel(...args: readonly string[]): Promise<string> {
  const { environment: variables } = live.world.emulators;
  const { code, stdout, stderr } = await runGavel(args, undefined, { variables });
  if (code !== 0) throw new Error(`gavel ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const [CONFIRMED, DISMISSED, UNDECIDED] = ["segment-3", "segment-5", "segment-7"] as const;
const FLOODED = [CONFIRMED, DISMISSED, UNDECIDED];
type Flooded = (typeof FLOODED)[number];
const NO_SPAN = { spans: [], sliceMs: MINUTE_MS };

/** Floods three segments; returns when that began. */
async function flood(): Promise<number> {
  const fromMs = live.nextMs;
  await live.count(4, { regions: BOTH, flooded: [3, 5, 7] });
  return fromMs;
}

/** The flags of a flood that began at `fromMs`, by segment. */
async function flagsSince(fromMs: number): Promise<Map<string, FlagRecord>> {
  const listed: FlagRecord[] = JSON.parse(await gavel("flags", "list", "--json"));
  const since = listed.filter(({ flag }) => flag.endMs > fromMs);
  return new Map(since.map((record) => [record.flag.segment, record]));
}

/** Quiet minutes until every flooded segment's flag has closed. */
async function closedFlags(fromMs: number): Promise<(segment: Flooded) => FlagRecord> {
  for (let patience = 12; patience > 0; patience--) {
    await live.count(20, { regions: BOTH });
    await live.judge(BOTH);
    const flags = await flagsSince(fromMs);
    if (FLOODED.every((segment) => flags.get(segment)?.isClosed)) {
      return (segment) => flags.get(segment) ?? missing(segment);
    }
  }
  throw new Error("a flag stays open for hours");
}

function missing(segment: string): never {
  throw new Error(`there is nothing of ${segment}`);
}

/** What is stored of a segment. */
async function storedSegments(): Promise<(segment: Flooded) => StoredSegment> {
  const shards = Array.from({ length: segmentShards }, (_, shard) => shard);
  const store = new DetectorStore(live.ledger);
  const found = (await Promise.all(shards.map((shard) => store.segments(shard)))).flat();
  return (segment) => found.find((stored) => stored.segment === segment) ?? missing(segment);
}

function historyOf(segment: Flooded, fromMs: number): Promise<SegmentWindow[]> {
  return readSegmentWindows(live.bigquery, { segment, fromMs, untilMs: live.nextMs });
}

/** How surprising a baseline would find a slice that came next. */
function natsOf(baseline: Baseline, slice: SliceStatistics): number {
  const copy = { state: baseline.state.slice() };
  const scores = createSliceScores();
  scoreSlice(copy, { ...slice, sliceStartMs: live.nextMs }, MINUTE_MS, scores);
  return judgeSlice(copy, scores, 0, MINUTE_MS).nats;
}

test("D9, D10: what reviewers decide by command is in queue, warehouse and net counts, and the stored baselines learn it", async () => {
  await live.count(5, { regions: BOTH });
  const flagOf = await closedFlags(await flood());
  const stored = await storedSegments();
  const { flagId, flag } = flagOf(CONFIRMED);
  await gavel("flags", "confirm", flagId, "--as", "ann");
  await gavel("flags", "dismiss", flagOf(DISMISSED).flagId, "--reason", "a sale", "--as", "ben");
  const decidedMs = live.nextMs;
  await live.count(1, { regions: BOTH });
  await live.judge(BOTH);

  const queue: FlagRecord[] = JSON.parse(
    await gavel("flags", "list", "--state", "confirmed", "--json"),
  );
  expect(queue.map((record) => [record.flagId, record.review])).toEqual([
    [flagId, { state: "confirmed", by: "ann", reason: "" }],
  ]);
  await until(async () => {
    const published = await live.query(
      `SELECT segment, review_state, decided_by FROM \`${dataset.name}.bot_flags\`
       WHERE review_state IN ('confirmed', 'dismissed') ORDER BY review_state`,
    );
    return isDeepStrictEqual(published, [
      { segment: CONFIRMED, review_state: "confirmed", decided_by: "ann" },
      { segment: DISMISSED, review_state: "dismissed", decided_by: "ben" },
    ]);
  });
  const left = await live.query(
    `SELECT segment, SUM(gross_bid_count - net_bid_count) AS bids FROM \`${dataset.name}.segment_counts\`
     GROUP BY segment HAVING bids > 0`,
  );
  const spanned = (await historyOf(CONFIRMED, flag.startMs))
    .filter(({ slice }) => slice.sliceStartMs < flag.endMs)
    .reduce((sum, { slice }) => sum + slice.bidCount, 0);
  expect(left).toEqual([{ segment: CONFIRMED, bids: spanned }]);

  const learned = await storedSegments();
  const baselineOf = (of: typeof stored, segment: Flooded) => readBaseline(of(segment).baseline);
  const { snapshot = new Uint8Array(), snapshotSliceMs } = stored(CONFIRMED);
  const whole = await historyOf(CONFIRMED, snapshotSliceMs);
  expect(baselineOf(learned, CONFIRMED)).toEqual(
    leaveOutConfirmed(readBaseline(snapshot), whole, { ...NO_SPAN, spans: [flag] }),
  );
  const taught = teachDismissed(baselineOf(stored, DISMISSED), flagOf(DISMISSED).flag);
  const [next, nextOfOther] = [
    await historyOf(DISMISSED, decidedMs),
    await historyOf(UNDECIDED, decidedMs),
  ];
  expect(baselineOf(learned, DISMISSED)).toEqual(leaveOutConfirmed(taught, next, NO_SPAN));
  expect(baselineOf(learned, UNDECIDED)).toEqual(
    leaveOutConfirmed(baselineOf(stored, UNDECIDED), nextOfOther, NO_SPAN),
  );

  const slices = (await historyOf(DISMISSED, live.startMs)).map(({ slice }) => slice);
  const [peak = missing(DISMISSED)] = slices.toSorted((one, two) => two.bidCount - one.bidCount);
  const untaught = leaveOutConfirmed(baselineOf(stored, DISMISSED), next, NO_SPAN);
  expect(natsOf(baselineOf(learned, DISMISSED), peak)).toBeLessThan(natsOf(untaught, peak));
  const againMs = await flood();
  await live.judge(BOTH);
  expect([...(await flagsSince(againMs)).keys()]).toContain(CONFIRMED);
}, 90_000);
