/**
 * Flags of one segment. A flag opens at the first slice whose surprise reaches the threshold, reaches
 * back over the raised slices before it, spans what follows while it stays raised, and closes after
 * some quiet slices.
 *
 *     quiet ── raised (≥ hold) ──▶ raised since ── ≥ threshold ──▶ open ── 15 quiet slices ──▶ closed
 */
import { WEEK_MS } from "../time.ts";
import { type FlagReason, joinReasons } from "./flag-reason.ts";

export type Flag = {
  readonly segment: string;
  /** `[startMs, endMs)`: from the first raised slice to the end of the last one. */
  readonly startMs: number;
  readonly endMs: number;
  /** The end of the slice that reached the threshold: when a detector without lag knows. */
  readonly detectedAtMs: number;
  /** Highest surprise, in nats. */
  readonly nats: number;
  readonly severity: "low" | "medium" | "high";
  /** The highest evidence before calibration: what dismissing the flag teaches. */
  readonly evidence: number;
  readonly reasons: readonly FlagReason[];
  /** Bids of the span, and how many of them the baseline expected. */
  readonly bidCount: number;
  readonly expectedBids: number;
};

/** What one slice did to a flag. A flag is told by its segment and `startMs`. */
export type FlagEvent = { readonly kind: "open" | "extend" | "close"; readonly flag: Flag };

/** What is open in one segment; plain data, stored beside its baseline. */
export type FlagTrack = {
  /** Start of the run of raised slices up to the last one; undefined after a quiet one. */
  readonly raisedSinceMs: number | undefined;
  readonly raisedBids: number;
  readonly raisedExpected: number;
  readonly open: Flag | undefined;
  readonly quietSlices: number;
};

export const NO_FLAG: FlagTrack = {
  raisedSinceMs: undefined,
  raisedBids: 0,
  raisedExpected: 0,
  open: undefined,
  quietSlices: 0,
};

/** So far below the threshold a slice is still raised. Nats. */
const HOLD_NATS = 3;
const QUIET_SLICES_TO_CLOSE = 15;
/** A flag that lasts a day is closed, and opened again if it goes on: somebody must look. */
const LONGEST_FLAG_SLICES = 1440;
const MEDIUM_NATS = 3;
const HIGH_NATS = 8;

/** The surprise that harmless slices reach so many times a segment and week. Nats. */
export function thresholdNats(falseAlarmsPerSegmentWeek: number, sliceMs: number): number {
  return -Math.log((falseAlarmsPerSegmentWeek * sliceMs) / WEEK_MS);
}

/** One judged slice of a segment. */
export type JudgedSlice = {
  readonly segment: string;
  readonly sliceStartMs: number;
  readonly sliceMs: number;
  readonly nats: number;
  readonly evidence: number;
  readonly bidCount: number;
  readonly expectedBids: number;
  /** Called only where a flag opens or rises: reasons take words, and most slices need none. */
  readonly reasons: () => FlagReason[];
};

/** Takes one judged slice: the track after it, and what happened to the flag, if anything. */
export function trackFlag(
  track: FlagTrack,
  slice: JudgedSlice,
  threshold: number,
): { readonly track: FlagTrack; readonly event: FlagEvent | undefined } {
  const isRaised = slice.nats >= threshold - HOLD_NATS;
  if (track.open === undefined) {
    if (!isRaised)
      return { track: track.raisedSinceMs === undefined ? track : NO_FLAG, event: undefined };
    const raised = raise(track, slice);
    if (slice.nats < threshold) return { track: raised, event: undefined };
    const flag = openFlag(raised, slice, threshold);
    return { track: { ...raised, open: flag }, event: { kind: "open", flag } };
  }
  const quietSlices = isRaised ? 0 : track.quietSlices + 1;
  const flag = isRaised ? extendFlag(track.open, slice, threshold) : track.open;
  const lasted = (slice.sliceStartMs - flag.startMs) / slice.sliceMs;
  if (quietSlices >= QUIET_SLICES_TO_CLOSE || lasted >= LONGEST_FLAG_SLICES) {
    return { track: NO_FLAG, event: { kind: "close", flag } };
  }
  const event = isRaised ? ({ kind: "extend", flag } as const) : undefined;
  return { track: { ...track, open: flag, quietSlices }, event };
}

function raise(track: FlagTrack, slice: JudgedSlice): FlagTrack {
  return {
    ...track,
    raisedSinceMs: track.raisedSinceMs ?? slice.sliceStartMs,
    raisedBids: track.raisedBids + slice.bidCount,
    raisedExpected: track.raisedExpected + slice.expectedBids,
  };
}

function openFlag(track: FlagTrack, slice: JudgedSlice, threshold: number): Flag {
  const endMs = slice.sliceStartMs + slice.sliceMs;
  return {
    segment: slice.segment,
    startMs: track.raisedSinceMs ?? slice.sliceStartMs,
    endMs,
    detectedAtMs: endMs,
    nats: slice.nats,
    severity: severityOf(slice.nats - threshold),
    evidence: slice.evidence,
    reasons: slice.reasons(),
    bidCount: track.raisedBids,
    expectedBids: track.raisedExpected,
  };
}

function extendFlag(flag: Flag, slice: JudgedSlice, threshold: number): Flag {
  const isHigher = slice.nats > flag.nats;
  const nats = Math.max(flag.nats, slice.nats);
  return {
    ...flag,
    endMs: slice.sliceStartMs + slice.sliceMs,
    nats,
    severity: severityOf(nats - threshold),
    evidence: Math.max(flag.evidence, slice.evidence),
    reasons: isHigher ? joinReasons(flag.reasons, slice.reasons()) : flag.reasons,
    bidCount: flag.bidCount + slice.bidCount,
    expectedBids: flag.expectedBids + slice.expectedBids,
  };
}

function severityOf(above: number): Flag["severity"] {
  if (above < MEDIUM_NATS) return "low";
  return above < HIGH_NATS ? "medium" : "high";
}
