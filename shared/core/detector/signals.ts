import type { SliceStatistics } from "./slice-statistics.ts";

/** One reading of a slice, on a scale where its noise is about normal. */
export type Reading = {
  /** The value; its sampling variance is taken to be a / weight + b, both learned. */
  value: number;
  weight: number;
  /** Whether the value is expected to move with the bid count. */
  followsVolume: boolean;
  /** How fast an expected value falls with the share of bots' bids; 0 where bots do not dilute it. */
  dilution: (expected: number) => number;
};

/** A signal that tells bots from popularity; bid volume itself is in `volume-model.ts`. */
type SignalReader = {
  readonly name: string;
  readonly followsVolume: boolean;
  readonly dilution: Reading["dilution"];
  /** Fills `reading` and returns true, or returns false where a field is unknown. */
  readonly read: (slice: SliceStatistics, reading: Reading) => boolean;
};

/** Towards a share of 1 the arcsine scale falls without bound: nine tenths are taken as the most. */
const SHARE_DILUTED_MAX = 2.5;

/** One row a signal; the order is that of the baseline's state. */
export const SIGNALS = [
  { name: "users", followsVolume: true, dilution: dilutedShare, read: readUsers },
  { name: "intervals", followsVolume: true, dilution: undiluted, read: readIntervals },
  { name: "topPrice", followsVolume: false, dilution: undiluted, read: readTopPrice },
  { name: "priceLevel", followsVolume: false, dilution: undiluted, read: readPriceLevel },
  { name: "priceSpread", followsVolume: false, dilution: undiluted, read: readPriceSpread },
  { name: "wins", followsVolume: false, dilution: dilutedShare, read: readWins },
  { name: "newUsers", followsVolume: false, dilution: undiluted, read: readNewUsers },
  { name: "clicks", followsVolume: false, dilution: dilutedRatio, read: readClicks },
  { name: "seats", followsVolume: true, dilution: undiluted, read: readSeats },
] as const satisfies readonly SignalReader[];
export type SignalName = (typeof SIGNALS)[number]["name"];

/** Of a share p on the arcsine scale: a share f of bids without any makes it (1 - f) p. */
function dilutedShare(expected: number): number {
  return Math.tan(Math.min(SHARE_DILUTED_MAX, Math.max(0, expected)) / 2);
}

function dilutedRatio(expected: number): number {
  return Math.max(0, expected);
}

function undiluted(): number {
  return 0;
}

function readUsers({ userCount, bidCount }: SliceStatistics, reading: Reading): boolean {
  return readShare(ratio(userCount, bidCount), bidCount, reading);
}

function readIntervals({ intervalCv, bidCount }: SliceStatistics, reading: Reading): boolean {
  if (intervalCv === undefined || bidCount < 3) return false;
  reading.value = Math.log(Math.max(intervalCv, 0.01));
  reading.weight = bidCount;
  return true;
}

function readTopPrice({ topPriceShare, bidCount }: SliceStatistics, reading: Reading): boolean {
  return readShare(topPriceShare, bidCount, reading);
}

function readPriceLevel(slice: SliceStatistics, reading: Reading): boolean {
  const { priceP50, priceSum, bidCount } = slice;
  const price = priceP50 ?? ratio(priceSum, bidCount);
  if (price === undefined || !(price > 0)) return false;
  reading.value = Math.log(price);
  reading.weight = bidCount;
  return true;
}

function readPriceSpread(slice: SliceStatistics, reading: Reading): boolean {
  const { priceP50, priceP90, bidCount } = slice;
  if (priceP50 === undefined || priceP90 === undefined || !(priceP50 > 0)) return false;
  if (bidCount < 3) return false;
  reading.value = Math.sqrt(Math.max(0, Math.log(priceP90 / priceP50)));
  reading.weight = bidCount;
  return true;
}

function readWins({ winCount, bidCount }: SliceStatistics, reading: Reading): boolean {
  return readShare(ratio(winCount, bidCount), bidCount, reading);
}

function readNewUsers(
  { newUserShare, userCount, bidCount }: SliceStatistics,
  reading: Reading,
): boolean {
  return readShare(newUserShare, userCount ?? bidCount, reading);
}

/** Clicks are so few that only their plain share keeps its mean when the count is small. */
function readClicks({ clickCount, bidCount }: SliceStatistics, reading: Reading): boolean {
  const share = ratio(clickCount, bidCount);
  if (share === undefined) return false;
  reading.value = share;
  reading.weight = bidCount;
  return true;
}

/** On the scale where a count's own noise is 1 whatever its mean. */
function readSeats({ seatCount, bidCount }: SliceStatistics, reading: Reading): boolean {
  if (seatCount === undefined || seatCount <= 0 || bidCount <= 0) return false;
  reading.value = 2 * Math.sqrt(seatCount);
  reading.weight = bidCount;
  return true;
}

function ratio(part: number | undefined, whole: number): number | undefined {
  return part === undefined || whole <= 0 ? undefined : part / whole;
}

/** A share on the arcsine scale, where its sampling variance is 1 / trials whatever the share. */
function readShare(share: number | undefined, trials: number, reading: Reading): boolean {
  if (share === undefined || trials <= 0) return false;
  reading.value = 2 * Math.asin(Math.sqrt(Math.min(1, Math.max(0, share))));
  reading.weight = trials;
  return true;
}
