import { Backlog, type DeadLetter } from "./backlog.ts";
import type { Consumer } from "./consumer.ts";
import { type Filter, parseFilter } from "./filter.ts";
import type { Lease } from "./lease.ts";
import { MessageLog } from "./message-log.ts";
import { failedPrecondition } from "./refusal.ts";
import { millisecondsOf, type SubscriptionResource } from "./resources.ts";
import { decodeMessage, type StoredMessage } from "./stored-message.ts";
import { deliveryRulesOf } from "./subscription-rules.ts";
import type { Topic } from "./topic.ts";

/** What an ack id says: the region, and the lease's slot and number there. */
export interface AckId {
  readonly text: string;
  readonly region: number;
  readonly slot: number;
  readonly number: number;
}

/** A subscription: one backlog in each region, and the consumers that are connected. */
export class Subscription {
  /** Unique to this creation of the subscription, so that ack ids of a namesake mean nothing. */
  readonly number: number;
  readonly consumers = new Set<Consumer>();
  readonly backlogs: readonly Backlog[];
  topic: Topic | undefined;
  /** When it was last used; it expires its ttl after. */
  activeMs: number;
  /** All messages of the retention, acked too; kept only where `retain_acked_messages` is set. */
  readonly retained = new MessageLog();
  #resource: SubscriptionResource;
  readonly #filter: Filter | undefined;

  constructor(options: {
    number: number;
    resource: SubscriptionResource;
    topic: Topic;
    regions: readonly string[];
    nowMs: number;
  }) {
    this.number = options.number;
    this.topic = options.topic;
    this.activeMs = options.nowMs;
    this.#resource = options.resource;
    const { filter } = options.resource;
    this.#filter = filter ? parseFilter(filter) : undefined;
    const rules = deliveryRulesOf(options.resource);
    this.backlogs = options.regions.map(() => new Backlog(rules));
  }

  get name(): string {
    return this.#resource.name;
  }

  get resource(): SubscriptionResource {
    return this.#resource;
  }

  set resource(resource: SubscriptionResource) {
    this.#resource = resource;
    const rules = deliveryRulesOf(resource);
    for (const backlog of this.backlogs) backlog.rules = rules;
  }

  get hasFilter(): boolean {
    return this.#filter !== undefined;
  }

  get exactlyOnce(): boolean {
    return this.#resource.enableExactlyOnceDelivery ?? false;
  }

  /** With ordering and exactly-once together the acks of a key must come in order. */
  get acksInOrder(): boolean {
    return this.exactlyOnce && (this.#resource.enableMessageOrdering ?? false);
  }

  get ttlMs(): number | undefined {
    const ttl = this.#resource.expirationPolicy?.ttl;
    return ttl ? millisecondsOf(ttl) : undefined;
  }

  accepts(attributes: ReadonlyMap<string, string>): boolean {
    return this.#filter === undefined || this.#filter(attributes);
  }

  /** Adds a message that the filter has let through. */
  enqueue(message: StoredMessage, delayedUntilMs?: number): void {
    this.backlogAt(message.region).enqueue(message, delayedUntilMs);
    if (this.#resource.retainAckedMessages) this.retained.push(message);
  }

  backlogAt(region: number): Backlog {
    const backlog = this.backlogs[region];
    if (backlog === undefined) throw new RangeError(`there is no region ${region}`);
    return backlog;
  }

  connect(consumer: Consumer): void {
    this.consumers.add(consumer);
    for (const backlog of this.backlogs) backlog.open(consumer);
  }

  disconnect(consumer: Consumer): void {
    consumer.closed = true;
    this.consumers.delete(consumer);
    for (const backlog of this.backlogs) backlog.close(consumer);
  }

  ackIdOf(lease: Lease): string {
    return `${this.number}.${lease.message.region}.${lease.slot}.${lease.number}`;
  }

  /** Undefined where the text is no ack id of this subscription. */
  parseAckId(text: string): AckId | undefined {
    const parts: [number, number, number] = [-1, -1, -1];
    let part = 0;
    let number = 0;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code === DOT) {
        if (part === parts.length) return undefined;
        parts[part++] = number;
        number = 0;
      } else if (code >= ZERO && code < ZERO + 10) {
        number = number * 10 + code - ZERO;
      } else {
        return undefined;
      }
    }
    const [creation, region, slot] = parts;
    if (part < parts.length || creation !== this.number) return undefined;
    return region < this.backlogs.length ? { text, region, slot, number } : undefined;
  }

  /** Replaces the backlog with these messages; every lease ends and its ack id with it. */
  restart(messages: readonly StoredMessage[]): void {
    for (const backlog of this.backlogs) backlog.clear();
    for (const message of messages) this.backlogAt(message.region).enqueue(message);
  }

  /** Every message that a seek can bring back, once, in publish order. */
  replayable(): StoredMessage[] {
    const byId = new Map<number, StoredMessage>();
    for (const message of this.retained) byId.set(message.messageId, message);
    for (const message of this.topic?.retained ?? []) {
      if (!this.hasFilter || this.accepts(decodeMessage(message).attributes)) {
        byId.set(message.messageId, message);
      }
    }
    for (const message of this.unacked()) byId.set(message.messageId, message);
    return [...byId.values()].sort((a, b) => a.messageId - b.messageId);
  }

  *unacked(): Generator<StoredMessage> {
    for (const backlog of this.backlogs) yield* backlog.unacked();
  }

  /** When a lease expires or a backoff ends next. */
  get nextMs(): number | undefined {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const backlog of this.backlogs) nextMs = Math.min(nextMs, backlog.nextMs ?? nextMs);
    return Number.isFinite(nextMs) ? nextMs : undefined;
  }

  takeDeadLetters(): DeadLetter[] {
    return this.backlogs.flatMap((backlog) => backlog.deadLetters.splice(0));
  }

  checkAttached(): void {
    if (this.#resource.detached) {
      throw failedPrecondition(
        `Subscription ${this.name} is detached from its topic; it delivers nothing.`,
      );
    }
  }
}

const DOT = 0x2e;
const ZERO = 0x30;
