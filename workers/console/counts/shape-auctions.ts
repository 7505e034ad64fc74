import { alignDown } from "../../../shared/core/time.ts";
import type { WindowCount } from "./counts-query.ts";

/** An auction's windows put on the page's grid of window starts. */
export interface AuctionRow {
  readonly auctionId: string;
  readonly region: string;
  /** Bids in all windows of the grid. */
  readonly bids: number;
  /** Bids in each window of the grid, oldest first; 0 where the auction has none. */
  readonly counts: readonly number[];
  readonly priceMin: string;
  readonly priceMax: string;
  readonly open: number;
}

/** The starts of so many windows up to the newest one counted, oldest first. */
export function windowGrid(
  counts: readonly WindowCount[],
  atLeastMs: number,
  { windowMs, windows }: { readonly windowMs: number; readonly windows: number },
): number[] {
  const newestMs = counts.reduce((newest, { startMs }) => Math.max(newest, startMs), atLeastMs);
  const last = alignDown(newestMs, windowMs);
  return Array.from({ length: windows }, (_, index) => last - (windows - 1 - index) * windowMs);
}

/** One row an auction, most bids first, equal ones by id. */
export function shapeAuctions(
  counts: readonly WindowCount[],
  startsMs: readonly number[],
): AuctionRow[] {
  const places = new Map(startsMs.map((startMs, index) => [startMs, index]));
  const byAuction = Map.groupBy(counts, ({ auctionId }) => auctionId);
  const rows = [...byAuction].map(([auctionId, windows]): AuctionRow => {
    const series = startsMs.map(() => 0);
    for (const { startMs, bids } of windows) {
      const place = places.get(startMs);
      if (place !== undefined) series[place] = bids;
    }
    return {
      auctionId,
      region: windows[0]?.region ?? "",
      bids: windows.reduce((sum, { bids }) => sum + bids, 0),
      counts: series,
      priceMin: extreme(
        windows.map(({ priceMin }) => priceMin),
        1,
      ),
      priceMax: extreme(
        windows.map(({ priceMax }) => priceMax),
        -1,
      ),
      open: windows.filter(({ isFinal }) => !isFinal).length,
    };
  });
  return rows.toSorted(
    (a, b) =>
      b.bids - a.bids || (a.auctionId < b.auctionId ? -1 : Number(a.auctionId > b.auctionId)),
  );
}

/** The least of decimal texts by value, kept as it is written; the greatest where `sign` is -1. */
function extreme(decimals: readonly string[], sign: 1 | -1): string {
  return decimals.toSorted((a, b) => sign * (Number(a) - Number(b)))[0] ?? "";
}

/** An auction that somebody asked for. */
export interface SoughtAuction {
  readonly auctionId: string;
  readonly region: string;
  readonly windows: readonly Omit<WindowCount, "auctionId" | "region">[];
}

/** What was found of an auction, windows oldest first; no window where it was never counted. */
export function shapeSought(auctionId: string, counts: readonly WindowCount[]): SoughtAuction {
  const found = counts.filter((each) => each.auctionId === auctionId);
  return {
    auctionId,
    region: found[0]?.region ?? "",
    windows: found
      .toSorted((a, b) => a.startMs - b.startMs)
      .map(({ startMs, bids, priceMin, priceMax, isFinal }) => ({
        startMs,
        bids,
        priceMin,
        priceMax,
        isFinal,
      })),
  };
}
