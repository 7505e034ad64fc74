/**
 * The emulated service without its wire: (state, request, now) in, responses and deliveries out.
 * No timer, clock or chance of its own: time is an argument, faults are drawn from the seeded plan,
 * so the simulator runs it in virtual time. Calls about resources are functions of the catalog, in
 * the `*-calls.ts` files; here is what moves messages.
 */
import type { FaultPlan } from "../faults/fault-plan.ts";
import { StatusError } from "../grpc/status-error.ts";
import { Catalog } from "./catalog.ts";
import { Consumer } from "./consumer.ts";
import { deadLetterRequest } from "./dead-letter.ts";
import type { Lease } from "./lease.ts";
import type { PublishRequest } from "./publish-request.ts";
import { failedPrecondition, invalidArgument, unavailable } from "./refusal.ts";
import { millisecondsOf } from "./resources.ts";
import { messageValidator } from "./schema-entry.ts";
import { storageRegion } from "./storage-policy.ts";
import type { AckId, Subscription } from "./subscription.ts";
import { checkRange } from "./subscription-rules.ts";
import type { Topic } from "./topic.ts";

/** What became of each ack id of a request. Only exactly-once subscriptions report the last two. */
export interface AckOutcome {
  readonly done: string[];
  /** Expired, superseded or malformed: acking again is of no use. */
  readonly invalid: string[];
  /** An earlier message of the key is not acked yet: acking again later is right. */
  readonly unordered: string[];
}

export interface StreamOptions {
  readonly region: number;
  readonly ackDeadlineSeconds: number;
  /** 0 and below is no limit. */
  readonly maxOutstandingMessages: number;
  readonly maxOutstandingBytes: number;
}

/** Most that one response carries; the service's own responses are of this order. */
const RESPONSE_MESSAGES_MAX = 1000;
const RESPONSE_BYTES_MAX = 1_000_000;

const STREAM_DEADLINE_SECONDS = { min: 10, max: 600 } as const;
const MODIFIED_DEADLINE_SECONDS = { min: 0, max: 600 } as const;

export class PubsubState {
  readonly catalog: Catalog;
  readonly faults: FaultPlan;
  readonly #cutRegions = new Set<number>();
  /** Subscriptions that may have something to deliver since they were last asked. */
  readonly #stirred = new Set<Subscription>();
  #nextConsumerId = 1;

  /** `firstMessageId` has 16 digits; ids rise from it. */
  constructor(options: { regions: readonly string[]; firstMessageId: number; faults: FaultPlan }) {
    this.catalog = new Catalog(options.regions, options.firstMessageId);
    this.faults = options.faults;
  }

  /** Stores the messages, all or none, and returns their ids in order. */
  publish(request: PublishRequest, region: number, nowMs: number): number[] {
    const topic = this.catalog.topic(request.topic);
    if (this.faults.strike("publishErrorBefore", topic.name, nowMs)) {
      throw unavailable("The publish failed before it had an effect: fault publishErrorBefore.");
    }
    const ids = this.#store(topic, request, region, nowMs);
    if (this.faults.strike("duplicateNewId", topic.name, nowMs)) {
      this.#store(topic, request, region, nowMs);
    }
    if (this.faults.strike("publishErrorAfter", topic.name, nowMs)) {
      throw unavailable("The publish failed after it had its effect: fault publishErrorAfter.");
    }
    return ids;
  }

  /** Connects a streaming consumer. */
  openStream(
    options: StreamOptions & { readonly subscription: string },
    nowMs: number,
  ): { subscription: Subscription; consumer: Consumer } {
    checkRange("stream_ack_deadline_seconds", options.ackDeadlineSeconds, STREAM_DEADLINE_SECONDS);
    const subscription = this.#pullable(options.subscription, nowMs);
    return { subscription, consumer: this.connect(subscription, options) };
  }

