import type { SliceStatistics } from "../detector/slice-statistics.ts";
import { SegmentSketch } from "../segment/segment-sketch.ts";
import { statisticsOf } from "../segment/sketch-statistics.ts";
import { alignDown } from "../time.ts";

/** What one bundle added to a window slice, read back. */
export type BundlePart = {
  readonly sliceStartMs: number;
  readonly sketches: ReadonlyMap<string, SegmentSketch>;
};

/** Sketches by segment of every detector slice that has any, by its start: the parts put together. */
export function mergeParts(
  parts: Iterable<BundlePart>,
  sliceMs: number,
): Map<number, Map<string, SegmentSketch>> {
  const slices = new Map<number, Map<string, SegmentSketch>>();
  for (const { sliceStartMs, sketches } of parts) {
    const startMs = alignDown(sliceStartMs, sliceMs);
    const slice = slices.get(startMs) ?? new Map<string, SegmentSketch>();
    slices.set(startMs, slice);
    for (const [segment, part] of sketches) {
      const merged = slice.get(segment) ?? new SegmentSketch();
      merged.merge(part, sliceStartMs - startMs);
      slice.set(segment, merged);
    }
  }
  return slices;
}

/** A slice's statistics; `newUserShareOf` adds what takes a memory of users. */
export function rowsOf(
  sliceStartMs: number,
  sketches: ReadonlyMap<string, SegmentSketch>,
  newUserShareOf: (segment: string, sketch: SegmentSketch) => number | undefined,
): Map<string, SliceStatistics> {
  const rows = new Map<string, SliceStatistics>();
  for (const [segment, sketch] of sketches) {
    const newUserShare = newUserShareOf(segment, sketch);
    rows.set(segment, { ...statisticsOf(segment, sliceStartMs, sketch), newUserShare });
  }
  return rows;
}
