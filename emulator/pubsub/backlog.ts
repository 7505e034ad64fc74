import { assert } from "../../shared/core/assert.ts";
import type { Consumer } from "./consumer.ts";
import { Fifo } from "./fifo.ts";
import type { KeyQueue } from "./key-queue.ts";
import { KeyRing } from "./key-ring.ts";
import { ExpiryLists, type Lease, LeaseTable } from "./lease.ts";
import { Schedule } from "./schedule.ts";
import { type StoredMessage, sizeBytesOf } from "./stored-message.ts";

/** The part of a subscription's configuration that decides who gets what and when. */
export interface DeliveryRules {
  readonly ordered: boolean;
  readonly exactlyOnce: boolean;
  readonly retentionMs: number;
  /** Undefined redelivers at once. */
  readonly retry: { readonly minimumMs: number; readonly maximumMs: number } | undefined;
  /** Failed deliveries after which a message is dead-lettered; undefined never does. */
  readonly maxDeliveryAttempts: number | undefined;
}

/** What one call may take. `take` lowers the numbers as it goes. */
export interface Budget {
  messages: number;
  bytes: number;
  readonly nowMs: number;
  readonly deadlineMs: number;
}

export interface DeadLetter {
  readonly message: StoredMessage;
  readonly deliveryAttempts: number;
}

type Delayed =
  | { readonly kind: "message"; readonly message: StoredMessage }
  | { readonly kind: "key"; readonly key: KeyQueue };

/** Messages of one key sent before another key's turn. */
const KEY_TURN_MESSAGES = 100;

/**
 * The unacked messages of one subscription in one region, and the leases on them. Order and
 * exactly-once hold inside a backlog, as they hold inside a region of the service.
 */
export class Backlog {
  rules: DeliveryRules;
  readonly deadLetters: DeadLetter[] = [];
  readonly #leases = new LeaseTable();
  readonly #expiries = new ExpiryLists();
  readonly #delayed = new Schedule<Delayed>();
  readonly #again = new Fifo<StoredMessage>();
  readonly #waiting = new Fifo<StoredMessage>();
  readonly #keys = new KeyRing();
  /** Failed deliveries by message id, only for messages that failed. */
  readonly #failures = new Map<number, number>();
  #unackedMessages = 0;

  constructor(rules: DeliveryRules) {
    this.rules = rules;
  }

  get unackedMessages(): number {
    return this.#unackedMessages;
  }

  get outstandingMessages(): number {
    return this.#leases.outstanding;
  }

  open(consumer: Consumer): void {
    this.#keys.seat(consumer);
  }

  /** What the consumer holds stays leased until it is settled; its keys pass on as they settle. */
  close(consumer: Consumer): void {
    this.#keys.unseat(consumer);
  }

  /** Adds a message; `delayedUntilMs` holds it back (and, where it is ordered, its key). */
  enqueue(message: StoredMessage, delayedUntilMs?: number): void {
    this.#unackedMessages++;
    if (this.rules.ordered && message.orderingKey !== "") {
      const key = this.#keys.of(message.orderingKey);
      key.push(message);
      if (delayedUntilMs !== undefined) this.#block(key, delayedUntilMs);
      else this.#keys.list(key);
    } else if (delayedUntilMs !== undefined) {
      this.#delayed.add(delayedUntilMs, { kind: "message", message });
    } else {
      this.#waiting.push(message);
    }
  }