  connect(subscription: Subscription, options: StreamOptions): Consumer {
    const { maxOutstandingMessages: messages, maxOutstandingBytes: bytes } = options;
    const consumer = new Consumer({
      id: this.#nextConsumerId++,
      region: options.region,
      maxMessages: messages > 0 ? messages : Number.POSITIVE_INFINITY,
      maxBytes: bytes > 0 ? bytes : Number.POSITIVE_INFINITY,
      ackDeadlineMs: options.ackDeadlineSeconds * 1000,
    });
    subscription.connect(consumer);
    this.#stirred.add(subscription);
    return consumer;
  }

  closeStream(subscription: Subscription, consumer: Consumer): void {
    subscription.disconnect(consumer);
    this.#stirred.add(subscription);
  }

  /** Leases what fits one response to the consumer; empty when there is nothing or no room. */
  deliver(subscription: Subscription, consumer: Consumer, nowMs: number): Lease[] {
    if (subscription.resource.detached) return [];
    const budget = {
      messages: Math.min(
        RESPONSE_MESSAGES_MAX,
        consumer.maxMessages - consumer.outstandingMessages,
        subscription.acksInOrder ? consumer.pacedRoom : RESPONSE_MESSAGES_MAX,
      ),
      bytes: Math.min(RESPONSE_BYTES_MAX, consumer.maxBytes - consumer.outstandingBytes),
      nowMs,
      deadlineMs: nowMs + consumer.ackDeadlineMs,
    };
    const leases: Lease[] = [];
    for (const region of this.#regionsFrom(consumer.region)) {
      if (budget.messages <= 0 || budget.bytes <= 0) break;
      const taken = subscription.backlogAt(region).take(consumer, budget);
      if (leases.length === 0 && taken.length > 0) leases.push(...taken);
      else for (const lease of taken) leases.push(lease);
    }
    if (leases.length > 0) subscription.activeMs = nowMs;
    this.#expireEarly(subscription, leases, nowMs);
    return leases;
  }

  /** A unary pull: like a stream that lasts for one response. */
  pull(request: { subscription: string; maxMessages: number; region: number }, nowMs: number) {
    if (request.maxMessages < 1) {
      throw invalidArgument(`The max_messages is ${request.maxMessages}; it must be at least 1.`);
    }
    const subscription = this.#pullable(request.subscription, nowMs);
    const consumer = new Consumer({
      id: this.#nextConsumerId++,
      region: request.region,
      maxMessages: request.maxMessages,
      maxBytes: Number.POSITIVE_INFINITY,
      ackDeadlineMs: (subscription.resource.ackDeadlineSeconds ?? 0) * 1000,
    });
    consumer.isPaced = false;
    subscription.connect(consumer);
    const leases = this.deliver(subscription, consumer, nowMs);
    subscription.disconnect(consumer);
    return { subscription, leases };
  }

