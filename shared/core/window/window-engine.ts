import { typeCodeOf } from "../auction/event.ts";
import { alignDown } from "../time.ts";
import { AuctionCache } from "./auction-cache.ts";
import type { CountOutcome, LogInsert, LogRevision } from "./auction-states.ts";
import type { EventRows } from "./event-rows.ts";
import { EntryCopies, type EventEntry, emptyEntry } from "./event-tables.ts";
import { type EndedWindow, OpenWindows } from "./open-windows.ts";
import { TouchedSlices } from "./touched-slices.ts";
import { KeyWatermarks } from "./watermark.ts";
import { type WindowRow, WindowRows } from "./window-rows.ts";
import { type WindowConfig, type WindowShape, windowStartsOf } from "./window-shape.ts";

/** What became of one event. `unknowable`: only the auction's stored log can tell; load it, step again. */
export type EventOutcome = CountOutcome | "late" | "unknowable";

/** Windows that have ended, and the rows of those that this worker holds. */
export interface OnTimePanes {
  readonly ended: readonly EndedWindow[];
  readonly rows: readonly WindowRow[];
}

/**
 * Counts bundles of events into windows. One bundle at a time: {@link count} each event, insert
 * {@link logInserts} in one commit, then either {@link commit} and publish {@link readWindowRows}, or
 * {@link rollBack}, {@link load} what others wrote, and count the bundle again.
 */
export class WindowEngine {
  readonly #config: WindowConfig;
  readonly #cache: AuctionCache;
  readonly watermarks: KeyWatermarks;
  /** The auctions that the bundle under way touches, in order, and the slices of each. */
  readonly #touched = new TouchedSlices();
  readonly #open: OpenWindows;
  readonly #rows: WindowRows;
  /** Allowed lateness by type code, where a type has one of its own. */
  readonly #latenessMs: (number | undefined)[] = [];
  /** How far behind the watermark a window may still change, or a win or click may yet come to a slice. */
  readonly #liveForMs: number;
  /** The event under way. */
  readonly #entry: EventEntry = emptyEntry();
  #inserts: readonly LogInsert[] = [];
  /** Whether the auctions hold events that are not committed. */
  #isCounting = false;
  #regionWatermarkMs = Number.NEGATIVE_INFINITY;

