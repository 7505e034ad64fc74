import type { Consumer } from "./consumer.ts";
import { Fifo } from "./fifo.ts";
import { KeyQueue, type Seat } from "./key-queue.ts";

/** Idle keys whose consumer is remembered; beyond it the longest idle are forgotten. */
const IDLE_KEYS_MAX = 10_000;

/**
 * The ordering keys of one backlog and which consumer gets each. A key stays with its consumer
 * while that is open (affinity); it moves when the consumer closes or holds more than its share of
 * keys, and only when nothing of it is outstanding, so that no two consumers hold one key.
 */
export class KeyRing {
  readonly #keys = new Map<string, KeyQueue>();
  readonly #idle = new Set<KeyQueue>();
  readonly #seats = new Map<Consumer, Seat>();
  /** Keys with messages to send and no consumer. */
  readonly #unassigned = new Fifo<KeyQueue>();

  of(orderingKey: string): KeyQueue {
    const known = this.#keys.get(orderingKey);
    if (known !== undefined) {
      this.#idle.delete(known);
      return known;
    }
    const key = new KeyQueue(orderingKey);
    this.#keys.set(orderingKey, key);
    return key;
  }

  all(): Iterable<KeyQueue> {
    return this.#keys.values();
  }

  seat(consumer: Consumer): Seat {
    const known = this.#seats.get(consumer);
    if (known !== undefined) return known;
    const seat: Seat = { consumer, keys: new Set(), ready: new Fifo() };
    this.#seats.set(consumer, seat);
    return seat;
  }

  /** Ends a consumer's seat. Keys with something outstanding stay with it until that is settled. */
  unseat(consumer: Consumer): void {
    const seat = this.#seats.get(consumer);
    if (seat === undefined) return;
    this.#seats.delete(consumer);
    for (let key = seat.ready.shift(); key !== undefined; key = seat.ready.shift()) {
      key.isListed = false;
    }
    for (const key of [...seat.keys]) {
      if (key.isWindowEmpty) this.#assign(key, undefined);
      this.list(key);
    }
  }

  /** Lists a key for sending if it has something to send and may; call it whenever that changed. */
  list(key: KeyQueue): void {
    if (key.isIdle) this.#rest(key);
    if (key.isListed || key.isBlocked || !key.hasWaiting) return;
    if (key.isWindowEmpty) this.#assign(key, this.#chooseSeat(key));
    else if (key.seat === undefined || !this.#isOpen(key.seat)) return;
    key.isListed = true;
    (key.seat?.ready ?? this.#unassigned).push(key);
  }

  /** The next key this seat may send from; one without a consumer, or one that waits on a full consumer. */
  takeReady(seat: Seat): KeyQueue | undefined {
    const key = seat.ready.shift() ?? this.#unassigned.shift() ?? this.#takeFromFull(seat);
    if (key === undefined) return undefined;
    key.isListed = false;
    if (key.seat !== seat) this.#assign(key, seat);
    return key;
  }

  clear(): void {
    for (const seat of this.#seats.values()) {
      seat.keys.clear();
      seat.ready.clear();
    }
    this.#keys.clear();
    this.#idle.clear();
    this.#unassigned.clear();
  }

  #chooseSeat(key: KeyQueue): Seat | undefined {
    const current = key.seat !== undefined && this.#isOpen(key.seat) ? key.seat : undefined;
    const share = Math.ceil(this.#keys.size / Math.max(1, this.#seats.size));
    if (current !== undefined && current.keys.size <= share) return current;
    let fewest = current;
    for (const seat of this.#seats.values()) {
      if (fewest === undefined || seat.keys.size < fewest.keys.size) fewest = seat;
    }
    return fewest;
  }

  #takeFromFull(seat: Seat): KeyQueue | undefined {
    for (const other of this.#seats.values()) {
      if (other === seat || !other.consumer.isFull) continue;
      if (other.ready.peek()?.isWindowEmpty) return other.ready.shift();
    }
    return undefined;
  }

  #assign(key: KeyQueue, seat: Seat | undefined): void {
    if (key.seat === seat) return;
    key.seat?.keys.delete(key);
    key.seat = seat;
    seat?.keys.add(key);
  }

  #isOpen(seat: Seat): boolean {
    return this.#seats.get(seat.consumer) === seat;
  }

  #rest(key: KeyQueue): void {
    this.#idle.add(key);
    if (this.#idle.size <= IDLE_KEYS_MAX) return;
    const [longest] = this.#idle;
    if (longest === undefined) return;
    this.#idle.delete(longest);
    this.#keys.delete(longest.orderingKey);
    this.#assign(longest, undefined);
  }
}
