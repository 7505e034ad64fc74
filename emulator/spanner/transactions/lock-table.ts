import type { VersionedStore } from "../storage/versioned-store.ts";
import type { KeyRange } from "../values/key-codec.ts";

/** What a lock covers: one key (also of a row that does not exist), or all keys of a range. */
export interface LockRequest {
  readonly store: VersionedStore;
  readonly covers: string | KeyRange;
  readonly exclusive: boolean;
}

interface Holder<Owner> {
  readonly owner: Owner;
  exclusive: boolean;
}

interface RangeHolder<Owner> extends Holder<Owner> {
  readonly range: KeyRange;
}

interface StoreLocks<Owner> {
  readonly points: Map<string, Holder<Owner>[]>;
  readonly ranges: RangeHolder<Owner>[];
}

/** Who holds which rows and ranges, shared or exclusively. It grants nothing by itself: ask for conflicts first. */
export class LockTable<Owner> {
  readonly #stores = new Map<VersionedStore, StoreLocks<Owner>>();
  readonly #held = new Map<Owner, LockRequest[]>();

  /** Every other owner whose locks stand against one of these requests. */
  conflicts(owner: Owner, requests: Iterable<LockRequest>): Set<Owner> {
    const found = new Set<Owner>();
    if (this.#held.size === 0 || (this.#held.size === 1 && this.#held.has(owner))) return found;
    for (const request of requests) {
      const locks = this.#stores.get(request.store);
      if (locks === undefined) continue;
      for (const holder of holdersMeeting(locks, request.covers)) {
        const stands = holder.exclusive || request.exclusive;
        if (stands && holder.owner !== owner) found.add(holder.owner);
      }
    }
    return found;
  }

  grant(owner: Owner, requests: Iterable<LockRequest>): void {
    const held = this.#held.get(owner) ?? [];
    this.#held.set(owner, held);
    for (const request of requests) {
      if (this.#add(owner, request)) held.push(request);
    }
  }

  holdsAny(owner: Owner): boolean {
    return this.#held.has(owner);
  }

  owners(): Owner[] {
    return [...this.#held.keys()];
  }

  release(owner: Owner): void {
    for (const { store, covers } of this.#held.get(owner) ?? []) {
      const locks = this.#stores.get(store);
      if (locks === undefined) continue;
      if (typeof covers === "string") releasePoint(locks, covers, owner);
      else removeOwner(locks.ranges, owner);
      if (locks.points.size === 0 && locks.ranges.length === 0) this.#stores.delete(store);
    }
    this.#held.delete(owner);
  }

  /** False where the owner holds just that already. */
  #add(owner: Owner, { store, covers, exclusive }: LockRequest): boolean {
    let locks = this.#stores.get(store);
    if (locks === undefined) {
      locks = { points: new Map(), ranges: [] };
      this.#stores.set(store, locks);
    }
    if (typeof covers !== "string") {
      locks.ranges.push({ owner, exclusive, range: covers });
      return true;
    }
    const holders = locks.points.get(covers);
    if (holders === undefined) {
      locks.points.set(covers, [{ owner, exclusive }]);
      return true;
    }
    const own = holders.find((holder) => holder.owner === owner);
    if (own !== undefined) own.exclusive ||= exclusive;
    else holders.push({ owner, exclusive });
    return own === undefined;
  }
}

function* holdersMeeting<Owner>(
  locks: StoreLocks<Owner>,
  covers: string | KeyRange,
): Generator<Holder<Owner>> {
  if (typeof covers === "string") {
    yield* locks.points.get(covers) ?? [];
    for (const holder of locks.ranges) if (contains(holder.range, covers)) yield holder;
    return;
  }
  for (const [key, holders] of locks.points) if (contains(covers, key)) yield* holders;
  for (const holder of locks.ranges) {
    if (holder.range.from < covers.to && covers.from < holder.range.to) yield holder;
  }
}

function contains(range: KeyRange, key: string): boolean {
  return range.from <= key && key < range.to;
}

function releasePoint<Owner>(locks: StoreLocks<Owner>, key: string, owner: Owner): void {
  const holders = locks.points.get(key);
  if (holders === undefined) return;
  removeOwner(holders, owner);
  if (holders.length === 0) locks.points.delete(key);
}

function removeOwner<Owner>(holders: Holder<Owner>[], owner: Owner): void {
  for (let index = holders.length - 1; index >= 0; index--) {
    if (holders[index]?.owner === owner) holders.splice(index, 1);
  }
}