  constructor(config: WindowConfig, cacheEventsMax: number) {
    this.#config = config;
    this.watermarks = new KeyWatermarks(config);
    this.#open = new OpenWindows(config);
    this.#cache = new AuctionCache(config.sliceMs, cacheEventsMax, (auction, sliceMs) =>
      this.#open.note(auction, this.#cache.index.serial[auction] as number, sliceMs),
    );
    this.#rows = new WindowRows(this.#cache);
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
    return this.#cache.index.count;
  }

  /** Takes the region's watermark as read from Spanner; it never moves back. */
  raiseRegionWatermark(watermarkMs: number): void {
    this.#regionWatermarkMs = Math.max(this.#regionWatermarkMs, watermarkMs);
  }

  /** Counts one event of the bundle, in memory only. */
  count(rows: EventRows, row: number, orderingKey: string): EventOutcome {
    this.#isCounting = true;
    const { states } = this.#cache;
    const auction = this.#cache.auctionOf(rows, row);
    const entry = this.#read(rows, row);
    const timeMs = Math.floor(entry.eventTimeUs / 1000);
    const sliceMs = alignDown(timeMs, this.#config.sliceMs);
    const latenessMs = this.#latenessMs[entry.typeCode] ?? this.#config.allowedLatenessMs;
    const isLate = sliceMs + this.#config.sliceMs + latenessMs <= this.watermarkOf(orderingKey);
    this.watermarks.note(orderingKey, timeMs);
    const outcome = isLate ? this.#lateOutcomeOf(auction, entry) : states.add(auction, entry);
    if (outcome !== "late") this.#touched.add(auction, sliceMs);
    return outcome;
  }

  /** The watermark that an event of this key is measured against, in milliseconds. */
  watermarkOf(orderingKey: string): number {
    return Math.max(this.watermarks.of(orderingKey), this.#regionWatermarkMs);
  }

  /** The revisions that commit the bundle; empty where it brought nothing new. */
  logInserts(): readonly LogInsert[] {
    const { states, index } = this.#cache;
    const liveFromUs = this.#liveFromMs(this.#regionWatermarkMs) * 1000;
    const changed = this.#touched.auctions.filter((auction) => states.addedCountOf(auction) > 0);
    const added = changed.reduce((sum, auction) => sum + states.addedCountOf(auction), 0);
    const copies = new EntryCopies(added);
    this.#inserts = changed.map((auction) => ({
      auctionId: index.ids[auction] as string,
      ...states.nextRevision(auction, liveFromUs, copies),
    }));
    return this.#inserts;
  }

  /** The bundle's inserts are in the log. */
  commit(): void {
    const { states } = this.#cache;
    let next = 0;
    for (const auction of this.#touched.auctions) {
      const insert = this.#inserts[next];
      if (insert === undefined || states.addedCountOf(auction) === 0) continue;
      states.commit(auction, insert);
      next++;
    }
    this.#inserts = [];
    this.#isCounting = false;
    this.watermarks.commit();
  }

  /**
   * Shows `visit` the row of every window that an event of the committed bundle lies in; a row is valid
   * for the call. Absolute, and the same for the same revision, so publishing them again changes nothing.
   * Duplicates fire too: their first delivery may have ended between its commit and its publishing.
   */
  readWindowRows(visit: (row: Readonly<WindowRow>) => void): void {
    for (const auction of this.#touched.auctions) {
      const slices = this.#touched.slicesOf(auction);
      this.#rows.open(auction);
      for (const shape of this.#config.shapes) {
        for (const startMs of startsOf(shape, slices)) {
          const row = this.#rows.read(shape, startMs, this.#timingOf(auction, shape, startMs));
          if (row !== undefined) visit(row);
        }
      }
    }
  }

  /**
   * The on-time panes that have their turn by `nowMs`, of windows whose end the region's watermark has passed:
   * again until they are given to {@link confirmOnTime}. Of auctions that this worker holds; one that was
   * evicted, or whose worker ended, gets none, and its row is final by the watermark all the same. None while
   * a bundle is not committed.
   */
  onTimePanes(nowMs: number): OnTimePanes {
    const ended = this.#isCounting ? [] : this.#open.endedBy(this.#regionWatermarkMs, nowMs);
    const rows: WindowRow[] = [];
    for (const { auction, serial, shape, startMs } of ended) {
      if (this.#cache.index.serial[auction] !== serial) continue;
      this.#rows.open(auction);
      const row = this.#rows.read(shape, startMs, "onTime");
      if (row !== undefined) rows.push({ ...row });
    }
    return { ended, rows };
  }

  /** These on-time panes are published. */
  confirmOnTime({ ended }: OnTimePanes): void {
    this.#open.confirm(ended);
  }

  /** Ends the bundle: committed, published, acked. */
  finish(): void {
    for (const auction of this.#touched.auctions) {
      this.#cache.touch(auction, Math.max(...this.#touched.slicesOf(auction)));
    }
    // What is final and has fired is not come back to, but by a duplicate: the stored log tells that one.
    this.#cache.evict(this.#liveFromMs(this.#open.firedToMs));
    this.#touched.clear();
  }

  /** Forgets what the bundle counted. */
  rollBack(): void {
    for (const auction of this.#touched.auctions) this.#cache.states.rollBack(auction);
    this.#touched.clear();
    this.#inserts = [];
    this.#isCounting = false;
    this.watermarks.rollBack();
  }

  /** The ids of the auctions that the bundle under way touches: what to load after a lost race. */
  touchedAuctionIds(): string[] {
    return this.#touched.auctions.map((auction) => this.#cache.index.ids[auction] as string);
  }

  /**
   * Forgets what the bundle counted and takes over the stored logs of its auctions, revisions in order;
   * an auction without a log is one that nobody has counted. Count the bundle again afterwards.
   */
  reload(logs: ReadonlyMap<string, readonly LogRevision[]>): void {
    const { states, index } = this.#cache;
    for (const auction of this.#touched.auctions) {
      states.load(auction, logs.get(index.ids[auction] as string) ?? []);
    }
    this.rollBack();
  }

  /** Late is what comes after the on-time pane. */
  #timingOf(auction: number, shape: WindowShape, startMs: number): "early" | "late" {
    if (startMs + shape.sizeMs > this.#regionWatermarkMs) return "early";
    const serial = this.#cache.index.serial[auction] as number;
    return this.#open.isDue(serial, shape, startMs) ? "early" : "late";
  }

  #read(rows: EventRows, row: number): EventEntry {
    const entry = this.#entry;
    entry.high = rows.bid.high[row] as number;
    entry.low = rows.bid.low[row] as number;
    entry.priceHigh = rows.priceHigh[row] as number;
    entry.priceLow = rows.priceLow[row] as number;
    entry.typeCode = rows.type[row] as number;
    entry.eventTimeUs = rows.eventTimeUs[row] as number;
    return entry;
  }

  #lateOutcomeOf(auction: number, entry: EventEntry): EventOutcome {
    const { states } = this.#cache;
    if (states.has(auction, entry)) return "duplicate";
    return states.mayHaveForgotten(auction, entry.eventTimeUs) ? "unknowable" : "late";
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
