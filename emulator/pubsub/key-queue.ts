import type { Consumer } from "./consumer.ts";
import { Fifo } from "./fifo.ts";
import type { Lease } from "./lease.ts";
import type { StoredMessage } from "./stored-message.ts";

/** A consumer's place at one backlog: the ordering keys it holds, and those with something to send. */
export interface Seat {
  readonly consumer: Consumer;
  readonly keys: Set<KeyQueue>;
  readonly ready: Fifo<KeyQueue>;
}

/**
 * One ordering key of one backlog:
 *
 *     window: delivered, from the oldest unsettled on  |  again: to redeliver  |  waiting: never delivered
 *     [acked? leased leased acked leased]                 [n n+1 n+2 ...]          [...]
 *
 * All three are in publish order. When a delivery fails, it and all behind it move from the window
 * to the front of `again`: the tail is redelivered.
 */
export class KeyQueue {
  readonly orderingKey: string;
  /** Who gets this key. Kept while the seat is open (affinity), and until what it holds is settled. */
  seat: Seat | undefined;
  /** Listed in its seat's or the backlog's ready queue. */
  isListed = false;
  /** In backoff after a failure: nothing of this key is sent. */
  isBlocked = false;
  /** To redeliver, the next one last, so that taking and putting back are at the array's end. */
  readonly #again: StoredMessage[] = [];
  readonly #waiting = new Fifo<StoredMessage>();
  #window: Lease[] = [];
  /** Index in `#window` of the oldest unsettled delivery, and that delivery's position. */
  #windowStart = 0;
  #firstPosition = 0;
  #nextPosition = 0;

  constructor(orderingKey: string) {
    this.orderingKey = orderingKey;
  }

  get hasWaiting(): boolean {
    return this.#again.length > 0 || this.#waiting.length > 0;
  }

  /** Nothing delivered is unsettled. */
  get isWindowEmpty(): boolean {
    return this.#windowStart === this.#window.length;
  }

  get isIdle(): boolean {
    return !this.hasWaiting && this.isWindowEmpty;
  }

  get nextPosition(): number {
    return this.#nextPosition;
  }

  push(message: StoredMessage): void {
    this.#waiting.push(message);
  }

  peek(): StoredMessage | undefined {
    return this.#again.at(-1) ?? this.#waiting.peek();
  }

  take(): StoredMessage | undefined {
    return this.#again.pop() ?? this.#waiting.shift();
  }

  /** Puts messages, in publish order, before all that wait. */
  putBack(messages: readonly StoredMessage[]): void {
    for (const message of messages.toReversed()) this.#again.push(message);
  }

  /** Records a delivery of what {@link take} returned, at {@link nextPosition}. */
  deliver(lease: Lease): void {
    this.#window.push(lease);
    this.#nextPosition++;
  }

  /** Whether every delivery before this one is acked. */
  isFirst(lease: Lease): boolean {
    return this.#window[this.#windowStart] === lease;
  }

  /** Drops the acked deliveries at the window's front; the caller has just acked one. */
  settleFront(): void {
    while (this.#window[this.#windowStart]?.state === "acked") {
      this.#windowStart++;
      this.#firstPosition++;
    }
    if (this.#windowStart === this.#window.length) {
      this.#window.length = 0;
      this.#windowStart = 0;
    } else if (this.#windowStart >= 512) {
      this.#window = this.#window.slice(this.#windowStart);
      this.#windowStart = 0;
    }
  }

  /** Cuts the window at a failed delivery; returns it and all behind it, in publish order. */
  cut(lease: Lease): Lease[] {
    const tail = this.#window.splice(this.#windowStart + lease.position - this.#firstPosition);
    this.#nextPosition = lease.position;
    return tail;
  }

  /** Every message not settled for good, in publish order. */
  *unsettled(): Generator<StoredMessage> {
    for (const lease of this.#window.slice(this.#windowStart)) {
      if (lease.state === "outstanding") yield lease.message;
    }
    yield* this.#again.toReversed();
    yield* this.#waiting;
  }
}