  acknowledge(name: string, ackIds: readonly string[], nowMs: number): AckOutcome {
    const subscription = this.catalog.subscription(name);
    const outcome: AckOutcome = { done: [], invalid: [], unordered: [] };
    for (const ackId of this.#parse(subscription, ackIds, outcome)) {
      outcome[this.#ackOne(subscription, ackId, nowMs)].push(ackId.text);
    }
    subscription.activeMs = nowMs;
    this.#stirred.add(subscription);
    return outcome;
  }

  /** Moves deadlines; 0 seconds is a nack. */
  modifyAckDeadline(
    name: string,
    changes: readonly { readonly ackId: string; readonly seconds: number }[],
    nowMs: number,
  ): AckOutcome {
    for (const { seconds } of changes) {
      checkRange("ack_deadline_seconds", seconds, MODIFIED_DEADLINE_SECONDS);
    }
    const subscription = this.catalog.subscription(name);
    const outcome: AckOutcome = { done: [], invalid: [], unordered: [] };
    const texts = changes.map(({ ackId }) => ackId);
    const parsed = this.#parse(subscription, texts, outcome);
    const seconds = new Map(changes.map((change) => [change.ackId, change.seconds]));
    for (const ackId of parsed) {
      const done = this.#modifyOne(subscription, ackId, seconds.get(ackId.text) ?? 0, nowMs);
      outcome[done ? "done" : "invalid"].push(ackId.text);
    }
    this.#stirred.add(subscription);
    this.#forwardDeadLetters(subscription, nowMs);
    return outcome;
  }

  /** Whether and how the reply to an ack or modack fails to arrive in time, by a fault. */
  ackReplyFault(
    name: string,
    nowMs: number,
  ): { kind: "prompt" } | { kind: "lost" } | { kind: "late"; delayMs: number } {
    if (this.faults.strike("lostAckReply", name, nowMs)) return { kind: "lost" };
    const late = this.faults.strike("lateAckReply", name, nowMs);
    return late ? { kind: "late", delayMs: late.delayMs ?? 0 } : { kind: "prompt" };
  }

  /** Carries out what has fallen due up to `nowMs`: expiries, backoffs, retention. */
  advance(nowMs: number): void {
    for (const subscription of [...this.catalog.subscriptions.values()]) {
      for (const backlog of subscription.backlogs) {
        if ((backlog.nextMs ?? Number.POSITIVE_INFINITY) > nowMs) continue;
        backlog.advance(nowMs);
        this.#stirred.add(subscription);
      }
      this.#forwardDeadLetters(subscription, nowMs);
    }
  }

  /** When {@link advance} next has something to do. */
  get nextMs(): number | undefined {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const subscription of this.catalog.subscriptions.values()) {
      nextMs = Math.min(nextMs, subscription.nextMs ?? nextMs);
    }
    return Number.isFinite(nextMs) ? nextMs : undefined;
  }

  /** Drops what retention has ended for, and resources that have expired. For once a minute or so. */
  expire(nowMs: number): void {
    const { topics, subscriptions, snapshots } = this.catalog;
    for (const topic of topics.values()) topic.dropExpired(nowMs);
    for (const [name, subscription] of subscriptions) {
      const { ttlMs, activeMs, topic, consumers } = subscription;
      if (ttlMs === undefined || consumers.size > 0 || nowMs < activeMs + ttlMs) continue;
      subscriptions.delete(name);
      topic?.subscriptions.delete(subscription);
    }
    for (const [name, snapshot] of snapshots) {
      if (nowMs < millisecondsOf(snapshot.resource.expireTime)) continue;
      snapshots.delete(name);
      for (const topic of topics.values()) topic.snapshots.delete(snapshot);
    }
  }

  /** The subscriptions that may have something to deliver, once each; the list starts anew. */
  takeStirred(): Subscription[] {
    const stirred = [...this.#stirred];
    this.#stirred.clear();
    return stirred;
  }

  stir(subscription: Subscription): void {
    this.#stirred.add(subscription);
  }

  /** Cuts a region off: its endpoint refuses, and what it stores reaches nobody until it is healed. */
  cutOff(region: number): void {
    this.#cutRegions.add(region);
  }

  heal(region: number): void {
    this.#cutRegions.delete(region);
    for (const subscription of this.catalog.subscriptions.values()) this.#stirred.add(subscription);
  }

  isCutOff(region: number): boolean {
    return this.#cutRegions.has(region);
  }

  #store(topic: Topic, request: PublishRequest, endpoint: number, nowMs: number): number[] {
    const settings = topic.resource.schemaSettings;
    const ids = topic.publish(request, {
      nowMs,
      region: storageRegion(topic.resource, this.catalog.regions, endpoint),
      nextMessageId: this.catalog.nextMessageId,
      validator: settings
        ? messageValidator(settings, this.catalog.schemas.get(settings.schema))
        : undefined,
      delayUntilMs: ({ name }) => {
        const rule = this.faults.strike("delay", name, nowMs);
        return rule && nowMs + (rule.delayMs ?? 0);
      },
    });
    for (const subscription of topic.subscriptions) this.#stirred.add(subscription);
    return ids;
  }

