/**
 * What the segments of a slice say together. Bots that spread thinly over many segments show in none of
 * them; they show in how many lean the same way at once. Summaries of parts of the fleet add up, so
 * that instances which share the segments come to the same fleet.
 */
import { learnTail, resetTail, TAIL_SIZE, tailNats } from "./peak-tail.ts";
import { fade } from "./volume-curve.ts";

/** One slice of some segments: how many were heard, and the sum of their squared leanings. */
export type FleetSummary = { segments: number; squaredRises: number };

const LEANING_MAX = 3;
/** Squared leanings are summed in whole steps of this, so that no order of adding changes the sum. */
const RISE_STEPS = 2 ** 20;
/** With fewer segments than this there is no fleet. */
const SEGMENTS_MIN = 8;
/** What the fleet says while there is none, or part of it is dark: nothing, nor is anyone silent alone. */
export const FLEET_IS_DARK = -1;
/** Segments that may be dark by themselves, as a number and as a share; more are an outage. */
const DARK_SEGMENTS_MAX = 1.5;
const DARK_SHARE_MAX = 0.05;

/** Adds one segment that is not dark, by its leaning, see `SliceScores`. */
export function addToSummary(summary: FleetSummary, leaning: number): void {
  const rise = Math.min(LEANING_MAX, Math.max(0, leaning));
  summary.segments += 1;
  summary.squaredRises += Math.round(rise * rise * RISE_STEPS);
}

/** The summary of two disjoint parts of the fleet together. */
export function mergeSummaries(one: FleetSummary, other: FleetSummary): FleetSummary {
  return {
    segments: one.segments + other.segments,
    squaredRises: one.squaredRises + other.squaredRises,
  };
}

/** What is known of the fleet, as numbers that can be stored and read back. */
export type FleetBaseline = { readonly state: Float32Array };

const SEEN = 0;
const MEAN = 1;
const VARIANCE = 2;
const INCIDENT_SLICES = 3;
const USUALLY_HEARD = 4;
const TAIL = 5;
const MEMORY_SLICES = 2880;
const SETTLED_SLICES = 1440;
const START_THRESHOLD = 2;
const START_VARIANCE = 1;
const TAIL_SHAPE = 0.05;
const CLIP_LEARNED = 3;
/** An incident of the fleet goes on while it is so surprising; nats. */
const INCIDENT_NATS = 6;
/** So long an incident is news; later it fades: who joins in at its start is accused of it. */
const NEWS_SLICES = 12;
const FADE_SLICES = 3;

export function createFleetBaseline(): FleetBaseline {
  const state = new Float32Array(TAIL + TAIL_SIZE);
  state[VARIANCE] = START_VARIANCE;
  resetTail(state, TAIL, START_THRESHOLD);
  return { state };
}

/**
 * Nats of surprise at how the fleet leans in one closed slice, while that is news, or
 * {@link FLEET_IS_DARK}; learns the slice.
 */
export function stepFleet({ state }: FleetBaseline, summary: FleetSummary): number {
  const isDark = stepHeard(state, summary.segments);
  if (summary.segments === 0) return FLEET_IS_DARK;
  const seen = state[SEEN] ?? 0;
  state[SEEN] = seen + 1;
  const value = summary.squaredRises / RISE_STEPS / Math.sqrt(summary.segments);
  const off = value - (state[MEAN] ?? 0);
  const spread = Math.sqrt(state[VARIANCE] ?? 1);
  const gain = Math.max(1 / MEMORY_SLICES, 1 / (seen + 2));
  const learned = seen < 60 ? off : Math.min(off, CLIP_LEARNED * spread);
  fade(state, MEAN, gain, (state[MEAN] ?? 0) + learned);
  fade(state, VARIANCE, gain, learned * learned);
  if (seen < SETTLED_SLICES) return isDark ? FLEET_IS_DARK : 0;
  const z = off / spread;
  const nats = tailNats(state, TAIL, z, TAIL_SHAPE);
  learnTail(state, TAIL, z);
  const lasted = state[INCIDENT_SLICES] ?? 0;
  state[INCIDENT_SLICES] = nats > INCIDENT_NATS ? lasted + 1 : Math.max(0, lasted - 1);
  return isDark ? FLEET_IS_DARK : nats * newsShare(lasted);
}

function newsShare(lasted: number): number {
  return Math.exp(-Math.max(0, lasted - NEWS_SLICES) / FADE_SLICES);
}

/** Whether more segments are dark than go dark by themselves; learns how many are heard as a rule. */
function stepHeard(state: Float32Array, heard: number): boolean {
  const usual = state[USUALLY_HEARD] ?? 0;
  state[USUALLY_HEARD] = Math.max(heard, usual + (heard - usual) / MEMORY_SLICES);
  const missing = usual - heard;
  return (
    Math.round(usual) < SEGMENTS_MIN ||
    missing > Math.max(DARK_SEGMENTS_MAX, DARK_SHARE_MAX * usual)
  );
}
