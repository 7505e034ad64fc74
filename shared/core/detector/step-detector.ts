/**
 * The detector of one segment, in two steps a closed slice: `scoreSlice` compares the slice with the
 * baseline and learns it, then, once the fleet has been heard, `judgeSlice` says how rare it is.
 * Pure arithmetic on the baseline it owns: the same baseline and slices give the same verdicts on every
 * machine. Verdicts are in nats: minus the natural logarithm of how many harmless episodes begin a slice
 * that score as high.
 */
import { DAY_MS, WEEK_MS } from "../time.ts";
import { bareRiseOf, SCORES_SIZE, VOLUME_SCORES } from "./evidence.ts";
import { joiningAt, LEANING_SPEEDS, leaningAt, type SignalScores, sumOfAlike } from "./leaning.ts";
import { OWN_SURPRISE_SIZE, resetOwnSurprise, stepOwnSurprise } from "./own-surprise.ts";
import { resetTail, stepTail, TAIL_SIZE, tailWeight, teachPeak } from "./peak-tail.ts";
import { SIGNAL_MODEL_SIZE, type SlicePosition, stepSignal } from "./signal-model.ts";
import { type Reading, SIGNALS } from "./signals.ts";
import type { SliceStatistics } from "./slice-statistics.ts";
import { SPEEDS } from "./speeds.ts";
import { createCurvePoint, learnCurve, placeOnCurve, VOLUME_CURVE_SIZE } from "./volume-curve.ts";
import { stepVolume, VOLUME_MODEL_SIZE, type VolumeScore } from "./volume-model.ts";

const VOLUME = 0;
const CURVE = VOLUME + VOLUME_MODEL_SIZE;
const FIRST_SIGNAL = CURVE + VOLUME_CURVE_SIZE;
const OWN_SURPRISE = FIRST_SIGNAL + SIGNALS.length * SIGNAL_MODEL_SIZE;
const VERDICT_TAIL = OWN_SURPRISE + OWN_SURPRISE_SIZE;
const PRICE_TAIL = VERDICT_TAIL + TAIL_SIZE;
const SILENCE_TAIL = PRICE_TAIL + TAIL_SIZE;
const SLICES_SEEN = SILENCE_TAIL + TAIL_SIZE;
const STATE_SIZE = SLICES_SEEN + 1;

/** Where the tails start before they have learned extremes of their own. */
const VERDICT_START = 5;
const PRICE_START = 3;
const SILENCE_START = 3;
/** A segment is silent from so many slices on, of which two make a unit of evidence. */
const SILENCE_GRACE = 4;
const SILENCE_A_SLICE = 0.5;
const VERDICT_SHAPE = 0.035;
/** Episodes close sooner than flags: so many nats of them merge into one flag. Measured. */
const MERGED_NATS = 0.5;
/** Below so many bids a slice's ratios say next to nothing, and its signals rest. */
const BIDS_MIN = 8;
const MEMORY_DAYS = 3;
/** Evidence is calibrated from the second day on, verdicts from the third, told from the fifth. */
const SETTLED_DAYS = 1;
const SILENT_DAYS = 2;
const LEARNING_DAYS = 4;
const EXTREMES_MIN = 30;
/** Above so many nats the fleet speaks against its segments: at so much a nat, up to a most. */
const FLEET_FROM = 6;
const FLEET_GAIN = 3;
const FLEET_MAX = 16;
/** The joining from which a segment takes part in what the fleet does, and at which it does in full. */
const JOINING_FROM = 1.8;
const JOINING_FULL = 3.8;
/** The speeds at which the fleet is heard, together. */
const FLEET_SPEEDS = [1, 2] as const;

/** What the detector knows of one segment, as numbers that can be stored and read back. */
export interface Baseline {
  readonly state: Float32Array;
}

/** What one slice scored, for `judgeSlice` and for the evidence of a flag. */
export interface SliceScores extends SignalScores {
  readonly volume: VolumeScore;
  /** How much the slice leans the way that bots push, at each speed of `LEANING_SPEEDS`. */
  readonly leanings: Float64Array;
  /** The leaning that the fleet is made of. */
  leaning: number;
}

/** What one slice came to. */
export interface SliceVerdict {
  /** True while too little has been seen for the verdict to be trusted; then `nats` is 0. */
  readonly isLearning: boolean;
  readonly nats: number;
  /** The evidence behind it before calibration: what a dismissed flag teaches. */
  readonly evidence: number;
  /** The speed at which the evidence was strongest, see `SPEED_SLICES`. */
  readonly speed: number;
  /** How surprising it is that the segment alone is silent; 0 where it is not. */
  readonly silenceNats: number;
  /** What the fleet adds to the evidence. */
  readonly fleetNats: number;
}

export function createBaseline(): Baseline {
  const state = new Float32Array(STATE_SIZE);
  resetOwnSurprise(state, OWN_SURPRISE);
  resetTail(state, VERDICT_TAIL, VERDICT_START);
  resetTail(state, PRICE_TAIL, PRICE_START);
  resetTail(state, SILENCE_TAIL, SILENCE_START);
  return { state };
}

/** A baseline from its stored bytes. Throws RangeError where they are of another layout. */
export function readBaseline(bytes: Uint8Array): Baseline {
  const state = new Float32Array(STATE_SIZE);
  if (bytes.length !== state.byteLength) {
    throw new RangeError(`a baseline of ${bytes.length} bytes, not ${state.byteLength}`);
  }
  new Uint8Array(state.buffer).set(bytes);
  return { state };
}

