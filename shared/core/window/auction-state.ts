import { assert } from "../assert.ts";
import { typeCodeOf } from "../auction/event.ts";
import { alignDown } from "../time.ts";
import type { EntrySpace } from "./entry-space.ts";
import { ENTRY_BYTES, EntryCopies, type EventEntry, EventTable, entriesOf } from "./event-table.ts";
import { nanosOf } from "./price-sum.ts";
import { SliceList, type WindowTotals } from "./slice-list.ts";

/** What an event did to its auction. `repeated`: a bid known from another slice; it counts in both. */
export type CountOutcome = "counted" | "repeated" | "duplicate" | "conflict";

/** One stored revision of an auction's log. */
export interface LogRevision {
  readonly revision: number;
  readonly isCheckpoint: boolean;
  /** Entries of {@link EventTable}: those the revision added, or all live ones in a checkpoint. */
  readonly bids: Uint8Array;
}

/** One revision to insert into the auction log. */
export interface LogInsert extends LogRevision {
  readonly auctionId: string;
}

/** The totals of the slices at places `[from, to)`. */
interface SliceWindow {
  readonly from: number;
  readonly to: number;
  readonly totals: WindowTotals | undefined;
}

/** Only bids count in windows. */
const BID = typeCodeOf("bid");
/** After so many revisions a checkpoint is due, once it is no larger than what lies behind it. */
const CHECKPOINT_REVISIONS = 32;
/** Spanner holds 10 MiB in a cell; an auction with more live events than this goes without checkpoints. */
const CHECKPOINT_BYTES_MAX = 8 * 1024 * 1024;

/** One auction as a worker knows it: its distinct events, its slices' totals, the revision it stands at. */
export class AuctionState {
  readonly id: string;
  readonly #sliceUs: number;
  readonly #space: EntrySpace;
  #revision = 0;
  /** Whether the log was read: until then, the auction is taken for one that nobody counted before. */
  #isLoaded = false;
  #table: EventTable;
  #committedCount = 0;
  readonly #slices = new SliceList();
  /** The window whose totals were asked for last: windows of several sizes often hold the same slices. */
  #newestWindow: SliceWindow | undefined;
  /** Bids that stand in several slices: entry numbers by the first of them. */
  #repeats: Map<number, number[]> | undefined;
  #revisionsSinceCheckpoint = 0;
  #bytesSinceCheckpoint = 0;
  /** Events before this, in µs, were left out of the newest checkpoint. */
  #compactedBeforeUs = 0;
  /** The same of a checkpoint that is not committed yet. */
  #nextCompactedBeforeUs = 0;

  constructor(id: string, sliceMs: number, space: EntrySpace) {
    this.id = id;
    this.#sliceUs = sliceMs * 1000;
    this.#space = space;
    this.#table = new EventTable(space);
  }

  get revision(): number {
    return this.#revision;
  }

  get eventCount(): number {
    return this.#table.count;
  }

  /** Events that were added since the last commit. */
  get addedCount(): number {
    return this.#table.count - this.#committedCount;
  }

  /** Gives its room back: the auction is evicted. */
  release(): void {
    this.#table.release();
  }

  /** Whether an event that is not found here may still have been counted, by the stored log alone. */
  mayHaveForgotten(eventTimeUs: number): boolean {
    return !this.#isLoaded || eventTimeUs < this.#compactedBeforeUs;
  }

  has(event: EventEntry): boolean {
    return this.#find(event) !== "new";
  }

  /** Counts one event, or says why it does not count. A repeated bid keeps its first price. */
  add(event: EventEntry): CountOutcome {
    const found = this.#find(event);
    if (found === "duplicate" || found === "conflict") return found;
    if (found === "new") {
      this.#append(event);
      return "counted";
    }
    const first = this.#table.entryAt(found);
    const isConflict = first.priceHigh !== event.priceHigh || first.priceLow !== event.priceLow;
    const { priceHigh, priceLow } = first;
    this.#append({ ...event, priceHigh, priceLow });
    this.#repeats ??= new Map();
    const entries = this.#repeats.get(found) ?? [found];
    this.#repeats.set(found, [...entries, this.#table.count - 1]);
    return isConflict ? "conflict" : "repeated";
  }

  /** Whether events were added since the last commit. */
  get isChanged(): boolean {
    return this.#table.count > this.#committedCount;
  }

