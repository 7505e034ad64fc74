/**
 * What the standard scores of one slice say together. Nine signals and the volume each argue at four
 * speeds; kinds that honest events move together argue as one: a campaign that switches on lifts volume,
 * price and wins at once, a flash crowd volume and new users, and a crowd of many users speaks against
 * bots.
 */
import { SIGNALS, type SignalName } from "./signals.ts";
import { SPEEDS } from "./speeds.ts";

/** Where a signal's scores stand, one a speed. */
const INDEX = Object.fromEntries(SIGNALS.map(({ name }, index) => [name, index * SPEEDS]));
export const USERS = INDEX["users"] ?? 0;
export const INTERVALS = INDEX["intervals"] ?? 0;
export const TOP_PRICE = INDEX["topPrice"] ?? 0;
const PRICE_LEVEL = INDEX["priceLevel"] ?? 0;
const PRICE_SPREAD = INDEX["priceSpread"] ?? 0;
export const WINS = INDEX["wins"] ?? 0;
export const NEW_USERS = INDEX["newUsers"] ?? 0;
export const CLICKS = INDEX["clicks"] ?? 0;
export const SEATS = INDEX["seats"] ?? 0;
/** Where the volume's scores stand, after those of the signals. */
export const VOLUME_SCORES = SIGNALS.length * SPEEDS;
export const SCORES_SIZE = VOLUME_SCORES + SPEEDS;

/** Most that one kind of evidence adds: beyond it, more of the same says no more. Nats. */
const BOTS_MAX = 20;
const CORROBORATION_MAX = 12;
const NEW_USERS_MAX = 3;
const CAMPAIGN_MAX = 6;
const PRICE_MAX = 14;
/** The slowest speed. */
export const SLOWEST = SPEEDS - 1;
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
export function rise(z: number): number {
  return z > 0 ? 0.5 * z * z : 0;
}

function stray(z: number): number {
  return 0.5 * z * z;
}
