import { typeCodeOf } from "../auction/event.ts";
import { alignDown } from "../time.ts";
import { AuctionCache, type CachedAuction, NO_SLICES } from "./auction-cache.ts";
import type { AuctionState, CountOutcome, LogInsert, LogRevision } from "./auction-state.ts";
import { EntryCopies, type EventEntry } from "./event-table.ts";
import { OpenWindows } from "./open-windows.ts";
import type { WindowTotals } from "./slice-list.ts";
import { KeyWatermarks } from "./watermark.ts";
import { type WindowConfig, type WindowShape, windowStartsOf } from "./window-shape.ts";

/** One event of a bundle, read in place: the engine asks for a text only where the auction is new to it. */
export interface EventView {
  readonly entry: Readonly<EventEntry>;
  readonly auctionHigh: number;
  readonly auctionLow: number;
  readonly orderingKey: string;
  auctionId(): string;
}

/** What became of one event. `unknowable`: only the auction's stored log can tell; load it, step again. */
export type EventOutcome = CountOutcome | "late" | "unknowable";

/** Beam's pane timing: where the watermark stood when a window's result was fired. */
export type PaneTiming = "early" | "onTime" | "late";

/** A window's result as of one revision of its auction. Times in milliseconds. */
export interface WindowRow extends WindowTotals {
  readonly auctionId: string;
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly startMs: number;
  readonly revision: number;
  readonly timing: PaneTiming;
}

/**
 * Counts bundles of events into windows. One bundle at a time: {@link count} each event, insert
 * {@link logInserts} in one commit, then either {@link commit} and publish {@link windowRows}, or
 * {@link rollBack}, {@link load} what others wrote, and count the bundle again.
 */
export class WindowEngine {
  readonly #config: WindowConfig;
  readonly #cache: AuctionCache;
  readonly watermarks: KeyWatermarks;
  /** The auctions that the bundle under way touches, in order. */
  readonly #touched: CachedAuction[] = [];
  readonly #open: OpenWindows;
  /** Allowed lateness by type code, where a type has one of its own. */
  readonly #latenessMs: (number | undefined)[] = [];
  /** How far behind the watermark a window may still change, or a win or click may yet come to a slice. */
  readonly #liveForMs: number;
  #inserts: readonly LogInsert[] = [];
  /** Whether the auctions hold events that are not committed. */
  #isCounting = false;
  #regionWatermarkMs = Number.NEGATIVE_INFINITY;

  constructor(config: WindowConfig, cacheEventsMax: number) {
    this.#config = config;
    this.#cache = new AuctionCache(config.sliceMs, cacheEventsMax);
    this.watermarks = new KeyWatermarks(config);
    this.#open = new OpenWindows(config);
    const { shapes, allowedLatenessMs, allowedLatenessOfMs = {} } = config;
    const { win, click } = allowedLatenessOfMs;
    this.#latenessMs[typeCodeOf("win")] = win;
    this.#latenessMs[typeCodeOf("click")] = click;
    const longestMs = Math.max(...shapes.map((shape) => shape.sizeMs));
    this.#liveForMs =
      longestMs + Math.max(allowedLatenessMs, ...Object.values(allowedLatenessOfMs));
  }

  get regionWatermarkMs(): number {
    return this.#regionWatermarkMs;
  }

  get auctionCount(): number {
    return this.#cache.auctionCount;
  }

  /** Takes the region's watermark as read from Spanner; it never moves back. */
  raiseRegionWatermark(watermarkMs: number): void {
    this.#regionWatermarkMs = Math.max(this.#regionWatermarkMs, watermarkMs);
  }

