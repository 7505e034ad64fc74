import type { Row } from "../values/cell.ts";
import type { KeyRange } from "../values/key-codec.ts";
import { LeastText } from "./least-text.ts";
import { SortedMap } from "./sorted-map.ts";

interface Version {
  /** Commit timestamp in microseconds. */
  readonly timestamp: number;
  /** Undefined where the row was deleted at that time. */
  readonly row: Row | undefined;
  older: Version | undefined;
}

/** So many replaced versions are looked at in one go, which takes some 20 ms. */
const MAX_FORGOTTEN = 10_000;

/** So many changed keys are remembered for the copy in DuckDB; beyond that it is made anew. */
const MAX_CHANGED_KEYS = 200_000;

export type Entry = readonly [key: string, row: Row];

/** Rows of one table, or entries of one index, with all their versions, in key order. */
export class VersionedStore {
  /** What it holds, for messages: the table's or the index's name. */
  readonly name: string;
  readonly #versions = new SortedMap<Version>();
  /** Versions that a later one replaced, oldest replacement first: what may be forgotten one day. */
  readonly #replaced: { readonly key: string; readonly timestamp: number }[] = [];
  #lastChange = 0;
  #held = 0;
  #changedKeys: Set<string> | undefined;
  /** The least text in the column that row deletion looks at. */
  readonly least = new LeastText();

  constructor(name: string) {
    this.name = name;
  }

  /** The newest commit timestamp in it, in microseconds; 0 where nothing was ever written. */
  get lastChange(): number {
    return this.#lastChange;
  }

  /** How many versions it holds, deletions included. */
  get held(): number {
    return this.#held;
  }

  /** The row as it was at `timestamp`, that commit included. */
  at(key: string, timestamp: number): Row | undefined {
    return visible(this.#versions.get(key), timestamp);
  }

  *scan(range: KeyRange, timestamp: number): Generator<Entry> {
    for (const [key, newest] of this.#versions.entries(range.from, range.to)) {
      const row = visible(newest, timestamp);
      if (row !== undefined) yield [key, row];
    }
  }

  /** Writes a row, or with undefined deletes it. Timestamps never fall. */
  write(key: string, row: Row | undefined, timestamp: number): void {
    const older = this.#versions.update(key, (before) => ({ timestamp, row, older: before }));
    if (older !== undefined || row === undefined) this.#replaced.push({ key, timestamp });
    if (row !== undefined) this.least.take(row);
    this.#lastChange = timestamp;
    this.#held++;
    this.#changedKeys?.add(key);
    if ((this.#changedKeys?.size ?? 0) > MAX_CHANGED_KEYS) this.#changedKeys = undefined;
  }

  /** Forgets versions that no read at or after `horizon` can see; true where another call may forget more. */
  forgetBefore(horizon: number): boolean {
    let count = 0;
    for (const { key, timestamp } of this.#replaced) {
      if (timestamp > horizon || count === MAX_FORGOTTEN) break;
      count++;
      const newest = this.#versions.get(key);
      let version = newest;
      while (version !== undefined && version.timestamp > horizon) version = version.older;
      if (version === undefined) continue;
      this.#held -= lengthOf(version.older);
      version.older = undefined;
      if (version !== newest || version.row !== undefined) continue;
      this.#versions.delete(key);
      this.#held--;
    }
    this.#replaced.splice(0, count);
    return count === MAX_FORGOTTEN;
  }

  /** Keys written since the last call; undefined where all are to be read: at the first call, or when too many changed. */
  takeChangedKeys(): ReadonlySet<string> | undefined {
    const changed = this.#changedKeys;
    this.#changedKeys = new Set();
    return changed;
  }
}

function lengthOf(chain: Version | undefined): number {
  let length = 0;
  for (let version = chain; version !== undefined; version = version.older) length++;
  return length;
}

function visible(newest: Version | undefined, timestamp: number): Row | undefined {
  let version = newest;
  while (version !== undefined && version.timestamp > timestamp) version = version.older;
  return version?.row;
}