export function createSliceScores(): SliceScores {
  const volume = { expected: 0, spread: 0, isDark: false, silentSlices: 0 };
  return {
    scores: new Float64Array(SCORES_SIZE),
    sensitivity: new Float64Array(SCORES_SIZE),
    volume,
    leanings: new Float64Array(SPEEDS),
    leaning: 0,
  };
}

/** Scratch of one call, kept so that a slice allocates nothing. */
const position: SlicePosition = {
  point: createCurvePoint(),
  dayShare: 0,
  slicesPerDay: 0,
  memorySlices: 0,
};

/** Scores one closed slice into `into` and learns it. */
export function scoreSlice(
  { state }: Baseline,
  slice: SliceStatistics,
  sliceMs: number,
  into: SliceScores,
): void {
  const { scores, sensitivity, volume, leanings } = into;
  const slicesPerDay = DAY_MS / sliceMs;
  const dayShare = (slice.sliceStartMs % DAY_MS) / DAY_MS;
  const weekShare = (slice.sliceStartMs % WEEK_MS) / WEEK_MS;
  state[SLICES_SEEN] = (state[SLICES_SEEN] ?? 0) + 1;
  scores.fill(0);
  sensitivity.fill(0);
  const context = { dayShare, weekShare, slicesPerDay };
  stepVolume(state, VOLUME, slice.bidCount, {
    context,
    score: volume,
    scores,
    into: VOLUME_SCORES,
  });
  if (slice.bidCount >= BIDS_MIN && !volume.isDark) {
    position.dayShare = dayShare;
    position.slicesPerDay = slicesPerDay;
    position.memorySlices = MEMORY_DAYS * slicesPerDay;
    scoreSignals(state, slice, into);
  }
  for (const speed of LEANING_SPEEDS) leanings[speed] = leaningAt(into, speed);
  const [quick, slow] = FLEET_SPEEDS;
  into.leaning = sumOfAlike(leanings[quick] ?? 0, leanings[slow] ?? 0);
}

const reading: Reading = { value: 0, weight: 1, followsVolume: false, dilution: () => 0 };

function scoreSignals(state: Float32Array, slice: SliceStatistics, into: SliceScores): void {
  placeOnCurve(state, CURVE, slice.bidCount, position.point);
  for (let index = 0; index < SIGNALS.length; index += 1) {
    const signal = SIGNALS[index];
    if (signal === undefined || !signal.read(slice, reading)) continue;
    reading.followsVolume = signal.followsVolume;
    reading.dilution = signal.dilution;
    const at = FIRST_SIGNAL + index * SIGNAL_MODEL_SIZE;
    stepSignal(state, at, reading, { position, slice: into, into: index * SPEEDS });
  }
  learnCurve(state, CURVE, position.point, position.memorySlices);
}

const NOTHING_YET: SliceVerdict = {
  isLearning: true,
  nats: 0,
  evidence: 0,
  speed: 0,
  silenceNats: 0,
  fleetNats: 0,
};

/** Says how rare a scored slice is, with `fleetNats` from `stepFleet`, and learns its extremes. */
export function judgeSlice(
  { state }: Baseline,
  slice: SliceScores,
  fleetNats: number,
  sliceMs: number,
): SliceVerdict {
  const days = ((state[SLICES_SEEN] ?? 0) * sliceMs) / DAY_MS;
  if (days <= SETTLED_DAYS) return NOTHING_YET;
  const priceNats = stepTail(state, PRICE_TAIL, bareRiseOf(slice.scores), 0);
  const own = stepOwnSurprise(state, OWN_SURPRISE, slice, priceNats);
  const silentSlices = fleetNats < 0 ? 0 : slice.volume.silentSlices;
  const silence = SILENCE_A_SLICE * Math.max(0, silentSlices - SILENCE_GRACE);
  const silenceNats = stepTail(state, SILENCE_TAIL, silence, 0);
  if (days <= SILENT_DAYS) return NOTHING_YET;
  const added = fleetEvidence(slice, fleetNats);
  const evidence = Math.max(silenceNats, own.nats) + added;
  const nats = stepTail(state, VERDICT_TAIL, evidence, VERDICT_SHAPE) + MERGED_NATS;
  const isLearning = days <= LEARNING_DAYS || tailWeight(state, VERDICT_TAIL) < EXTREMES_MIN;
  return {
    isLearning,
    nats: isLearning ? 0 : nats,
    evidence,
    speed: own.speed,
    silenceNats,
    fleetNats: added,
  };
}

/** The fleet's surprise counts for a segment as far as the segment takes part in it. */
function fleetEvidence(slice: SliceScores, fleetNats: number): number {
  if (fleetNats <= FLEET_FROM) return 0;
  const [quick, slow] = FLEET_SPEEDS;
  const joining = sumOfAlike(joiningAt(slice, quick), joiningAt(slice, slow));
  const part = (joining - JOINING_FROM) / (JOINING_FULL - JOINING_FROM);
  return (
    Math.min(FLEET_MAX, FLEET_GAIN * (fleetNats - FLEET_FROM)) * Math.min(1, Math.max(0, part))
  );
}

/** Teaches the baseline that an episode whose evidence peaked at `evidence` was harmless. */
export function teachHarmless({ state }: Baseline, evidence: number): void {
  teachPeak(state, VERDICT_TAIL, evidence);
}
