import { assert } from "../assert.ts";
import { typeCodeOf } from "../auction/event.ts";
import { alignDown } from "../time.ts";
import { ENTRY_BYTES, type EventEntry, EventTable, entriesOf } from "./event-table.ts";
import { nanosOf } from "./price-sum.ts";
import { mergeSlices, SliceTotals, type WindowTotals } from "./slice-totals.ts";

/** What an event did to its auction. `repeated`: a bid known from another slice; it counts in both. */
export type CountOutcome = "counted" | "repeated" | "duplicate" | "conflict";

/** One stored revision of an auction's log. */
export interface LogRevision {
  readonly revision: number;
  readonly isCheckpoint: boolean;
  /** Entries of {@link EventTable}: those the revision added, or all live ones in a checkpoint. */
  readonly bids: Uint8Array;
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
  #revision = 0;
  /** Whether the log was read: until then, the auction is taken for one that nobody counted before. */
  #isLoaded = false;
  #table = new EventTable();
  #committedCount = 0;
  readonly #slices = new Map<number, SliceTotals>();
  /** The slice that the last bid went to: most go to the same. */
  #newestSlice = Number.NaN;
  #newestTotals = new SliceTotals();
  /** Bids that stand in several slices: entry numbers by the first of them. */
  readonly #repeats = new Map<number, number[]>();
  #revisionsSinceCheckpoint = 0;
  #bytesSinceCheckpoint = 0;
  /** Events before this, in µs, were left out of the newest checkpoint. */
  #compactedBeforeUs = Number.NEGATIVE_INFINITY;
  /** The same of a checkpoint that is not committed yet. */
  #nextCompactedBeforeUs = Number.NEGATIVE_INFINITY;

  constructor(id: string, sliceMs: number) {
    this.id = id;
    this.#sliceUs = sliceMs * 1000;
  }

  get revision(): number {
    return this.#revision;
  }

  get eventCount(): number {
    return this.#table.count;
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
   * start of the earliest window that may still change.
   */
  nextRevision(liveFromUs: number): LogRevision {
    assert(this.isChanged, "only a changed auction has a next revision");
    const revision = this.#revision + 1;
    if (this.#isCheckpointDue()) {
      this.#nextCompactedBeforeUs = liveFromUs;
      return { revision, isCheckpoint: true, bids: this.#liveBytes(liveFromUs) };
    }
    return { revision, isCheckpoint: false, bids: this.#table.bytesFrom(this.#committedCount) };
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
    this.#compactedBeforeUs = Number.NEGATIVE_INFINITY;
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
    const slices: SliceTotals[] = [];
    for (let slice = startMs * 1000; slice < endMs * 1000; slice += this.#sliceUs) {
      const totals = this.#slices.get(slice);
      if (totals !== undefined) slices.push(totals);
    }
    const merged = mergeSlices(slices);
    if (merged !== undefined) this.#takeOutRepeats(merged, startMs * 1000, endMs * 1000);
    return merged;
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
    const slice = this.#sliceOf(event.eventTimeUs);
    if (slice !== this.#newestSlice) this.#openSlice(slice);
    this.#newestTotals.add(event.priceHigh, event.priceLow, event.eventTimeUs);
  }

  #openSlice(slice: number): void {
    let totals = this.#slices.get(slice);
    if (totals === undefined) {
      totals = new SliceTotals();
      this.#slices.set(slice, totals);
    }
    this.#newestSlice = slice;
    this.#newestTotals = totals;
  }

  #takeOutRepeats(totals: WindowTotals, startUs: number, endUs: number): void {
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
    const live = new EventTable(this.#table.count);
    for (let entry = 0; entry < this.#table.count; entry++) {
      const event = this.#table.entryAt(entry);
      if (event.eventTimeUs >= liveFromUs) live.add(event);
    }
    return live.bytesFrom(0);
  }

  #noteRevision(next: LogRevision): void {
    this.#revision = next.revision;
    this.#revisionsSinceCheckpoint = next.isCheckpoint ? 0 : this.#revisionsSinceCheckpoint + 1;
    this.#bytesSinceCheckpoint = next.isCheckpoint
      ? 0
      : this.#bytesSinceCheckpoint + next.bids.length;
  }

  #rebuild(entries: readonly EventEntry[]): void {
    this.#table = new EventTable();
    this.#slices.clear();
    this.#newestSlice = Number.NaN;
    this.#repeats.clear();
    for (const entry of entries) this.add(entry);
    this.#committedCount = this.#table.count;
  }
}
