import type { AckOutcome, PubsubState } from "./state.ts";
import type { Subscription } from "./subscription.ts";

/** How long an ack that came before an earlier one of its key waits for that one. */
const HOLD_MS = 3000;

interface HeldAck {
  readonly outcome: AckOutcome;
  readonly answer: (outcome: AckOutcome) => void;
  unordered: readonly string[];
}

/**
 * Unary acks that overtook an earlier ack of their ordering key. The official client has several ack
 * calls on their way at once, and sets one message aside whenever a batch is full, so its acks do come
 * out of order; each waits here for the one before it, and only then fails.
 */
export class HeldAcks {
  readonly #state: PubsubState;
  readonly #nowMs: () => number;
  readonly #held = new Map<Subscription, Set<HeldAck>>();

  constructor(state: PubsubState, nowMs: () => number) {
    this.#state = state;
    this.#nowMs = nowMs;
  }

  /** Acks, and answers at once or when what came too early has had its time. */
  acknowledge(name: string, ackIds: readonly string[], answer: HeldAck["answer"]): void {
    const subscription = this.#state.catalog.subscription(name);
    const outcome = this.#state.acknowledge(name, ackIds, this.#nowMs());
    if (outcome.unordered.length > 0) this.#hold(subscription, outcome, answer);
    if (outcome.done.length > 0) this.#retry(subscription);
    if (outcome.unordered.length === 0) answer(outcome);
  }

  #hold(subscription: Subscription, outcome: AckOutcome, answer: HeldAck["answer"]): void {
    const ack: HeldAck = {
      outcome,
      unordered: outcome.unordered,
      answer: (final) => {
        clearTimeout(timer);
        held.delete(ack);
        if (held.size === 0) this.#held.delete(subscription);
        answer(final);
      },
    };
    const held = this.#held.get(subscription) ?? new Set();
    this.#held.set(subscription, held.add(ack));
    const timer = setTimeout(() => {
      this.#retry(subscription);
      if (held.has(ack)) ack.answer(combined(ack));
    }, HOLD_MS);
  }

  /** Tries what is held again, and again as long as one ack sets another free. */
  #retry(subscription: Subscription): void {
    if (this.#state.catalog.subscriptions.get(subscription.name) !== subscription) return;
    for (let settled = 1; settled > 0; ) {
      settled = 0;
      for (const ack of [...(this.#held.get(subscription) ?? [])]) {
        const again = this.#state.acknowledge(subscription.name, ack.unordered, this.#nowMs());
        settled += ack.unordered.length - again.unordered.length;
        ack.unordered = again.unordered;
        ack.outcome.done.push(...again.done);
        ack.outcome.invalid.push(...again.invalid);
        if (again.unordered.length === 0) ack.answer(combined(ack));
      }
    }
  }
}

function combined({ outcome, unordered }: HeldAck): AckOutcome {
  return { ...outcome, unordered: [...unordered] };
}