  #pullable(name: string, nowMs: number): Subscription {
    const subscription = this.catalog.subscription(name);
    subscription.checkAttached();
    if (subscription.resource.bigqueryConfig) {
      throw failedPrecondition(`Subscription ${name} delivers to BigQuery; it cannot be pulled.`);
    }
    subscription.activeMs = nowMs;
    return subscription;
  }

  /** The regions that are not cut off, the consumer's own first. */
  #regionsFrom(own: number): number[] {
    const { length } = this.catalog.regions;
    return Array.from({ length }, (_, offset) => (own + offset) % length).filter(
      (region) => !this.#cutRegions.has(region),
    );
  }

  #expireEarly(subscription: Subscription, leases: readonly Lease[], nowMs: number): void {
    for (const lease of leases) {
      const rule = this.faults.strike("expiredLease", subscription.name, nowMs);
      if (rule === undefined) continue;
      subscription.backlogAt(lease.message.region).extend(lease, nowMs + (rule.delayMs ?? 0));
      lease.isDoomed = true;
    }
  }

  /** Parses ack ids; in the order of delivery where acks must come in order. */
  #parse(subscription: Subscription, texts: readonly string[], outcome: AckOutcome): AckId[] {
    const parsed: AckId[] = [];
    for (const text of texts) {
      const ackId = subscription.parseAckId(text);
      if (ackId !== undefined) parsed.push(ackId);
      else if (subscription.exactlyOnce) outcome.invalid.push(text);
      else
        throw invalidArgument(`You have passed an invalid ack ID to the service (ack_id=${text}).`);
    }
    if (!subscription.acksInOrder) return parsed;
    return parsed.sort((a, b) => a.number - b.number);
  }

  #ackOne(subscription: Subscription, ackId: AckId, nowMs: number): keyof AckOutcome {
    const backlog = subscription.backlogAt(ackId.region);
    const lease = backlog.find(ackId.slot, ackId.number);
    if (lease !== undefined && this.#isDuplicated(subscription, nowMs)) {
      backlog.repeat(lease, nowMs);
      return "done";
    }
    const result = backlog.ack(ackId.slot, ackId.number);
    if (result === "acked" || !subscription.exactlyOnce) return "done";
    return result;
  }

  #isDuplicated(subscription: Subscription, nowMs: number): boolean {
    const { name, consumers } = subscription;
    if (this.faults.strike("duplicate", name, nowMs)) return true;
    if (consumers.size < 2) return false;
    const regions = new Set([...consumers].map(({ region }) => region));
    return (
      regions.size > 1 && this.faults.strike("crossRegionDuplicate", name, nowMs) !== undefined
    );
  }

  #modifyOne(subscription: Subscription, ackId: AckId, seconds: number, nowMs: number): boolean {
    const backlog = subscription.backlogAt(ackId.region);
    const lease = backlog.find(ackId.slot, ackId.number);
    if (lease === undefined) return !subscription.exactlyOnce;
    if (seconds === 0) backlog.fail(lease, nowMs);
    else backlog.confirm(lease, nowMs + seconds * 1000);
    return true;
  }

  /** A letter that its topic does not take stays in the subscription, as with the service. */
  #forwardDeadLetters(subscription: Subscription, nowMs: number): void {
    for (const letter of subscription.takeDeadLetters()) {
      const { deadLetterTopic = "" } = subscription.resource.deadLetterPolicy ?? {};
      try {
        const request = deadLetterRequest(subscription.name, letter);
        this.#store(this.catalog.topic(deadLetterTopic), request, letter.message.region, nowMs);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        subscription.enqueue(letter.message);
      }
    }
  }
}
