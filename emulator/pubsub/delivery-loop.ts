import type { StatusError } from "../grpc/status-error.ts";
import type { Consumer } from "./consumer.ts";
import { IdleCollection } from "./idle-collection.ts";
import type { Lease } from "./lease.ts";
import { failedPrecondition, notFound, unavailable } from "./refusal.ts";
import type { PubsubState } from "./state.ts";
import type { Subscription } from "./subscription.ts";

/** An open StreamingPull, or the writer of a BigQuery subscription, as the loop sees it. */
export interface Outlet {
  readonly subscription: Subscription;
  readonly consumer: Consumer;
  /** False while the transport's buffer is full. */
  readonly isWritable: () => boolean;
  readonly send: (leases: readonly Lease[]) => void;
  readonly fail: (error: StatusError) => void;
}

/** A unary Pull that found nothing and waits for a message. */
export interface WaitingPull {
  readonly subscription: Subscription;
  /** Tries again; true when it is answered. */
  readonly attempt: () => boolean;
}

/** Responses sent before other work gets a turn. A response has up to 1 MB. */
const RESPONSES_PER_TURN = 8;
const EXPIRE_INTERVAL_MS = 60_000;

/** Owns the emulator's timers: asks the state for deliveries whenever a call or the time may have made some. */
export class DeliveryLoop {
  readonly #state: PubsubState;
  readonly #nowMs: () => number;
  readonly #outlets = new Map<Subscription, Set<Outlet>>();
  readonly #pulls = new Map<Subscription, Set<WaitingPull>>();
  readonly #housekeeping: NodeJS.Timeout;
  readonly #idleCollection = new IdleCollection();
  /** Called with each subscription before it is delivered to. */
  readonly #attend: (subscription: Subscription) => void;
  #turn: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(
    state: PubsubState,
    nowMs: () => number,
    attend: (subscription: Subscription) => void,
  ) {
    this.#state = state;
    this.#attend = attend;
    this.#nowMs = nowMs;
    this.#housekeeping = setInterval(() => state.expire(nowMs()), EXPIRE_INTERVAL_MS);
    this.#housekeeping.unref();
  }

  add(outlet: Outlet): void {
    membersOf(this.#outlets, outlet.subscription).add(outlet);
    this.wake();
  }

  remove(outlet: Outlet): void {
    dropMember(this.#outlets, outlet.subscription, outlet);
    this.wake();
  }

  wait(pull: WaitingPull): void {
    membersOf(this.#pulls, pull.subscription).add(pull);
  }

  stopWaiting(pull: WaitingPull): void {
    dropMember(this.#pulls, pull.subscription, pull);
  }

  /** Runs a turn soon, once for any number of calls. */
  wake(): void {
    if (this.#isClosed) return;
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#run();
    });
  }

  /** Ends the streams and waiting pulls of a region, as a cut-off does. */
  resetRegion(region: number, errorOf: () => StatusError): void {
    for (const outlet of [...this.#outlets.values()].flatMap((outlets) => [...outlets])) {
      if (outlet.consumer.region === region) outlet.fail(errorOf());
    }
    for (const subscription of this.#pulls.keys()) this.#state.stir(subscription);
    this.wake();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#housekeeping);
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#idleCollection.close();
  }

  #run(): void {
    this.#idleCollection.postpone();
    const nowMs = this.#nowMs();
    const stirred = this.#state.takeStirred();
    let responses = RESPONSES_PER_TURN;
    for (const subscription of stirred) {
      if (responses > 0) responses -= this.#deliverTo(subscription, nowMs, responses);
      else this.#state.stir(subscription);
      this.#armFor(subscription.nextMs);
    }
    if (responses <= 0) this.wake();
  }

  /** Answers waiting pulls, then sends to the streams; returns the number of responses sent. */
  #deliverTo(subscription: Subscription, nowMs: number, responsesMax: number): number {
    const ended = this.#endOf(subscription);
    if (ended !== undefined) {
      for (const outlet of [...(this.#outlets.get(subscription) ?? [])]) outlet.fail(ended);
      return 0;
    }
    this.#attend(subscription);
    for (const pull of [...(this.#pulls.get(subscription) ?? [])]) {
      if (pull.attempt()) this.stopWaiting(pull);
    }
    return this.#sendInTurn(subscription, nowMs, responsesMax);
  }

  /** One response to each stream, again and again until none takes more or the maximum is reached. */
  #sendInTurn(subscription: Subscription, nowMs: number, responsesMax: number): number {
    let responses = 0;
    let open = [...(this.#outlets.get(subscription) ?? [])];
    while (open.length > 0 && responses < responsesMax) {
      open = open.filter((outlet) => this.#sendOne(outlet, nowMs));
      responses += open.length;
    }
    if (open.length > 0) this.#state.stir(subscription);
    return responses;
  }

  #sendOne(outlet: Outlet, nowMs: number): boolean {
    const { subscription, consumer } = outlet;
    if (!outlet.isWritable() || consumer.isFull) return false;
    const leases: Lease[] = this.#state.deliver(subscription, consumer, nowMs);
    if (leases.length === 0) return false;
    if (this.#state.faults.strike("streamReset", subscription.name, nowMs)) {
      outlet.fail(unavailable("The stream is reset: fault streamReset."));
      return false;
    }
    outlet.send(leases);
    return true;
  }

  /** Why a subscription's streams end: it is deleted or detached. */
  #endOf(subscription: Subscription): StatusError | undefined {
    const { name } = subscription;
    if (this.#state.catalog.subscriptions.get(name) !== subscription) {
      return notFound("Subscription", name);
    }
    if (!subscription.resource.detached) return undefined;
    return failedPrecondition(`Subscription ${name} is detached from its topic.`);
  }

  #armFor(atMs: number | undefined): void {
    if (atMs === undefined || atMs >= this.#timerAtMs || this.#isClosed) return;
    this.#timerAtMs = atMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, atMs - this.#nowMs()));
  }

  #tick(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    this.#state.advance(this.#nowMs());
    this.#armFor(this.#state.nextMs);
    this.wake();
  }
}

function membersOf<Key, Member>(sets: Map<Key, Set<Member>>, key: Key): Set<Member> {
  const known = sets.get(key);
  if (known !== undefined) return known;
  const members = new Set<Member>();
  sets.set(key, members);
  return members;
}

function dropMember<Key, Member>(sets: Map<Key, Set<Member>>, key: Key, member: Member): void {
  const members = sets.get(key);
  members?.delete(member);
  if (members?.size === 0) sets.delete(key);
}