  /** Leases messages to the consumer, up to the budget. */
  take(consumer: Consumer, budget: Budget): Lease[] {
    const leases: Lease[] = [];
    if (this.rules.ordered) this.#takeOrdered(consumer, budget, leases);
    while (budget.messages > 0 && budget.bytes > 0) {
      const message = this.#again.shift() ?? this.#waiting.shift();
      if (message === undefined) break;
      if (this.#isExpired(message, budget.nowMs)) this.#drop(message);
      else leases.push(this.#lease(message, consumer, budget));
    }
    return leases;
  }

  ack(slot: number, number: number): "acked" | "invalid" | "unordered" {
    const lease = this.#leases.find(slot, number);
    if (lease === undefined) return this.#leases.wasAcked(slot, number) ? "acked" : "invalid";
    const { key } = lease;
    if (key !== undefined && this.rules.exactlyOnce && !key.isFirst(lease)) return "unordered";
    this.#release(lease, "acked");
    this.#unackedMessages--;
    if (this.#failures.size > 0) this.#failures.delete(lease.message.messageId);
    if (key !== undefined) {
      key.settleFront();
      if (key.isWindowEmpty) this.#keys.list(key);
    }
    return "acked";
  }

  find(slot: number, number: number): Lease | undefined {
    return this.#leases.find(slot, number);
  }

  extend(lease: Lease, deadlineMs: number): void {
    this.#expiries.remove(lease);
    lease.deadlineMs = deadlineMs;
    this.#expiries.add(lease);
  }

  /** Moves a deadline for the consumer, which thereby confirms that it has the message. */
  confirm(lease: Lease, deadlineMs: number): void {
    if (!lease.isConfirmed) lease.consumer.unconfirmedMessages--;
    lease.isConfirmed = true;
    if (!lease.isDoomed) this.extend(lease, deadlineMs);
  }

  /** Ends a lease without an ack: a nack or an expiry, which counts as a failed delivery. */
  fail(lease: Lease, nowMs: number): void {
    this.#return(lease, nowMs, true);
  }

  /** Ends a lease as if the message was never sent, so that it is delivered once more. */
  repeat(lease: Lease, nowMs: number): void {
    this.#return(lease, nowMs, false);
  }

  /** Carries out what has fallen due: lease expiries and ends of backoff. */
  advance(nowMs: number): void {
    for (let due = this.#expiries.takeDue(nowMs); due; due = this.#expiries.takeDue(nowMs)) {
      for (const lease of due) if (lease.state === "outstanding") this.fail(lease, nowMs);
    }
    for (let due = this.#delayed.takeDue(nowMs); due; due = this.#delayed.takeDue(nowMs)) {
      if (due.kind === "message") {
        this.#again.push(due.message);
      } else {
        due.key.isBlocked = false;
        this.#keys.list(due.key);
      }
    }
  }

  /** Drops what retention has ended for, as far as it was never delivered. */
  dropExpired(nowMs: number): void {
    while (this.#isExpired(this.#waiting.peek(), nowMs)) this.#drop(this.#waiting.shift());
    for (const key of this.#keys.all()) {
      while (this.#isExpired(key.peek(), nowMs)) this.#drop(key.take());
    }
  }

  /** Forgets every message and lease, for a seek or a detach; consumers keep their seats. */
  clear(): void {
    for (const lease of [...this.#leases.all()]) this.#release(lease, "returned");
    this.#delayed.clear();
    this.#again.clear();
    this.#waiting.clear();
    this.#keys.clear();
    this.#failures.clear();
    this.#unackedMessages = 0;
  }

  /** When {@link advance} next has something to do. */
  get nextMs(): number | undefined {
    const expiryMs = this.#expiries.nextMs ?? Number.POSITIVE_INFINITY;
    const delayedMs = this.#delayed.nextMs ?? Number.POSITIVE_INFINITY;
    const nextMs = Math.min(expiryMs, delayedMs);
    return Number.isFinite(nextMs) ? nextMs : undefined;
  }

  /** Every unacked message, in no set order. */
  *unacked(): Generator<StoredMessage> {
    yield* this.#again;
    yield* this.#waiting;
    for (const delayed of this.#delayed.items())
      if (delayed.kind === "message") yield delayed.message;
    for (const lease of this.#leases.all()) if (lease.key === undefined) yield lease.message;
    for (const key of this.#keys.all()) yield* key.unsettled();
  }

  /** Publish time of the oldest unacked message, without walking the whole backlog. */
  oldestPublishTimeMs(): number | undefined {
    let oldest = this.#waiting.peek()?.publishTimeMs ?? Number.POSITIVE_INFINITY;
    const look = (message: StoredMessage | undefined) => {
      if (message !== undefined && message.publishTimeMs < oldest) oldest = message.publishTimeMs;
    };
    for (const message of this.#again) look(message);
    for (const delayed of this.#delayed.items())
      if (delayed.kind === "message") look(delayed.message);
    for (const lease of this.#leases.all()) look(lease.message);
    for (const key of this.#keys.all()) look(key.peek());
    return Number.isFinite(oldest) ? oldest : undefined;
  }

  #takeOrdered(consumer: Consumer, budget: Budget, leases: Lease[]): void {
    const seat = this.#keys.seat(consumer);
    while (budget.messages > 0 && budget.bytes > 0) {
      const key = this.#keys.takeReady(seat);
      if (key === undefined) return;
      this.#takeTurn(key, consumer, budget, leases);
      this.#keys.list(key);
    }
  }

  #takeTurn(key: KeyQueue, consumer: Consumer, budget: Budget, leases: Lease[]): void {
    const end = leases.length + KEY_TURN_MESSAGES;
    while (budget.messages > 0 && budget.bytes > 0 && leases.length < end) {
      const message = key.take();
      if (message === undefined) return;
      if (this.#isExpired(message, budget.nowMs)) this.#drop(message);
      else leases.push(this.#deliver(key, message, consumer, budget));
    }
  }

  #deliver(key: KeyQueue, message: StoredMessage, consumer: Consumer, budget: Budget): Lease {
    const lease = this.#lease(message, consumer, budget, key);
    key.deliver(lease);
    return lease;
  }

  #lease(message: StoredMessage, consumer: Consumer, budget: Budget, key?: KeyQueue): Lease {
    const failures = this.#failures.size === 0 ? 0 : (this.#failures.get(message.messageId) ?? 0);
    const lease = this.#leases.grant({
      message,
      consumer,
      deliveryAttempt: failures + 1,
      key,
      position: key === undefined ? 0 : key.nextPosition,
      deadlineMs: budget.deadlineMs,
    });
    this.#expiries.add(lease);
    const sizeBytes = sizeBytesOf(message);
    consumer.outstandingMessages++;
    consumer.unconfirmedMessages++;
    consumer.outstandingBytes += sizeBytes;
    budget.messages--;
    budget.bytes -= sizeBytes;
    return lease;
  }

  #release(lease: Lease, state: "acked" | "returned"): void {
    this.#expiries.remove(lease);
    this.#leases.release(lease, state);
    lease.consumer.outstandingMessages--;
    if (!lease.isConfirmed) lease.consumer.unconfirmedMessages--;
    lease.consumer.outstandingBytes -= sizeBytesOf(lease.message);
    assert(lease.consumer.outstandingMessages >= 0, "a consumer holds no less than nothing");
  }

  #return(lease: Lease, nowMs: number, isFailure: boolean): void {
    const { key, message } = lease;
    if (key !== undefined) {
      this.#returnTail(key, lease, nowMs, isFailure);
      return;
    }
    this.#release(lease, "returned");
    if (!isFailure) {
      this.#again.push(message);
      return;
    }
    const failures = this.#countFailure(message);
    if (this.#deadLetterAfter(message, failures)) return;
    const backoffMs = this.#backoffMs(failures);
    if (backoffMs > 0) this.#delayed.add(nowMs + backoffMs, { kind: "message", message });
    else this.#again.push(message);
  }

  /**
   * Redelivers a message of a key and all behind it. Without exactly-once that includes those acked
   * already; with it an ack out of order was refused, so none behind is acked.
   */
  #returnTail(key: KeyQueue, lease: Lease, nowMs: number, isFailure: boolean): void {
    const messages: StoredMessage[] = [];
    let backoffMs = 0;
    for (const returned of key.cut(lease)) {
      const { message } = returned;
      const isExpired = returned.deadlineMs <= nowMs && returned.state === "outstanding";
      if (returned.state === "outstanding") this.#release(returned, "returned");
      else this.#unackedMessages++;
      if ((returned === lease && isFailure) || isExpired) {
        const failures = this.#countFailure(message);
        if (this.#deadLetterAfter(message, failures)) continue;
        if (messages.length === 0) backoffMs = this.#backoffMs(failures);
      }
      messages.push(message);
    }
    key.putBack(messages);
    key.settleFront();
    if (backoffMs > 0) this.#block(key, nowMs + backoffMs);
    else this.#keys.list(key);
  }

  #countFailure(message: StoredMessage): number {
    const failures = (this.#failures.get(message.messageId) ?? 0) + 1;
    this.#failures.set(message.messageId, failures);
    return failures;
  }

  #deadLetterAfter(message: StoredMessage, failures: number): boolean {
    const { maxDeliveryAttempts } = this.rules;
    if (maxDeliveryAttempts === undefined || failures < maxDeliveryAttempts) return false;
    this.deadLetters.push({ message, deliveryAttempts: failures });
    this.#drop(message);
    return true;
  }

  #backoffMs(failures: number): number {
    const { retry } = this.rules;
    if (retry === undefined) return 0;
    return Math.min(retry.maximumMs, retry.minimumMs * 2 ** (failures - 1));
  }

  #block(key: KeyQueue, untilMs: number): void {
    if (key.isBlocked) return;
    key.isBlocked = true;
    this.#delayed.add(untilMs, { kind: "key", key });
  }

  #isExpired(message: StoredMessage | undefined, nowMs: number): boolean {
    return message !== undefined && message.publishTimeMs + this.rules.retentionMs <= nowMs;
  }

  #drop(message: StoredMessage | undefined): void {
    if (message === undefined) return;
    this.#unackedMessages--;
    if (this.#failures.size > 0) this.#failures.delete(message.messageId);
  }
}
