import { typeCodeOf } from "../auction/event.ts";
import { alignDown } from "../time.ts";
import { AuctionCache } from "./auction-cache.ts";
import type { AuctionState, CountOutcome, LogRevision } from "./auction-state.ts";
import type { EventEntry } from "./event-table.ts";
import { OpenWindows } from "./open-windows.ts";
import type { WindowTotals } from "./slice-totals.ts";
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

/** One revision to insert into the auction log. */
export interface LogInsert extends LogRevision {
  readonly auctionId: string;
}

interface TouchedAuction {
  readonly state: AuctionState;
  readonly high: number;
  readonly low: number;
  /** Starts, in ms, of the slices that events of this bundle lie in, duplicates too. */
  readonly slices: Set<number>;
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
  readonly #touched = new Map<AuctionState, TouchedAuction>();
  /** What was touched last: most events of a bundle follow one of the same auction and slice. */
  #newestTouched: AuctionState | undefined;
  #newestSlice = Number.NaN;
  readonly #open: OpenWindows;
  /** Allowed lateness by type code, where a type has one of its own. */
  readonly #latenessMs: (number | undefined)[] = [];
  #inserts: { readonly state: AuctionState; readonly next: LogRevision }[] = [];
  /** Whether the auctions hold events that are not committed. */
  #isCounting = false;
  #regionWatermarkMs = Number.NEGATIVE_INFINITY;

  constructor(config: WindowConfig, cacheEventsMax: number) {
    this.#config = config;
    this.#cache = new AuctionCache(config.sliceMs, cacheEventsMax);
    this.watermarks = new KeyWatermarks(config);
    this.#open = new OpenWindows(config);
    const { win, click } = config.allowedLatenessOfMs ?? {};
    this.#latenessMs[typeCodeOf("win")] = win;
    this.#latenessMs[typeCodeOf("click")] = click;
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
    const state =
      this.#cache.find(auctionHigh, auctionLow) ??
      this.#cache.open(auctionHigh, auctionLow, event.auctionId());
    const timeMs = Math.floor(entry.eventTimeUs / 1000);
    const outcome = this.#isLate(event, timeMs) ? lateOutcomeOf(state, entry) : state.add(entry);
    this.watermarks.note(event.orderingKey, timeMs);
    if (outcome !== "late") this.#touch(state, event, timeMs);
    return outcome;
  }

