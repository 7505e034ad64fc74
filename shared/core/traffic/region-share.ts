import type { Region } from "../auction/event.ts";
import { DAY_MS, HOUR_MS } from "../time.ts";

/** Each region's part of the day's bids, its clock's distance from UTC, and what it pays in. */
const profiles: Readonly<
  Record<
    Region,
    { readonly weight: number; readonly offsetHours: number; readonly currency: string }
  >
> = {
  us: { weight: 0.5, offsetHours: -6, currency: "USD" },
  eu: { weight: 0.3, offsetHours: 1, currency: "EUR" },
  apac: { weight: 0.2, offsetHours: 9, currency: "JPY" },
};
/** People browse most in the evening; the quietest hour has a quarter of the busiest one's bids. */
const PEAK_HOUR = 20;
const SWING = 0.6;

/**
 * Each region's share of the bids at a moment, in the order of `regions`, which add up to 1: every region
 * has its own day, so the shares wander though the whole is constant.
 */
export function regionShares(regions: readonly Region[], timeMs: number): readonly number[] {
  const weights = regions.map((region) => {
    const { weight, offsetHours } = profiles[region];
    const hour = ((timeMs % DAY_MS) / HOUR_MS + offsetHours + 24) % 24;
    return weight * (1 + SWING * Math.cos(((hour - PEAK_HOUR) / 24) * 2 * Math.PI));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** The currency that auctions of a region are held in. */
export function currencyOf(region: Region): string {
  return profiles[region].currency;
}
