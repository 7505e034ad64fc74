/**
 * What the segments of a slice say together. Bots that spread thinly over many segments show in none of
 * them; they show in how many lean the same way at once. Summaries of parts of the fleet add up, so
 * that instances which share the segments come to the same fleet.
 */
import { learnTail, resetTail, TAIL_SIZE, tailNats } from "./peak-tail.ts";
import { fade } from "./volume-curve.ts";

/** One slice of some segments: how many were scored, and the sum of their squared leanings. */
export type FleetSummary = { segments: number; squaredRises: number };

const LEANING_MAX = 3;
/** Squared leanings are summed in whole steps of this, so that no order of adding changes the sum. */
const RISE_STEPS = 2 ** 20;
/** With fewer segments than this there is no fleet, and it says nothing. */
const SEGMENTS_MIN = 8;

/** Adds one segment's leaning, see `SliceScores`. */
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
const TAIL = 3;
const MEMORY_SLICES = 2880;
const SETTLED_SLICES = 1440;
const START_THRESHOLD = 2;
const START_VARIANCE = 1;
const TAIL_SHAPE = 0.05;
const CLIP_LEARNED = 3;

export function createFleetBaseline(): FleetBaseline {
  const state = new Float32Array(TAIL + TAIL_SIZE);
  state[VARIANCE] = START_VARIANCE;
  resetTail(state, TAIL, START_THRESHOLD);
  return { state };
}

/** Nats of surprise at how the fleet leans in one closed slice; learns the slice. */
export function stepFleet({ state }: FleetBaseline, summary: FleetSummary): number {
  if (summary.segments < SEGMENTS_MIN) return 0;
  const seen = state[SEEN] ?? 0;
  state[SEEN] = seen + 1;
  const value = summary.squaredRises / RISE_STEPS / Math.sqrt(summary.segments);
  const off = value - (state[MEAN] ?? 0);
  const spread = Math.sqrt(state[VARIANCE] ?? 1);
  const gain = Math.max(1 / MEMORY_SLICES, 1 / (seen + 2));
  const learned = seen < 60 ? off : Math.min(off, CLIP_LEARNED * spread);
  fade(state, MEAN, gain, (state[MEAN] ?? 0) + learned);
  fade(state, VARIANCE, gain, learned * learned);
  if (seen < SETTLED_SLICES) return 0;
  const z = off / spread;
  const nats = tailNats(state, TAIL, z, TAIL_SHAPE);
  learnTail(state, TAIL, z);
  return nats;
}
