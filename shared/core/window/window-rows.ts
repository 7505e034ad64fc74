import type { AuctionCache } from "./auction-cache.ts";
import type { WindowTotals } from "./slice-lists.ts";
import type { WindowShape } from "./window-shape.ts";

/** Beam's pane timing: where the watermark stood when a window's result was fired. */
export type PaneTiming = "early" | "onTime" | "late";

/** A window's result as of one revision of its auction. Times in milliseconds. */
export interface WindowRow extends WindowTotals {
  auctionId: string;
  sizeMs: number;
  slideMs: number;
  startMs: number;
  revision: number;
  timing: PaneTiming;
}

/** Reads windows of one auction after the other, each into the same row. */
export class WindowRows {
  readonly #cache: AuctionCache;
  readonly #row: WindowRow = {
    auctionId: "",
    sizeMs: 0,
    slideMs: 0,
    startMs: 0,
    revision: 0,
    timing: "early",
    ...NO_TOTALS,
  };
  #auction = -1;
  /** Windows of several sizes often hold the same slices: the totals of these are in the row. */
  #first = 0;
  #behind = 0;

  constructor(cache: AuctionCache) {
    this.#cache = cache;
  }

  /** Goes to an auction, as it stands. */
  open(auction: number): void {
    this.#auction = auction;
    this.#row.auctionId = this.#cache.index.ids[auction] as string;
    this.#row.revision = this.#cache.states.revisionOf(auction);
    this.#first = 0;
    this.#behind = 0;
  }

  /** The auction's window that starts at `startMs`; undefined where it has no bid. Valid until the next. */
  read(
    { sizeMs, slideMs }: WindowShape,
    startMs: number,
    timing: PaneTiming,
  ): Readonly<WindowRow> | undefined {
    const { states } = this.#cache;
    const endMs = startMs + sizeMs;
    const first = states.firstSliceFrom(this.#auction, startMs);
    const behind = states.firstSliceFrom(this.#auction, endMs);
    if (first === behind) return undefined;
    const row = this.#row;
    if (first !== this.#first || behind !== this.#behind) {
      states.readTotals(this.#auction, { startMs, endMs, first, behind }, row);
      this.#first = first;
      this.#behind = behind;
    }
    row.sizeMs = sizeMs;
    row.slideMs = slideMs;
    row.startMs = startMs;
    row.timing = timing;
    return row;
  }
}

const NO_TOTALS: WindowTotals = {
  bidCount: 0,
  priceSumNanos: 0n,
  priceMinNanos: 0n,
  priceMaxNanos: 0n,
  firstBidUs: 0,
  lastBidUs: 0,
};
