/**
 * What the standard scores of one slice say together. Nine signals and the volume each argue at four
 * speeds; kinds that honest events move together argue as one: a campaign that switches on lifts volume,
 * price and wins at once, a flash crowd volume and new users, and a crowd of many users speaks against
 * bots.
 */
import { SIGNALS, type SignalName } from "./signals.ts";
import { SPEEDS } from "./speeds.ts";

const INDEX = Object.fromEntries(SIGNALS.map(({ name }, index) => [name, index * SPEEDS]));
const USERS = INDEX["users"] ?? 0;
const INTERVALS = INDEX["intervals"] ?? 0;
const TOP_PRICE = INDEX["topPrice"] ?? 0;
const PRICE_LEVEL = INDEX["priceLevel"] ?? 0;
const PRICE_SPREAD = INDEX["priceSpread"] ?? 0;
const WINS = INDEX["wins"] ?? 0;
const NEW_USERS = INDEX["newUsers"] ?? 0;
const CLICKS = INDEX["clicks"] ?? 0;
const SEATS = INDEX["seats"] ?? 0;
/** Where the volume's scores stand, after those of the signals. */
export const VOLUME_SCORES = SIGNALS.length * SPEEDS;
export const SCORES_SIZE = VOLUME_SCORES + SPEEDS;

/** Most that one kind of evidence adds: beyond it, more of the same says no more. Nats. */
const BOTS_MAX = 20;
const CORROBORATION_MAX = 12;
const NEW_USERS_MAX = 3;
const CAMPAIGN_MAX = 6;
const PRICE_MAX = 14;
const SLOWEST = SPEEDS - 1;
/** Speeds up to this one hear of campaigns and crowds; over longer spans those are common. */
const CAMPAIGN_SPEEDS = 2;

/** The speed at which a price rise is compared with the segment's own earlier ones. */
const PRICE_SPEED = 1;
/** From this volume score on, a price that rises is a campaign's. */
const VOLUME_EXPLAINS = 2;

/** How far the price has risen without the volume that a campaign would bring. A standard score. */
export function bareRiseOf(scores: Float64Array): number {
  const volume = scores[VOLUME_SCORES + PRICE_SPEED] ?? 0;
  const price = scores[PRICE_LEVEL + PRICE_SPEED] ?? 0;
  return price * Math.max(0, 1 - Math.max(0, volume) / VOLUME_EXPLAINS);
}

/**
 * The evidence of bots at one speed, in about nats; never negative. `priceNats` is the surprise at
 * {@link bareRiseOf}.
 */
export function evidenceAt(scores: Float64Array, speed: number, priceNats: number): number {
  const users = scores[USERS + speed] ?? 0;
  const corroboration =
    Math.min(BOTS_MAX, rise(-users)) +
    Math.min(BOTS_MAX, stray(scores[INTERVALS + speed] ?? 0)) +
    Math.min(CORROBORATION_MAX, rise(-(scores[CLICKS + speed] ?? 0))) +
    Math.min(CORROBORATION_MAX, rise(scores[SEATS + speed] ?? 0));
  const crowd = Math.min(NEW_USERS_MAX, rise(scores[NEW_USERS + speed] ?? 0));
  const switched = speed < CAMPAIGN_SPEEDS ? Math.min(CAMPAIGN_MAX, campaignAt(scores, speed)) : 0;
  const inflated = speed === SLOWEST ? 0 : Math.min(PRICE_MAX, priceNats);
  return corroboration + Math.max(0, crowd + Math.max(switched, inflated) - rise(users));
}

function campaignAt(scores: Float64Array, speed: number): number {
  return Math.max(
    rise(scores[VOLUME_SCORES + speed] ?? 0),
    rise(scores[TOP_PRICE + speed] ?? 0),
    rise(scores[PRICE_LEVEL + speed] ?? 0),
    stray(scores[PRICE_SPREAD + speed] ?? 0),
    stray(scores[WINS + speed] ?? 0),
  );
}