  /**
   * The revision that commits what was added. A checkpoint leaves out events before `liveFromUs`, the
   * start of the earliest window that may still change. `copies` takes what was added.
   */
  nextRevision(liveFromUs: number, copies: EntryCopies): LogInsert {
    assert(this.isChanged, "only a changed auction has a next revision");
    const { id: auctionId } = this;
    const revision = this.#revision + 1;
    if (this.#isCheckpointDue()) {
      this.#nextCompactedBeforeUs = liveFromUs;
      return { auctionId, revision, isCheckpoint: true, bids: this.#liveBytes(liveFromUs) };
    }
    const bids = this.#table.copyTo(copies, this.#committedCount);
    return { auctionId, revision, isCheckpoint: false, bids };
  }

  /** What was added is in the log. `next` is what {@link nextRevision} gave. */
  commit(next: LogRevision): void {
    assert(next.revision === this.#revision + 1, "revisions follow one another");
    this.#noteRevision(next);
    if (next.isCheckpoint) {
      this.#rebuild(entriesOf(next.bids));
      this.#compactedBeforeUs = this.#nextCompactedBeforeUs;
    }
    this.#committedCount = this.#table.count;
  }

  /** Forgets what was added since the last commit. */
  rollBack(): void {
    if (!this.isChanged) return;
    const entries = Array.from({ length: this.#committedCount }, (_, entry) =>
      this.#table.entryAt(entry),
    );
    this.#rebuild(entries);
  }

  /** Takes over the stored log, all revisions in order. What was added and not committed is forgotten. */
  load(log: readonly LogRevision[]): void {
    this.#revision = 0;
    this.#isLoaded = true;
    this.#compactedBeforeUs = 0;
    this.#rebuild([]);
    for (const next of log) {
      assert(
        next.revision === this.#revision + 1,
        `revision ${next.revision} of ${this.id} follows`,
      );
      for (const entry of entriesOf(next.bids)) {
        if (!(next.isCheckpoint && this.has(entry))) this.add(entry);
      }
      this.#noteRevision(next);
    }
    this.#committedCount = this.#table.count;
  }

  /** The totals of the window `[startMs, endMs)`: of the union of its slices' bids. */
  windowTotals(startMs: number, endMs: number): WindowTotals | undefined {
    const from = this.#slices.placeOf(startMs * 1000);
    const to = this.#slices.placeOf(endMs * 1000);
    if (this.#newestWindow?.from !== from || this.#newestWindow.to !== to) {
      const totals = this.#slices.merged(from, to);
      if (totals !== undefined) this.#takeOutRepeats(totals, startMs * 1000, endMs * 1000);
      this.#newestWindow = { from, to, totals };
    }
    return this.#newestWindow.totals;
  }

  #sliceOf(eventTimeUs: number): number {
    return alignDown(eventTimeUs, this.#sliceUs);
  }

  /** The first entry of the same bid in another slice, or what the event is to this auction. */
  #find(event: EventEntry): "new" | "duplicate" | "conflict" | number {
    const table = this.#table;
    const slice = this.#sliceOf(event.eventTimeUs);
    let first = -1;
    let entry = table.find(event.high, event.low);
    for (; entry >= 0; entry = table.find(event.high, event.low, entry)) {
      if (table.typeCodeAt(entry) !== event.typeCode) continue;
      if (this.#sliceOf(table.eventTimeUsAt(entry)) === slice) {
        return this.#samePrice(entry, event) ? "duplicate" : "conflict";
      }
      if (first < 0) first = entry;
    }
    return first < 0 ? "new" : first;
  }

  #samePrice(entry: number, event: EventEntry): boolean {
    const { priceHigh, priceLow } = this.#table.entryAt(entry);
    return priceHigh === event.priceHigh && priceLow === event.priceLow;
  }

  #append(event: EventEntry): void {
    this.#table.add(event);
    if (event.typeCode !== BID) return;
    this.#newestWindow = undefined;
    this.#slices.add(this.#sliceOf(event.eventTimeUs), event);
  }

  #takeOutRepeats(totals: WindowTotals, startUs: number, endUs: number): void {
    if (this.#repeats === undefined) return;
    for (const entries of this.#repeats.values()) {
      const inside = entries.filter((entry) => {
        const timeUs = this.#table.eventTimeUsAt(entry);
        return timeUs >= startUs && timeUs < endUs;
      });
      const [first] = inside;
      if (first === undefined || this.#table.typeCodeAt(first) !== BID) continue;
      const { priceHigh, priceLow } = this.#table.entryAt(first);
      const extra = inside.length - 1;
      totals.bidCount -= extra;
      totals.priceSumNanos -= BigInt(extra) * nanosOf(priceHigh, priceLow);
    }
  }

  #isCheckpointDue(): boolean {
    const liveBytes = this.#table.count * ENTRY_BYTES;
    return (
      this.#revisionsSinceCheckpoint >= CHECKPOINT_REVISIONS &&
      this.#bytesSinceCheckpoint >= liveBytes / 2 &&
      liveBytes <= CHECKPOINT_BYTES_MAX
    );
  }

  #liveBytes(liveFromUs: number): Uint8Array {
    const live = new EventTable(this.#space, this.#table.count);
    for (let entry = 0; entry < this.#table.count; entry++) {
      const event = this.#table.entryAt(entry);
      if (event.eventTimeUs >= liveFromUs) live.add(event);
    }
    const bytes = live.copyTo(new EntryCopies(live.count), 0);
    live.release();
    return bytes;
  }

  #noteRevision(next: LogRevision): void {
    this.#revision = next.revision;
    this.#revisionsSinceCheckpoint = next.isCheckpoint ? 0 : this.#revisionsSinceCheckpoint + 1;
    this.#bytesSinceCheckpoint = next.isCheckpoint
      ? 0
      : this.#bytesSinceCheckpoint + next.bids.length;
  }

  #rebuild(entries: readonly EventEntry[]): void {
    this.#table.release();
    this.#table = new EventTable(this.#space, entries.length);
    this.#slices.clear();
    this.#newestWindow = undefined;
    this.#repeats = undefined;
    for (const entry of entries) this.add(entry);
    this.#committedCount = this.#table.count;
  }
}
