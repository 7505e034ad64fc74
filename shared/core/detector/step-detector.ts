/**
 * The detector: one segment, one closed slice, one step. Pure arithmetic on the baseline it owns: the
 * same baseline and slices give the same scores on every machine. Scores are in nats: minus the natural
 * logarithm of the chance that a harmless slice scores as high.
 */
import { DAY_MS, MINUTE_MS } from "../time.ts";
import { learnTail, resetTail, TAIL_SIZE, tailNats, tailWeight } from "./peak-tail.ts";
import {
  resetSignalModel,
  SIGNAL_MODEL_SIZE,
  type SlicePosition,
  stepSignal,
} from "./signal-model.ts";
import { type Reading, SIGNALS, type SignalName } from "./signals.ts";
import type { SliceStatistics } from "./slice-statistics.ts";
import {
  resetVolumeModel,
  stepVolume,
  VOLUME_MODEL_SIZE,
  type VolumeScore,
} from "./volume-model.ts";

const WEEK_MS = 7 * DAY_MS;
const VOLUME = 0;
const FIRST_SIGNAL = VOLUME + VOLUME_MODEL_SIZE;
const VERDICT_TAIL = FIRST_SIGNAL + SIGNALS.length * SIGNAL_MODEL_SIZE;
const SLICES_SEEN = VERDICT_TAIL + TAIL_SIZE;
const STATE_SIZE = SLICES_SEEN + 1;
/** Where the verdict's tail starts before it has learned extremes of its own. */
const FIRST_TAIL_THRESHOLD = 8;

/** Most that a signal may add: beyond it, evidence of one kind says no more. Nats. */
const SIGNAL_MAX = 25;
const VOLUME_MAX = 14;
const NEW_USERS_MAX = 14;
const CLICKS_MAX = 10;
/** A segment's own evidence, in nats, at which what the fleet saw counts in full. */
const FLEET_NEEDS = 5;
const SILENT_DAYS = 2;
const LEARNING_DAYS = 4;
const EXTREMES_MIN = 30;

/** What the detector knows of one segment, as numbers that can be stored and read back. */
export interface Baseline {
  readonly state: Float32Array;
}

/** What one slice came to. */
export interface SliceVerdict {
  /** True while too little has been seen for the verdict to be trusted. */
  readonly isLearning: boolean;
  /** How unusual the slice is against the segment's own past; 0 while nothing can be said. */
  readonly nats: number;
  /** The part of it that users and intervals alone say: what is compared across segments. */
  readonly ownNats: number;
}

export function createBaseline(): Baseline {
  const state = new Float32Array(STATE_SIZE);
  resetVolumeModel(state, VOLUME);
  for (let index = 0; index < SIGNALS.length; index++) {
    resetSignalModel(state, FIRST_SIGNAL + index * SIGNAL_MODEL_SIZE);
  }
  resetTail(state, VERDICT_TAIL);
  state[VERDICT_TAIL] = FIRST_TAIL_THRESHOLD;
  return { state };
}

/** Scores one closed slice and learns from it. `fleetNats`: how unusual the other segments' slices are. */
export function stepDetector(
  { state }: Baseline,
  slice: SliceStatistics,
  fleetNats: number,
  sliceMs = MINUTE_MS,
): SliceVerdict {
  const slicesPerDay = DAY_MS / sliceMs;
  const seen = state[SLICES_SEEN] ?? 0;
  state[SLICES_SEEN] = seen + 1;
  const settled = seen >= slicesPerDay;
  const dayShare = (slice.sliceStartMs % DAY_MS) / DAY_MS;
  const weekShare = (slice.sliceStartMs % WEEK_MS) / WEEK_MS;
  const volume: VolumeScore = { jump: 0, ramp: 0, expected: 0, spread: 0 };
  const context = { dayShare, weekShare, slicesPerDay, settled };
  stepVolume(state, VOLUME, slice.bidCount, { context, score: volume });
  const logBids = Math.log(slice.bidCount + 0.5);
  const scores = scoreSignals(state, slice, { logBids, dayShare, settled });
  const ownNats = Math.max(scores.users, scores.intervals);
  const combined = combinedNats(scores, Math.max(volume.jump, volume.ramp), fleetNats);
  if (seen < SILENT_DAYS * slicesPerDay) return { isLearning: true, nats: 0, ownNats };
  const nats = tailNats(state, VERDICT_TAIL, combined);
  learnTail(state, VERDICT_TAIL, combined);
  const isLearning =
    seen < LEARNING_DAYS * slicesPerDay || tailWeight(state, VERDICT_TAIL) < EXTREMES_MIN;
  return { isLearning, nats, ownNats };
}

/** Every signal's score; 0 for one that the slice does not tell. */
function scoreSignals(
  state: Float32Array,
  slice: SliceStatistics,
  position: SlicePosition,
): Readonly<Record<SignalName, number>> {
  const reading: Reading = { value: 0, weight: 1 };
  const scores = SIGNALS.map((signal, index) => {
    if (!signal.read(slice, reading)) return [signal.name, 0];
    const at = FIRST_SIGNAL + index * SIGNAL_MODEL_SIZE;
    return [
      signal.name,
      Math.min(SIGNAL_MAX, stepSignal(state, at, signal, { reading, position })),
    ];
  });
  return Object.fromEntries(scores);
}

/** The two strongest kinds of evidence together: one alone is a signal, not a verdict. */
function combinedNats(
  scores: Readonly<Record<SignalName, number>>,
  volumeNats: number,
  fleetNats: number,
): number {
  const { topPrice, priceLevel, priceSpread, wins, seats } = scores;
  const campaign = Math.max(topPrice, priceLevel, priceSpread, wins, seats);
  const crowd = Math.max(
    Math.min(VOLUME_MAX, volumeNats),
    Math.min(NEW_USERS_MAX, scores.newUsers),
  );
  const own = Math.max(scores.users, scores.intervals);
  const fleet = Math.min(fleetNats, SIGNAL_MAX) * Math.min(1, own / FLEET_NEEDS);
  const [first = 0, second = 0] = [
    Math.max(campaign, crowd),
    scores.users,
    scores.intervals,
    Math.min(CLICKS_MAX, scores.clicks),
    fleet,
  ].toSorted((a, b) => b - a);
  return first + second;
}
