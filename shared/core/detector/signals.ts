import type { SliceStatistics } from "./slice-statistics.ts";

/** One reading of a slice, on a scale where its noise is about normal. */
export type Reading = {
  /** The value; its sampling variance is taken to be a / weight + b, both learned. */
  value: number;
  weight: number;
};

/** A signal that tells bots from popularity; bid volume is apart, see volume.ts. */
export type Signal = {
  readonly name: SignalName;
  /** Which side is suspicious. */
  readonly side: "high" | "low" | "both";
  /** Whether the value is first adjusted for how it moves with the log of the bid count. */
  readonly followsVolume: boolean;
  /** Fills `reading` and returns true, or returns false where a field is unknown. */
  readonly read: (slice: SliceStatistics, reading: Reading) => boolean;
};

export const SIGNAL_NAMES = [
  "users",
  "intervals",
  "topPrice",
  "priceLevel",
  "priceSpread",
  "wins",
  "newUsers",
  "clicks",
  "seats",
] as const;
export type SignalName = (typeof SIGNAL_NAMES)[number];

/** One row a signal; the order is that of the baseline's state. */
export const SIGNALS: readonly Signal[] = [
  { name: "users", side: "low", followsVolume: true, read: readUsers },
  { name: "intervals", side: "both", followsVolume: true, read: readIntervals },
  { name: "topPrice", side: "high", followsVolume: false, read: readTopPrice },
  { name: "priceLevel", side: "high", followsVolume: false, read: readPriceLevel },
  { name: "priceSpread", side: "both", followsVolume: false, read: readPriceSpread },
  { name: "wins", side: "both", followsVolume: false, read: readWins },
  { name: "newUsers", side: "both", followsVolume: false, read: readNewUsers },
  { name: "clicks", side: "both", followsVolume: false, read: readClicks },
  { name: "seats", side: "both", followsVolume: true, read: readSeats },
];

function readUsers({ userCount, bidCount }: SliceStatistics, reading: Reading): boolean {
  if (userCount === undefined || userCount <= 0 || bidCount <= 0) return false;
  reading.value = Math.log(userCount / bidCount);
  reading.weight = bidCount;
  return true;
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
  const price = priceP50 ?? (priceSum === undefined ? undefined : priceSum / bidCount);
  if (price === undefined || !(price > 0) || bidCount <= 0) return false;
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

function readClicks({ clickCount, bidCount }: SliceStatistics, reading: Reading): boolean {
  return readShare(ratio(clickCount, bidCount), bidCount, reading);
}

function readSeats({ seatCount, bidCount }: SliceStatistics, reading: Reading): boolean {
  if (seatCount === undefined || seatCount <= 0 || bidCount <= 0) return false;
  reading.value = Math.log(seatCount);
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
