import type { Entry, VersionedStore } from "../storage/versioned-store.ts";
import type { Row } from "../values/cell.ts";
import type { KeyRange } from "../values/key-codec.ts";
import type { LockRequest } from "./lock-table.ts";

/** Rows and index entries as one reader sees them. */
export interface View {
  get(store: VersionedStore, key: string): Row | undefined;
  scan(store: VersionedStore, range: KeyRange): Iterable<Entry>;
}

/** The database as of one commit timestamp. */
export class SnapshotView implements View {
  readonly #timestamp: number;

  constructor(timestamp: number) {
    this.#timestamp = timestamp;
  }

  get(store: VersionedStore, key: string): Row | undefined {
    return store.at(key, this.#timestamp);
  }

  scan(store: VersionedStore, range: KeyRange): Iterable<Entry> {
    return store.scan(range, this.#timestamp);
  }
}

/**
 * Writes that are not committed, over the newest committed rows. It also collects the locks without
 * which its writes, and what it looked at to decide them, would not be safe.
 */
export class WriteSet implements View {
  readonly #base: Map<VersionedStore, Map<string, Row | undefined>>;
  readonly #changes = new Map<VersionedStore, Map<string, Row | undefined>>();
  readonly locks: LockRequest[] = [];
  /** Cells written and index cells touched, as the limit on mutations counts them. */
  mutationCount = 0;

  /** Begins empty, or over the writes that the transaction's DML made. */
  constructor(earlier?: WriteSet) {
    this.#base = earlier?.merged() ?? new Map();
    this.mutationCount = earlier?.mutationCount ?? 0;
  }

  get(store: VersionedStore, key: string): Row | undefined {
    const changes = this.#changes.get(store);
    if (changes?.has(key)) return changes.get(key);
    const base = this.#base.get(store);
    return base?.has(key) ? base.get(key) : store.at(key, Number.POSITIVE_INFINITY);
  }

  scan(store: VersionedStore, range: KeyRange): Iterable<Entry> {
    const committed = store.scan(range, Number.POSITIVE_INFINITY);
    const overlay = this.merged().get(store);
    if (overlay === undefined) return committed;
    const rows = new Map<string, Row | undefined>(committed);
    for (const [key, row] of overlay) {
      if (range.from <= key && key < range.to) rows.set(key, row);
    }
    return sortedEntries(rows);
  }

  put(store: VersionedStore, key: string, row: Row | undefined): void {
    let changes = this.#changes.get(store);
    if (changes === undefined) {
      changes = new Map();
      this.#changes.set(store, changes);
    }
    changes.set(key, row);
  }

  lock(store: VersionedStore, covers: string | KeyRange, exclusive: boolean): void {
    this.locks.push({ store, covers, exclusive });
  }

  /** All writes, the transaction's earlier ones included. */
  merged(): Map<VersionedStore, Map<string, Row | undefined>> {
    if (this.#base.size === 0) return this.#changes;
    const all = new Map([...this.#base].map(([store, rows]) => [store, new Map(rows)]));
    for (const [store, changes] of this.#changes) {
      const rows = all.get(store);
      if (rows === undefined) all.set(store, changes);
      else for (const [key, row] of changes) rows.set(key, row);
    }
    return all;
  }
}

function sortedEntries(rows: ReadonlyMap<string, Row | undefined>): Entry[] {
  const entries: Entry[] = [];
  for (const [key, row] of rows) if (row !== undefined) entries.push([key, row]);
  return entries.sort(([left], [right]) => (left < right ? -1 : 1));
}