/** What bots move, by how much it tells in the mean over kinds of attack. Measured. */
const PEOPLE = { users: 1, newUsers: 0.6, clicks: 0.35, seats: 0.3 } as const;
const TRADE = { wins: 0.6, topPrice: 0.2, intervals: 0.15, volume: 0.1 } as const;
const LEANING_NORM = Math.sqrt(
  [...Object.values(PEOPLE), ...Object.values(TRADE)].reduce((sum, each) => sum + each * each, 0),
);
/** Neighbouring speeds share most of what they feel: their sum strays so much. */
const ALIKE_NORM = 1.8;
const LEANING_CLIP = 6;
const LEANING_NEW_USERS_MAX = 3;
const LEANING_SEATS_MAX = 4;
/** Campaigns move trade and not people: it adds at most so much of what people say. */
const TRADE_SHARE = 0.4;

/**
 * How much a slice leans the way that bots push, in about standard deviations, by all signals together:
 * each by itself may be too little to accuse a segment.
 */
export function leaningAt(scores: Float64Array, speed: number): number {
  const score = (at: number): number => clip(scores[at + speed] ?? 0, LEANING_CLIP);
  const people =
    PEOPLE.users * -score(USERS) +
    PEOPLE.newUsers * Math.min(LEANING_NEW_USERS_MAX, score(NEW_USERS)) +
    PEOPLE.clicks * -score(CLICKS) +
    PEOPLE.seats * Math.min(LEANING_SEATS_MAX, score(SEATS));
  if (people <= 0) return people / LEANING_NORM;
  const trade =
    TRADE.wins * -score(WINS) +
    (speed === SLOWEST ? 0 : TRADE.topPrice * score(TOP_PRICE)) +
    TRADE.intervals * -score(INTERVALS) +
    TRADE.volume * score(VOLUME_SCORES);
  return (people + Math.min(trade, TRADE_SHARE * people)) / LEANING_NORM;
}

/** The evidence of leaning alone, in about nats; at the slowest speed together with the one before. */
export function leaningNatsAt(scores: Float64Array, speed: number): number {
  const leaning = leaningAt(scores, speed);
  return rise(speed < SLOWEST ? leaning : sumOfAlike(leaning, leaningAt(scores, speed - 1)));
}

/** Two leanings of neighbouring speeds together, on the scale of one. */
export function sumOfAlike(one: number, other: number): number {
  return (one + other) / ALIKE_NORM;
}

const PRESSURE = { volume: 0.8, wins: 0.5 } as const;
const PRESSURE_NORM = Math.sqrt(3 + PRESSURE.volume ** 2 + PRESSURE.wins ** 2);
const PRESSURE_CLIP = 4;

/** How much more there is of all that bots add, volume first: for bots that bid as seldom as people. */
export function pressureAt(scores: Float64Array, speed: number): number {
  const score = (at: number): number => clip(scores[at + speed] ?? 0, PRESSURE_CLIP);
  const sum =
    score(SEATS) -
    score(USERS) -
    score(CLICKS) -
    PRESSURE.wins * score(WINS) +
    PRESSURE.volume * score(VOLUME_SCORES);
  return sum / PRESSURE_NORM;
}

/**
 * What each signal says by itself at one speed, in about nats; the volume as `volume`. What campaigns move
 * says nothing at the slowest.
 */
export function evidenceBySignal(
  scores: Float64Array,
  speed: number,
): Readonly<Record<SignalName | "volume", number>> {
  return {
    volume: rise(scores[VOLUME_SCORES + speed] ?? 0),
    users: rise(-(scores[USERS + speed] ?? 0)),
    intervals: stray(scores[INTERVALS + speed] ?? 0),
    topPrice: speed === SLOWEST ? 0 : rise(scores[TOP_PRICE + speed] ?? 0),
    priceLevel: rise(scores[PRICE_LEVEL + speed] ?? 0),
    priceSpread: stray(scores[PRICE_SPREAD + speed] ?? 0),
    wins: stray(scores[WINS + speed] ?? 0),
    newUsers: rise(scores[NEW_USERS + speed] ?? 0),
    clicks: rise(-(scores[CLICKS + speed] ?? 0)),
    seats: rise(scores[SEATS + speed] ?? 0),
  };
}

/** Minus the log density of a standard score above 0, but for a constant. */
function rise(z: number): number {
  return z > 0 ? 0.5 * z * z : 0;
}

function stray(z: number): number {
  return 0.5 * z * z;
}

function clip(z: number, limit: number): number {
  return Math.min(limit, Math.max(-limit, z));
}