  /** The watermark that an event of this key is measured against, in milliseconds. */
  watermarkOf(orderingKey: string): number {
    return Math.max(this.watermarks.of(orderingKey), this.#regionWatermarkMs);
  }

  /** The revisions that commit the bundle; empty where it brought nothing new. */
  logInserts(): LogInsert[] {
    const liveFromMs = this.#liveFromMs();
    this.#inserts = [];
    for (const { state } of this.#touched.values()) {
      if (state.isChanged)
        this.#inserts.push({ state, next: state.nextRevision(liveFromMs * 1000) });
    }
    return this.#inserts.map(({ state, next }) => ({ auctionId: state.id, ...next }));
  }

  /** The bundle's inserts are in the log. */
  commit(nowMs: number): void {
    for (const { state, next } of this.#inserts) state.commit(next);
    this.#inserts = [];
    this.#isCounting = false;
    this.watermarks.commit(nowMs);
  }

  /**
   * The rows of every window that an event of the committed bundle lies in. Absolute, and the same for
   * the same revision, so publishing them again changes nothing. Duplicates fire too: their first
   * delivery may have ended between its commit and its publishing.
   */
  windowRows(): WindowRow[] {
    const rows: WindowRow[] = [];
    for (const { state, slices } of this.#touched.values()) {
      for (const shape of this.#config.shapes) {
        const starts = new Set([...slices].flatMap((slice) => windowStartsOf(shape, slice)));
        for (const startMs of starts) {
          const timing = startMs + shape.sizeMs > this.#regionWatermarkMs ? "early" : "late";
          rows.push(...rowOf(state, shape, { startMs, timing }));
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
    return this.#open.endedBy(this.#regionWatermarkMs).flatMap(({ auction, shape, startMs }) => {
      const state = this.#cache.at(auction);
      return state === undefined ? [] : rowOf(state, shape, { startMs, timing: "onTime" });
    });
  }

  /** On-time panes of windows that ended by `watermarkMs` are published. */
  confirmOnTime(watermarkMs: number): void {
    this.#open.confirm(watermarkMs);
  }

  /** Ends the bundle: committed, published, acked. */
  finish(): void {
    for (const { high, low, slices } of this.#touched.values()) {
      const auction = this.#cache.touch(high, low);
      for (const slice of slices) this.#open.note(auction, slice);
    }
    this.#forgetTouched();
  }

  /** Forgets what the bundle counted. */
  rollBack(): void {
    for (const { state } of this.#touched.values()) state.rollBack();
    this.#forgetTouched();
    this.#inserts = [];
    this.#isCounting = false;
    this.watermarks.rollBack();
  }

  /** The ids of the auctions that the bundle under way touches: what to load after a lost race. */
  touchedAuctionIds(): string[] {
    return [...this.#touched.keys()].map((state) => state.id);
  }

  /**
   * Forgets what the bundle counted and takes over the stored logs of its auctions, revisions in order;
   * an auction without a log is one that nobody has counted. Count the bundle again afterwards.
   */
  reload(logs: ReadonlyMap<string, readonly LogRevision[]>): void {
    for (const { state } of this.#touched.values()) state.load(logs.get(state.id) ?? []);
    this.rollBack();
  }

  #isLate({ orderingKey, entry }: EventView, timeMs: number): boolean {
    const sliceEndMs = alignDown(timeMs, this.#config.sliceMs) + this.#config.sliceMs;
    const latenessMs = this.#latenessMs[entry.typeCode] ?? this.#config.allowedLatenessMs;
    return sliceEndMs + latenessMs <= this.watermarkOf(orderingKey);
  }

  #touch(state: AuctionState, { auctionHigh, auctionLow }: EventView, timeMs: number): void {
    const slice = alignDown(timeMs, this.#config.sliceMs);
    if (state === this.#newestTouched && slice === this.#newestSlice) return;
    this.#newestTouched = state;
    this.#newestSlice = slice;
    let touched = this.#touched.get(state);
    if (touched === undefined) {
      touched = { state, high: auctionHigh, low: auctionLow, slices: new Set() };
      this.#touched.set(state, touched);
    }
    touched.slices.add(slice);
  }

  #forgetTouched(): void {
    this.#touched.clear();
    this.#newestTouched = undefined;
  }

  /** The start of the earliest window that may still change, or slice that a win or click may yet come to. */
  #liveFromMs(): number {
    const { shapes, allowedLatenessMs, allowedLatenessOfMs = {}, sliceMs } = this.#config;
    const longestMs = Math.max(...shapes.map((shape) => shape.sizeMs));
    const latenessMs = Math.max(allowedLatenessMs, ...Object.values(allowedLatenessOfMs));
    return alignDown(this.#regionWatermarkMs - latenessMs - longestMs, sliceMs);
  }
}

/** A window's row as the auction stands; none where it has no bid in the window. */
function rowOf(
  state: AuctionState,
  shape: WindowShape,
  { startMs, timing }: { readonly startMs: number; readonly timing: PaneTiming },
): WindowRow[] {
  const totals = state.windowTotals(startMs, startMs + shape.sizeMs);
  if (totals === undefined) return [];
  const { id: auctionId, revision } = state;
  return [{ ...totals, ...shape, auctionId, startMs, revision, timing }];
}

function lateOutcomeOf(state: AuctionState, entry: Readonly<EventEntry>): EventOutcome {
  if (state.has(entry)) return "duplicate";
  return state.mayHaveForgotten(entry.eventTimeUs) ? "unknowable" : "late";
}
