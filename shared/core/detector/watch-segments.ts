/**
 * The detector of many segments: takes closed slices in order, all segments of a slice at once, and
 * answers with verdicts and with what became of flags. A segment without a row had an empty slice.
 */

import { reasonsOf } from "./flag-reason.ts";
import { type FlagEvent, type FlagTrack, NO_FLAG, trackFlag } from "./flag-track.ts";
import {
  addToSummary,
  createFleetBaseline,
  type FleetBaseline,
  type FleetSummary,
  mergeSummaries,
  stepFleet,
} from "./fleet.ts";
import type { SliceStatistics } from "./slice-statistics.ts";
import {
  type Baseline,
  createBaseline,
  createSliceScores,
  judgeSlice,
  type SliceScores,
  type SliceVerdict,
  scoreSlice,
} from "./step-detector.ts";

/** All that is kept of one segment between slices. */
export type WatchedSegment = {
  readonly segment: string;
  readonly baseline: Baseline;
  track: FlagTrack;
  readonly scores: SliceScores;
};

/** The segments that one writer owns, and the fleet that they are part of. */
export type Watch = {
  readonly segments: Map<string, WatchedSegment>;
  readonly fleet: FleetBaseline;
  readonly sliceMs: number;
  /** See `thresholdNats`. */
  readonly threshold: number;
};

export type SegmentVerdict = {
  readonly segment: string;
  readonly verdict: SliceVerdict;
  readonly bidCount: number;
  readonly expectedBids: number;
  /** Standard deviation over mean of the expected count. */
  readonly expectedSpread: number;
  readonly event: FlagEvent | undefined;
};

export function createWatch(sliceMs: number, threshold: number): Watch {
  return { segments: new Map(), fleet: createFleetBaseline(), sliceMs, threshold };
}

/** A segment to watch: one never seen, or one whose baseline and track were stored. */
export function watchSegment(
  watch: Watch,
  segment: string,
  stored?: { readonly baseline: Baseline; readonly track: FlagTrack },
): WatchedSegment {
  const watched = {
    segment,
    baseline: stored?.baseline ?? createBaseline(),
    track: stored?.track ?? NO_FLAG,
    scores: createSliceScores(),
  };
  watch.segments.set(segment, watched);
  return watched;
}

/**
 * Scores and learns one closed slice of all segments: rows by segment, none twice; a segment seen for the
 * first time is watched from here on. Returns this part's summary of the fleet.
 */
export function scoreClosedSlice(
  watch: Watch,
  sliceStartMs: number,
  rows: ReadonlyMap<string, SliceStatistics>,
): FleetSummary {
  const summary: FleetSummary = { segments: 0, squaredRises: 0 };
  for (const segment of rows.keys()) {
    if (!watch.segments.has(segment)) watchSegment(watch, segment);
  }
  for (const { segment, baseline, scores } of watch.segments.values()) {
    const row = rows.get(segment) ?? { segment, sliceStartMs, bidCount: 0 };
    scoreSlice(baseline, row, watch.sliceMs, scores);
    if (!scores.volume.isDark) addToSummary(summary, scores.leaning);
  }
  return summary;
}

/** Judges the slice that was scored last; `summary` is the whole fleet's, `fleetNats` what it told. */
export function judgeClosedSlice(
  watch: Watch,
  sliceStartMs: number,
  rows: ReadonlyMap<string, SliceStatistics>,
  summary: FleetSummary,
): { readonly verdicts: SegmentVerdict[]; readonly fleetNats: number } {
  const fleetNats = stepFleet(watch.fleet, summary);
  const verdicts: SegmentVerdict[] = [];
  for (const watched of watch.segments.values()) {
    const { segment, baseline, scores } = watched;
    const verdict = judgeSlice(baseline, scores, fleetNats, watch.sliceMs);
    const bidCount = rows.get(segment)?.bidCount ?? 0;
    const { expected, spread } = scores.volume;
    const { track, event } = trackFlag(
      watched.track,
      {
        segment,
        sliceStartMs,
        sliceMs: watch.sliceMs,
        nats: verdict.nats,
        evidence: verdict.evidence,
        bidCount,
        expectedBids: expected,
        reasons: () => reasonsOf(scores.scores, verdict),
      },
      watch.threshold,
    );
    watched.track = track;
    verdicts.push({
      segment,
      verdict,
      bidCount,
      expectedBids: expected,
      expectedSpread: spread,
      event,
    });
  }
  return { verdicts, fleetNats };
}

/** One closed slice where one instance owns all segments, or hears of the rest in `others`. */
export function stepClosedSlice(
  watch: Watch,
  sliceStartMs: number,
  rows: ReadonlyMap<string, SliceStatistics>,
  others: FleetSummary = { segments: 0, squaredRises: 0 },
): SegmentVerdict[] {
  const summary = mergeSummaries(scoreClosedSlice(watch, sliceStartMs, rows), others);
  return judgeClosedSlice(watch, sliceStartMs, rows, summary).verdicts;
}
