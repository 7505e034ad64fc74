/**
 * How much a slice leans the way that bots push, by all signals together: each by itself may be too little
 * to accuse a segment. Bots dilute: of their bids few win, none is clicked, and they come from few users.
 * How far that moves a segment's score hangs on its traffic and is learned (see `sensitivity`), so that
 * scores are weighed by how much each tells there: the matched filter. What else bots move has fixed weights.
 */
import {
  CLICKS,
  INTERVALS,
  NEW_USERS,
  SEATS,
  SLOWEST,
  TOP_PRICE,
  USERS,
  VOLUME_SCORES,
  WINS,
} from "./evidence.ts";

/** One number a signal and speed each, placed as `evidence.ts` says. */
export type SignalScores = {
  /** Standard scores. */
  readonly scores: Float64Array;
  /** How far a score falls as the share of bots' bids goes from 0 to 1; 0 where bots do not dilute it. */
  readonly sensitivity: Float64Array;
};

/** Weights beside that of dilution, which is 1; all are of standard scores. */
type Weights = {
  readonly newUsers: number;
  readonly seats: number;
  readonly topPrice: number;
  readonly intervals: number;
  readonly volume: number;
  readonly newUsersMax: number;
};

const CLIP = 6;
const SEATS_MAX = 3;
/** Campaigns move trade as bots do, and further: wins, the top price and volume say no more than this each. */
const TRADE_MAX = 2;
/** Bots bring some users, too: so much of what users would tell if they brought none. */
const USERS_TELL = 0.7;
/** Two speeds that are neighbours share most of what they feel: their sum strays so much. */
const ALIKE_NORM = 1.8;

/** A flash crowd brings new users, and a campaign volume: these must not accuse a segment by themselves. */
const ALONE: Weights = {
  newUsers: 0.5,
  seats: 0.25,
  topPrice: 0.15,
  intervals: 0.1,
  volume: 0.1,
  newUsersMax: 3,
};
/** Once the fleet is known to be under attack, who has more of anything that bots bring takes part. */
const TOGETHER: Weights = {
  newUsers: 1.1,
  seats: 0.75,
  topPrice: 0.15,
  intervals: 0.1,
  volume: 0.35,
  newUsersMax: CLIP,
};
const ALONE_NORM = normOf(ALONE);
const TOGETHER_NORM = normOf(TOGETHER);

/** The speeds at which leaning counts, from which attacks that grow slowly are told. */
export const LEANING_SPEEDS = [1, 2, 3] as const;

/** How much a slice leans at one speed, in about standard deviations. */
export function leaningAt(slice: SignalScores, speed: number): number {
  return weighedAt(slice, speed, ALONE) / ALONE_NORM;
}

/** How much a slice looks as if it took part in an attack on many segments, in about standard deviations. */
export function joiningAt(slice: SignalScores, speed: number): number {
  return weighedAt(slice, speed, TOGETHER) / TOGETHER_NORM;
}

/** What two neighbouring speeds say together, on the scale of one. */
export function sumOfAlike(one: number, other: number): number {
  return (one + other) / ALIKE_NORM;
}

function weighedAt(slice: SignalScores, speed: number, weights: Weights): number {
  const { scores } = slice;
  return (
    dilutionAt(slice, speed) +
    weights.newUsers * Math.min(weights.newUsersMax, clipped(scores, NEW_USERS + speed)) +
    weights.seats * Math.min(SEATS_MAX, clipped(scores, SEATS + speed)) +
    (speed === SLOWEST
      ? 0
      : weights.topPrice * Math.min(TRADE_MAX, clipped(scores, TOP_PRICE + speed))) -
    weights.intervals * clipped(scores, INTERVALS + speed) +
    weights.volume * Math.min(TRADE_MAX, clipped(scores, VOLUME_SCORES + speed))
  );
}

/** How far users, clicks and wins have fallen together, each weighed by its sensitivity. */
function dilutionAt({ scores, sensitivity }: SignalScores, speed: number): number {
  const users = USERS_TELL * (sensitivity[USERS + speed] ?? 0);
  const clicks = sensitivity[CLICKS + speed] ?? 0;
  const wins = sensitivity[WINS + speed] ?? 0;
  const norm = Math.sqrt(users * users + clicks * clicks + wins * wins);
  if (norm === 0) return 0;
  const fallen =
    users * clipped(scores, USERS + speed) +
    clicks * clipped(scores, CLICKS + speed) +
    wins * Math.max(-TRADE_MAX, clipped(scores, WINS + speed));
  return -fallen / norm;
}

function clipped(scores: Float64Array, at: number): number {
  return Math.min(CLIP, Math.max(-CLIP, scores[at] ?? 0));
}

function normOf({ newUsers, seats, topPrice, intervals, volume }: Weights): number {
  return Math.hypot(1, newUsers, seats, topPrice, intervals, volume);
}