  /** Counts one event of the bundle, in memory only. */
  count(event: EventView): EventOutcome {
    this.#isCounting = true;
    const { entry, auctionHigh, auctionLow } = event;
    const auction =
      this.#cache.find(auctionHigh, auctionLow) ??
      this.#cache.open(auctionHigh, auctionLow, event.auctionId());
    const { state } = auction;
    const timeMs = Math.floor(entry.eventTimeUs / 1000);
    const sliceMs = alignDown(timeMs, this.#config.sliceMs);
    const isLate = this.#isLate(event, sliceMs);
    this.watermarks.note(event.orderingKey, timeMs);
    const outcome = isLate ? lateOutcomeOf(state, entry) : state.add(entry);
    if (outcome !== "late") this.#touch(auction, sliceMs);
    return outcome;
  }

  /** The watermark that an event of this key is measured against, in milliseconds. */
  watermarkOf(orderingKey: string): number {
    return Math.max(this.watermarks.of(orderingKey), this.#regionWatermarkMs);
  }

  /** The revisions that commit the bundle; empty where it brought nothing new. */
  logInserts(): readonly LogInsert[] {
    const liveFromUs = this.#liveFromMs(this.#regionWatermarkMs) * 1000;
    const changed = this.#touched.filter(({ state }) => state.isChanged);
    const added = changed.reduce((sum, { state }) => sum + state.addedCount, 0);
    const copies = new EntryCopies(added);
    this.#inserts = changed.map(({ state }) => state.nextRevision(liveFromUs, copies));
    return this.#inserts;
  }

  /** The bundle's inserts are in the log. */
  commit(): void {
    let next = 0;
    for (const { state } of this.#touched) {
      const insert = this.#inserts[next];
      if (insert === undefined || !state.isChanged) continue;
      state.commit(insert);
      next++;
    }
    this.#inserts = [];
    this.#isCounting = false;
    this.watermarks.commit();
  }

  /**
   * The rows of every window that an event of the committed bundle lies in. Absolute, and the same for
   * the same revision, so publishing them again changes nothing. Duplicates fire too: their first
   * delivery may have ended between its commit and its publishing.
   */
  windowRows(): WindowRow[] {
    const rows: WindowRow[] = [];
    for (const { state, touchedSlices } of this.#touched) {
      for (const shape of this.#config.shapes) {
        for (const startMs of startsOf(shape, touchedSlices)) {
          const timing = startMs + shape.sizeMs > this.#regionWatermarkMs ? "early" : "late";
          const row = rowOf(state, shape, { startMs, timing });
          if (row !== undefined) rows.push(row);
        }
      }
    }
    return rows;
  }

  /**
   * The rows of windows whose end the region's watermark has passed since {@link confirmOnTime}: their
   * on-time panes. Of auctions that this worker holds; one that was evicted, or whose worker ended, gets
   * none, and its row is final by the watermark all the same. Empty while a bundle is not committed.
   */
  onTimeRows(): WindowRow[] {
    if (this.#isCounting) return [];
    const rows: WindowRow[] = [];
    for (const { auction, shape, startMs } of this.#open.endedBy(this.#regionWatermarkMs)) {
      const state = this.#cache.at(auction);
      const row = state && rowOf(state, shape, { startMs, timing: "onTime" });
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  /** On-time panes of windows that ended by `watermarkMs` are published. */
  confirmOnTime(watermarkMs: number): void {
    this.#open.confirm(watermarkMs);
  }

  /** Ends the bundle: committed, published, acked. */
  finish(): void {
    for (const auction of this.#touched) {
      this.#cache.touch(auction);
      for (const slice of auction.touchedSlices) this.#open.note(auction.key, slice);
    }
    // What is final and has fired is not come back to, but by a duplicate: the stored log tells that one.
    this.#cache.evict(this.#liveFromMs(this.#open.firedToMs));
    this.#forgetTouched();
  }

  /** Forgets what the bundle counted. */
  rollBack(): void {
    for (const { state } of this.#touched) state.rollBack();
    this.#forgetTouched();
    this.#inserts = [];
    this.#isCounting = false;
    this.watermarks.rollBack();
  }

  /** The ids of the auctions that the bundle under way touches: what to load after a lost race. */
  touchedAuctionIds(): string[] {
    return this.#touched.map(({ state }) => state.id);
  }

  /**
   * Forgets what the bundle counted and takes over the stored logs of its auctions, revisions in order;
   * an auction without a log is one that nobody has counted. Count the bundle again afterwards.
   */
  reload(logs: ReadonlyMap<string, readonly LogRevision[]>): void {
    for (const { state } of this.#touched) state.load(logs.get(state.id) ?? []);
    this.rollBack();
  }

  #isLate({ orderingKey, entry }: EventView, sliceMs: number): boolean {
    const latenessMs = this.#latenessMs[entry.typeCode] ?? this.#config.allowedLatenessMs;
    return sliceMs + this.#config.sliceMs + latenessMs <= this.watermarkOf(orderingKey);
  }

  #touch(auction: CachedAuction, sliceMs: number): void {
    const { touchedSlices } = auction;
    if (touchedSlices[touchedSlices.length - 1] === sliceMs) return;
    if (touchedSlices.length === 0) {
      this.#touched.push(auction);
      auction.touchedSlices = [sliceMs];
    } else if (!touchedSlices.includes(sliceMs)) touchedSlices.push(sliceMs);
  }

  #forgetTouched(): void {
    for (const auction of this.#touched) auction.touchedSlices = NO_SLICES;
    this.#touched.length = 0;
  }

  /** The start of the first slice that is live while a watermark stands there. */
  #liveFromMs(watermarkMs: number): number {
    return alignDown(watermarkMs - this.#liveForMs, this.#config.sliceMs);
  }
}

/** The starts of all windows of one shape that hold one of the slices. */
function startsOf(shape: WindowShape, slices: readonly number[]): Iterable<number> {
  const [slice] = slices;
  if (slice !== undefined && slices.length === 1) return windowStartsOf(shape, slice);
  return new Set(slices.flatMap((each) => windowStartsOf(shape, each)));
}

/** A window's row as the auction stands; none where it has no bid in the window. */
function rowOf(
  state: AuctionState,
  { sizeMs, slideMs }: WindowShape,
  { startMs, timing }: { readonly startMs: number; readonly timing: PaneTiming },
): WindowRow | undefined {
  const totals = state.windowTotals(startMs, startMs + sizeMs);
  if (totals === undefined) return undefined;
  const { bidCount, priceSumNanos, priceMinNanos, priceMaxNanos, firstBidUs, lastBidUs } = totals;
  return {
    auctionId: state.id,
    sizeMs,
    slideMs,
    startMs,
    revision: state.revision,
    timing,
    bidCount,
    priceSumNanos,
    priceMinNanos,
    priceMaxNanos,
    firstBidUs,
    lastBidUs,
  };
}

function lateOutcomeOf(state: AuctionState, entry: Readonly<EventEntry>): EventOutcome {
  if (state.has(entry)) return "duplicate";
  return state.mayHaveForgotten(entry.eventTimeUs) ? "unknowable" : "late";
}
