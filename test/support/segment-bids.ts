import { Spanner } from "@google-cloud/spanner";
import type { BidEvent } from "../../shared/core/auction/event.ts";
import { SegmentSketch } from "../../shared/core/segment/segment-sketch.ts";
import {
  FORMAT_WORDS,
  SegmentWriter,
  wordsOfSketch,
} from "../../shared/core/segment/sketch-codec.ts";
import { alignDown, MINUTE_MS } from "../../shared/core/time.ts";
import type { Random } from "../../shared/core/traffic/random.ts";
import { databases, type RegionName } from "../../shared/names.ts";
import { shardOf } from "../../workers/gavel/start/warm-up.ts";
import { aBid } from "./builders.ts";

const SEGMENTS = 16;
export const BIDS_A_MINUTE = 60;
const WINDOW_SLICE_MS = 10_000;

/** A minute's bids of all segments, with nothing odd about them. */
export function honestBids(minuteMs: number, random: Random): BidEvent[] {
  return Array.from({ length: SEGMENTS }, (_, segment) =>
    bidsOf(segment, random.poisson(BIDS_A_MINUTE), { minuteMs, random }),
  ).flat();
}

/** A minute's bids of one segment; fewer than ten users are bots. */
export function bidsOf(
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

/** Stores a minute's bids as window workers of these regions would have, a row a region, shard and window slice. */
export async function storeMinute(
  spanner: Spanner,
  bids: readonly BidEvent[],
  { minuteMs, regions }: { readonly minuteMs: number; readonly regions: readonly RegionName[] },
): Promise<void> {
  await Promise.all(
    regions.map((region, index) =>
      spanner
        .instance(databases.counts.instanceOf(region))
        .database(databases.counts.name)
        .table("SegmentSlices")
        .insert(
          rowsOfBids(
            bids.filter((_, bid) => bid % regions.length === index),
            `bundle-${minuteMs}-${region}`,
          ),
        ),
    ),
  );
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
      statistics: encoded(parts),
      committed_at: Spanner.COMMIT_TIMESTAMP,
    };
  });
}

function encoded(parts: ReadonlyMap<string, SegmentSketch>): Buffer {
  const sizes = [...parts].map(([segment, sketch]) => wordsOfSketch(segment, sketch));
  const size = sizes.reduce((sum, words) => sum + words, FORMAT_WORDS);
  const writer = new SegmentWriter(new Uint32Array(size));
  writer.writeFormat();
  for (const [segment, sketch] of parts) writer.writeSketch(segment, sketch);
  return Buffer.from(writer.words.buffer);
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
