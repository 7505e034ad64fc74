import type { Consumer } from "./consumer.ts";
import type { KeyQueue } from "./key-queue.ts";
import { Schedule } from "./schedule.ts";
import type { StoredMessage } from "./stored-message.ts";

/** One delivery: a consumer's hold on a message until `deadlineMs`. Its slot and number make the ack id. */
export interface Lease {
  readonly slot: number;
  readonly number: number;
  readonly message: StoredMessage;
  readonly consumer: Consumer;
  readonly deliveryAttempt: number;
  /** The ordering key's queue and the place in it; undefined where the message is not ordered. */
  readonly key: KeyQueue | undefined;
  readonly position: number;
  state: "outstanding" | "acked" | "returned";
  deadlineMs: number;
  /** By a fault: it expires at its deadline, whatever modacks say. */
  isDoomed: boolean;
  /** Its consumer has moved its deadline, so the message did arrive. */
  isConfirmed: boolean;
  /** The expiry list it hangs in; the lists are intrusive so that a modack leaves nothing behind. */
  tick: number;
  previous: Lease | undefined;
  next: Lease | undefined;
}

/** Acked slots rest this many acks long before reuse, so that acking the same id again is known. */
const RESTING_SLOTS = 10_000;

/** Finds a lease by what its ack id says, without a map from strings. */
export class LeaseTable {
  readonly #leases: (Lease | undefined)[] = [];
  readonly #ackedNumbers: number[] = [];
  readonly #free: number[] = [];
  #freeStart = 0;
  #nextNumber = 1;
  #outstanding = 0;

  get outstanding(): number {
    return this.#outstanding;
  }

  grant(
    lease: Omit<
      Lease,
      "slot" | "number" | "state" | "isDoomed" | "isConfirmed" | "tick" | "previous" | "next"
    >,
  ): Lease {
    const slot = this.#takeSlot();
    const granted: Lease = {
      slot,
      number: this.#nextNumber++,
      message: lease.message,
      consumer: lease.consumer,
      deliveryAttempt: lease.deliveryAttempt,
      key: lease.key,
      position: lease.position,
      state: "outstanding",
      deadlineMs: lease.deadlineMs,
      isDoomed: false,
      isConfirmed: false,
      tick: UNLISTED,
      previous: undefined,
      next: undefined,
    };
    this.#leases[slot] = granted;
    this.#outstanding++;
    return granted;
  }

  find(slot: number, number: number): Lease | undefined {
    const lease = this.#leases[slot];
    return lease?.number === number ? lease : undefined;
  }

  /** Whether this very ack id was acked already; forgotten {@link RESTING_SLOTS} acks later. */
  wasAcked(slot: number, number: number): boolean {
    return this.#ackedNumbers[slot] === number;
  }

  release(lease: Lease, state: "acked" | "returned"): void {
    lease.state = state;
    this.#leases[lease.slot] = undefined;
    this.#ackedNumbers[lease.slot] = state === "acked" ? lease.number : 0;
    this.#free.push(lease.slot);
    this.#outstanding--;
  }

  *all(): Generator<Lease> {
    for (const lease of this.#leases) if (lease !== undefined) yield lease;
  }

  #takeSlot(): number {
    if (this.#free.length - this.#freeStart <= RESTING_SLOTS) return this.#leases.length;
    const slot = this.#free[this.#freeStart++] ?? this.#leases.length;
    if (this.#freeStart === RESTING_SLOTS) {
      this.#free.splice(0, this.#freeStart);
      this.#freeStart = 0;
    }
    return slot;
  }
}

/** Leases expire at the first multiple of this at or after their deadline. */
const TICK_MS = 50;
const UNLISTED = -1;

/** Leases by deadline. Moving a lease to another deadline costs the same however many there are. */
export class ExpiryLists {
  readonly #heads = new Map<number, Lease | undefined>();
  readonly #ticks = new Schedule<number>();

  add(lease: Lease): void {
    const tick = Math.ceil(lease.deadlineMs / TICK_MS);
    if (!this.#heads.has(tick)) this.#ticks.add(tick * TICK_MS, tick);
    const head = this.#heads.get(tick);
    lease.tick = tick;
    lease.previous = undefined;
    lease.next = head;
    if (head !== undefined) head.previous = lease;
    this.#heads.set(tick, lease);
  }

  /** Does nothing where the lease is in no list. */
  remove(lease: Lease): void {
    if (lease.tick === UNLISTED) return;
    if (lease.previous === undefined) this.#heads.set(lease.tick, lease.next);
    else lease.previous.next = lease.next;
    if (lease.next !== undefined) lease.next.previous = lease.previous;
    unlist(lease);
  }

  /** Takes the leases of one due tick out, oldest delivery first; undefined when no tick is due. */
  takeDue(nowMs: number): Lease[] | undefined {
    const tick = this.#ticks.takeDue(nowMs);
    if (tick === undefined) return undefined;
    const due: Lease[] = [];
    for (let lease = this.#heads.get(tick); lease !== undefined; lease = lease.next)
      due.push(lease);
    this.#heads.delete(tick);
    for (const lease of due) unlist(lease);
    return due.reverse();
  }

  get nextMs(): number | undefined {
    return this.#ticks.nextMs;
  }
}

function unlist(lease: Lease): void {
  lease.tick = UNLISTED;
  lease.previous = undefined;
  lease.next = undefined;
}
