import { assert } from "../assert.ts";
import { typeCodeOf } from "../auction/event.ts";
import { lengthened } from "../column.ts";
import { alignDown } from "../time.ts";
import {
  ENTRY_BYTES,
  type EntryCopies,
  type EventEntry,
  EventTables,
  emptyEntry,
  entriesOf,
} from "./event-tables.ts";
import { nanosOf } from "./price-sum.ts";
import { SliceLists, type SliceRange, type WindowTotals } from "./slice-lists.ts";

/** What an event did to its auction. `repeated`: a bid known from another slice; it counts in both. */
export type CountOutcome = "counted" | "repeated" | "duplicate" | "conflict";

/** One stored revision of an auction's log. */
export interface LogRevision {
  readonly revision: number;
  readonly isCheckpoint: boolean;
  /** Entries of {@link EventTables}: those the revision added, or all live ones in a checkpoint. */
  readonly bids: Uint8Array;
}

/** One revision to insert into the auction log. */
export interface LogInsert extends LogRevision {
  readonly auctionId: string;
}

/** Only bids count in windows. */
const BID = typeCodeOf("bid");
/** After so many revisions a checkpoint is due, once it is no larger than what lies behind it. */
const CHECKPOINT_REVISIONS = 32;
/** Spanner holds 10 MiB in a cell; an auction with more live events than this goes without checkpoints. */
const CHECKPOINT_BYTES_MAX = 8 * 1024 * 1024;

/**
 * The auctions of a worker, by number: of each its distinct events, its slices' totals, the revision it
 * stands at. Columns of typed arrays: a million auctions that were objects would keep the garbage
 * collector busier than the counting.
 */
export class AuctionStates {
  readonly #sliceUs: number;
  readonly #opened: (auction: number, sliceStartMs: number) => void;
  readonly #events = new EventTables();
  readonly #slices = new SliceLists();
  #revision = new Uint32Array(0);
  /** Whether the log was read: until then, the auction is taken for one that nobody counted before. */
  #isLoaded = new Uint8Array(0);
  /** Events that are in the log. */
  #committed = new Uint32Array(0);
  #revisionsSinceCheckpoint = new Uint32Array(0);
  #bytesSinceCheckpoint = new Float64Array(0);
  /** Events before this, in µs, were left out of the newest checkpoint. */
  #compactedBeforeUs = new Float64Array(0);
  /** The same of checkpoints that are not committed yet. */
  readonly #nextCompactedBeforeUs = new Map<number, number>();
  /** Bids that stand in several slices, of auctions that have any: entry numbers by the first of them. */
  readonly #repeats = new Map<number, Map<number, number[]>>();
  readonly #first = emptyEntry();

  /** `opened` is told of every slice that an auction has its first bid in. */
  constructor(sliceMs: number, opened: (auction: number, sliceStartMs: number) => void) {
    this.#sliceUs = sliceMs * 1000;
    this.#opened = opened;
  }

  /** Makes room for auctions below `auctions`. */
  reserve(auctions: number): void {
    this.#events.reserve(auctions);
    this.#slices.reserve(auctions);
    this.#revision = lengthened(this.#revision, auctions);
    this.#isLoaded = lengthened(this.#isLoaded, auctions);
    this.#committed = lengthened(this.#committed, auctions);
    this.#revisionsSinceCheckpoint = lengthened(this.#revisionsSinceCheckpoint, auctions);
    this.#bytesSinceCheckpoint = lengthened(this.#bytesSinceCheckpoint, auctions);
    this.#compactedBeforeUs = lengthened(this.#compactedBeforeUs, auctions);
  }

  revisionOf(auction: number): number {
    return this.#revision[auction] as number;
  }

  eventCountOf(auction: number): number {
    return this.#events.count[auction] as number;
  }

