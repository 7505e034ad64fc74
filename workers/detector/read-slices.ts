import { HOUR_MS, MINUTE_MS } from "../../shared/core/time.ts";
import {
  inputsOf,
  type RegionProgress,
  type SliceInputs,
} from "../../shared/core/watch/closed-slices.ts";
import type { ClosedSlice } from "../../shared/core/watch/shard-watch.ts";
import { type BundlePart, mergeParts } from "../../shared/core/watch/slice-rows.ts";
import type { SegmentSlices, SliceRange } from "../../shared/io/segment-slices.ts";
import type { OwnShard } from "./held-shards.ts";

/** Spanner keeps old versions for an hour; a read before that is made at the newest time. */
const READ_BACK_MAX_MS = HOUR_MS - 5 * MINUTE_MS;

/**
 * The slices `[fromMs, untilMs)` of some shards, in order, each shard's by its number. A slice that a
 * summary is stored of is read from the same regions at the same times as then.
 */
export async function readSlices(
  shards: readonly OwnShard[],
  span: { readonly fromMs: number; readonly untilMs: number; readonly sliceMs: number },
  ports: {
    readonly slices: SegmentSlices;
    readonly progress: readonly RegionProgress[];
    readonly nowMs: number;
  },
): Promise<Map<number, ClosedSlice[]>> {
  const inputs = new Map(shards.map((each) => [each.held.shard, inputsOfSpan(each, span, ports)]));
  const parts = new Map<number, BundlePart[]>();
  const reads = [...rangesByRead(inputs, span.sliceMs).values()].map(async (read) => {
    for (const [shard, found] of await ports.slices.read(read.region, read.ranges, read.atMs)) {
      parts.set(shard, [...(parts.get(shard) ?? []), ...found]);
    }
  });
  await Promise.all(reads);
  return new Map(
    [...inputs].map(([shard, bySlice]) => {
      const merged = mergeParts(parts.get(shard) ?? [], span.sliceMs);
      const slices = [...bySlice].map(([startMs, from]) => {
        return { startMs, sketches: merged.get(startMs) ?? new Map(), inputs: from };
      });
      return [shard, slices];
    }),
  );
}

function inputsOfSpan(
  { recorded }: OwnShard,
  { fromMs, untilMs, sliceMs }: { fromMs: number; untilMs: number; sliceMs: number },
  { progress, nowMs }: { progress: readonly RegionProgress[]; nowMs: number },
): Map<number, SliceInputs> {
  const bySlice = new Map<number, SliceInputs>();
  for (let startMs = fromMs; startMs < untilMs; startMs += sliceMs) {
    const stored = recorded.get(startMs)?.inputs;
    const inputs = stored ?? inputsOf(progress, startMs + sliceMs);
    bySlice.set(startMs, stored === undefined ? inputs : stillReadable(inputs, progress, nowMs));
  }
  return bySlice;
}

function stillReadable(
  inputs: SliceInputs,
  progress: readonly RegionProgress[],
  nowMs: number,
): SliceInputs {
  const newest = new Map(progress.map(({ region, readAtMs }) => [region, readAtMs]));
  const entries = Object.entries(inputs).map(([region, atMs]) => {
    return [region, nowMs - atMs < READ_BACK_MAX_MS ? atMs : (newest.get(region) ?? nowMs)];
  });
  return Object.fromEntries(entries);
}

interface RegionRead {
  readonly region: string;
  readonly atMs: number;
  readonly ranges: SliceRange[];
}

/** One read a region and time; neighbouring slices of a shard are one range. */
function rangesByRead(
  inputs: ReadonlyMap<number, ReadonlyMap<number, SliceInputs>>,
  sliceMs: number,
): Map<string, RegionRead> {
  const reads = new Map<string, RegionRead>();
  for (const [shard, bySlice] of inputs) {
    for (const [startMs, from] of bySlice) {
      for (const [region, atMs] of Object.entries(from)) {
        const key = `${region} ${atMs}`;
        const read = reads.get(key) ?? { region, atMs, ranges: [] };
        reads.set(key, read);
        const last = read.ranges.at(-1);
        const untilMs = startMs + sliceMs;
        if (last?.shard === shard && last.untilMs === startMs) {
          read.ranges[read.ranges.length - 1] = { ...last, untilMs };
        } else read.ranges.push({ shard, fromMs: startMs, untilMs });
      }
    }
  }
  return reads;
}
