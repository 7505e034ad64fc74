/**
 * What a reviewer's decision does to a segment's baseline. Both are folds over what is stored, so that
 * any instance comes to the same baseline.
 */
import type { SliceStatistics } from "./slice-statistics.ts";
import {
  type Baseline,
  createSliceScores,
  judgeSlice,
  scoreSlice,
  teachHarmless,
} from "./step-detector.ts";

/** A slice to learn again, and what the fleet said when it closed. */
export type PastSlice = { readonly slice: SliceStatistics; readonly fleetNats: number };

/** `[startMs, endMs)` of a confirmed flag. */
export type ConfirmedSpan = { readonly startMs: number; readonly endMs: number };

/**
 * The baseline as it would be had the confirmed spans not happened: `before` is the one stored before
 * the earliest of them, `slices` all slices since, in order. `before` stays as it is.
 */
export function leaveOutConfirmed(
  before: Baseline,
  slices: Iterable<PastSlice>,
  { spans, sliceMs }: { spans: readonly ConfirmedSpan[]; sliceMs: number },
): Baseline {
  const baseline = { state: before.state.slice() };
  const scores = createSliceScores();
  for (const { slice, fleetNats } of slices) {
    const isOut = spans.some(
      ({ startMs, endMs }) => startMs <= slice.sliceStartMs && slice.sliceStartMs < endMs,
    );
    if (isOut) continue;
    scoreSlice(baseline, slice, sliceMs, scores);
    judgeSlice(baseline, scores, fleetNats, sliceMs);
  }
  return baseline;
}

/** The baseline that has learned in full that a flag was harmless. `baseline` stays as it is. */
export function teachDismissed(baseline: Baseline, flag: { readonly evidence: number }): Baseline {
  const taught = { state: baseline.state.slice() };
  teachHarmless(taught, flag.evidence);
  return taught;
}