  /** How many events were added since the last commit. */
  addedCountOf(auction: number): number {
    return (this.#events.count[auction] as number) - (this.#committed[auction] as number);
  }

  /** Forgets all of an auction, as if it had never been counted; its number may be another's then. */
  clear(auction: number): void {
    this.#forgetEvents(auction);
    this.#revision[auction] = 0;
    this.#isLoaded[auction] = 0;
    this.#committed[auction] = 0;
    this.#revisionsSinceCheckpoint[auction] = 0;
    this.#bytesSinceCheckpoint[auction] = 0;
    this.#compactedBeforeUs[auction] = 0;
  }

  /** Whether an event that is not found here may still have been counted, by the stored log alone. */
  mayHaveForgotten(auction: number, eventTimeUs: number): boolean {
    return (
      this.#isLoaded[auction] === 0 || eventTimeUs < (this.#compactedBeforeUs[auction] as number)
    );
  }

  has(auction: number, event: Readonly<EventEntry>): boolean {
    return this.#find(auction, event) !== "new";
  }

  /** Counts one event, or says why it does not count. A repeated bid keeps its first price. */
  add(auction: number, event: Readonly<EventEntry>): CountOutcome {
    const found = this.#find(auction, event);
    if (found === "new") {
      this.#append(auction, event);
      return "counted";
    }
    return typeof found === "number" ? this.#addRepeat(auction, event, found) : found;
  }

  /**
   * The revision that commits what was added. A checkpoint leaves out events before `liveFromUs`, the
   * start of the earliest window that may still change. `copies` takes what was added.
   */
  nextRevision(auction: number, liveFromUs: number, copies: EntryCopies): LogRevision {
    assert(this.addedCountOf(auction) > 0, "only a changed auction has a next revision");
    const revision = this.revisionOf(auction) + 1;
    if (this.#isCheckpointDue(auction)) {
      this.#nextCompactedBeforeUs.set(auction, liveFromUs);
      const bids = this.#events.copySince(auction, liveFromUs);
      return { revision, isCheckpoint: true, bids };
    }
    const bids = this.#events.copyTo(copies, auction, this.#committed[auction] as number);
    return { revision, isCheckpoint: false, bids };
  }

  /** What was added is in the log. `next` is what {@link nextRevision} gave. */
  commit(auction: number, next: LogRevision): void {
    this.#noteRevision(auction, next);
    if (next.isCheckpoint) {
      this.#rebuild(auction, entriesOf(next.bids));
      this.#compactedBeforeUs[auction] = this.#nextCompactedBeforeUs.get(auction) ?? 0;
      this.#nextCompactedBeforeUs.delete(auction);
    }
    this.#committed[auction] = this.#events.count[auction] as number;
  }

  /** Forgets what was added since the last commit. */
  rollBack(auction: number): void {
    if (this.addedCountOf(auction) === 0) return;
    const entries = Array.from({ length: this.#committed[auction] as number }, (_, entry) =>
      this.#events.read(auction, entry, emptyEntry()),
    );
    this.#rebuild(auction, entries);
  }

  /** Takes over the stored log, all revisions in order. What was added and not committed is forgotten. */
  load(auction: number, log: readonly LogRevision[]): void {
    this.clear(auction);
    this.#isLoaded[auction] = 1;
    for (const next of log) {
      for (const entry of entriesOf(next.bids)) {
        if (!(next.isCheckpoint && this.has(auction, entry))) this.add(auction, entry);
      }
      this.#noteRevision(auction, next);
    }
    this.#committed[auction] = this.#events.count[auction] as number;
  }

  /** The auction's first slice that starts at `startMs` or later; a window ends before one. */
  firstSliceFrom(auction: number, startMs: number): number {
    return this.#slices.firstFrom(auction, startMs * 1000);
  }

  /** Reads the totals of a window that has bids: of the union of its slices' bids. */
  readTotals(auction: number, window: SliceWindow, into: WindowTotals): void {
    this.#slices.readTotals(window, into);
    const repeats = this.#repeats.get(auction);
    if (repeats === undefined) return;
    const [startUs, endUs] = [window.startMs * 1000, window.endMs * 1000];
    for (const entries of repeats.values()) {
      const inside = entries
        .map((entry) => this.#events.read(auction, entry, emptyEntry()))
        .filter(({ eventTimeUs }) => eventTimeUs >= startUs && eventTimeUs < endUs);
      const [bid] = inside;
      if (bid === undefined || bid.typeCode !== BID) continue;
      const extra = inside.length - 1;
      into.bidCount -= extra;
      into.priceSumNanos -= BigInt(extra) * nanosOf(bid.priceHigh, bid.priceLow);
    }
  }

  /** The first entry of the same bid in another slice, or what the event is to this auction. */
  #find(auction: number, event: Readonly<EventEntry>): "new" | "duplicate" | "conflict" | number {
    const events = this.#events;
    let entry = events.find(auction, event);
    if (entry < 0) return "new";
    const found = this.#first;
    const sliceUs = alignDown(event.eventTimeUs, this.#sliceUs);
    let first = -1;
    for (; entry >= 0; entry = events.find(auction, event, entry)) {
      events.read(auction, entry, found);
      if (found.typeCode !== event.typeCode) continue;
      if (alignDown(found.eventTimeUs, this.#sliceUs) === sliceUs) {
        return samePrice(found, event) ? "duplicate" : "conflict";
      }
      if (first < 0) first = entry;
    }
    return first < 0 ? "new" : first;
  }

  #addRepeat(auction: number, event: Readonly<EventEntry>, first: number): CountOutcome {
    const { priceHigh, priceLow } = this.#events.read(auction, first, this.#first);
    const isConflict = !samePrice(this.#first, event);
    const repeats = this.#repeats.get(auction) ?? new Map<number, number[]>();
    this.#repeats.set(auction, repeats);
    const entries = repeats.get(first) ?? [first];
    repeats.set(first, [...entries, this.#events.count[auction] as number]);
    this.#append(auction, { ...event, priceHigh, priceLow });
    return isConflict ? "conflict" : "repeated";
  }

  #append(auction: number, event: Readonly<EventEntry>): void {
    this.#events.add(auction, event);
    if (event.typeCode !== BID) return;
    const sliceUs = alignDown(event.eventTimeUs, this.#sliceUs);
    if (this.#slices.add(auction, sliceUs, event)) this.#opened(auction, sliceUs / 1000);
  }

  #isCheckpointDue(auction: number): boolean {
    const liveBytes = (this.#events.count[auction] as number) * ENTRY_BYTES;
    return (
      (this.#revisionsSinceCheckpoint[auction] as number) >= CHECKPOINT_REVISIONS &&
      (this.#bytesSinceCheckpoint[auction] as number) >= liveBytes / 2 &&
      liveBytes <= CHECKPOINT_BYTES_MAX
    );
  }

  #noteRevision(auction: number, { revision, isCheckpoint, bids }: LogRevision): void {
    assert(revision === this.revisionOf(auction) + 1, "an auction's revisions follow one another");
    this.#revision[auction] = revision;
    const revisions = this.#revisionsSinceCheckpoint[auction] as number;
    const bytes = this.#bytesSinceCheckpoint[auction] as number;
    this.#revisionsSinceCheckpoint[auction] = isCheckpoint ? 0 : revisions + 1;
    this.#bytesSinceCheckpoint[auction] = isCheckpoint ? 0 : bytes + bids.length;
  }

  #rebuild(auction: number, entries: readonly EventEntry[]): void {
    this.#forgetEvents(auction);
    for (const entry of entries) this.add(auction, entry);
  }

  #forgetEvents(auction: number): void {
    this.#events.clear(auction);
    this.#slices.clear(auction);
    if (this.#repeats.size > 0) this.#repeats.delete(auction);
  }
}

/** A window, and which of an auction's slices lie in it. */
export interface SliceWindow extends SliceRange {
  readonly startMs: number;
  readonly endMs: number;
}

function samePrice(a: Readonly<EventEntry>, b: Readonly<EventEntry>): boolean {
  return a.priceHigh === b.priceHigh && a.priceLow === b.priceLow;
}
