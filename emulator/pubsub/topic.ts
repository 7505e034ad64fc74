import { MessageLog } from "./message-log.ts";
import type { PublishedMessage, PublishRequest } from "./publish-request.ts";
import { readAttributes } from "./publish-request.ts";
import { millisecondsOf, type TopicResource } from "./resources.ts";
import type { Snapshot } from "./snapshot.ts";
import { MessageWriter, type StoredMessage } from "./stored-message.ts";
import type { Subscription } from "./subscription.ts";

/** Says which extra attributes (encoded) a message gets by its schema; throws where none fits. */
export type MessageValidator = (message: PublishedMessage, index: number) => Buffer;

/** What a publish needs besides the request. */
export interface PublishContext {
  readonly nowMs: number;
  readonly region: number;
  readonly nextMessageId: () => number;
  /** Undefined where the topic has no schema. */
  readonly validator: MessageValidator | undefined;
  /** Time until which this message is held back for this subscription, by a fault. */
  readonly delayUntilMs: (subscription: Subscription) => number | undefined;
}

const NO_ATTRIBUTES = Buffer.alloc(0);

/** A topic hands each message on to its subscriptions and snapshots as it stores it. */
export class Topic {
  resource: TopicResource;
  readonly subscriptions = new Set<Subscription>();
  readonly snapshots = new Set<Snapshot>();
  /** Messages of the topic's own retention, where it has one. */
  readonly retained = new MessageLog();
  readonly #writer = new MessageWriter();

  constructor(resource: TopicResource) {
    this.resource = resource;
  }

  get name(): string {
    return this.resource.name;
  }

  /** Undefined where the topic keeps nothing for itself. */
  get retentionMs(): number | undefined {
    const duration = this.resource.messageRetentionDuration;
    return duration ? millisecondsOf(duration) : undefined;
  }

  /** Stores all of a request's messages, or throws and stores none. Returns their ids. */
  publish(request: PublishRequest, context: PublishContext): number[] {
    const { validator } = context;
    const extraFields = validator && request.messages.map(validator);
    return request.messages.map((message, index) => {
      const stored = this.#writer.store(message, extraFields?.[index] ?? NO_ATTRIBUTES, {
        messageId: context.nextMessageId(),
        publishTimeMs: context.nowMs,
        region: context.region,
        orderingKey: request.orderingKey,
      });
      this.#fanOut(stored, message, context);
      return stored.messageId;
    });
  }

  #fanOut(stored: StoredMessage, message: PublishedMessage, context: PublishContext): void {
    let attributes: Map<string, string> | undefined;
    for (const subscription of this.subscriptions) {
      if (subscription.hasFilter) {
        attributes ??= readAttributes(message);
        if (!subscription.accepts(attributes)) continue;
      }
      subscription.enqueue(stored, context.delayUntilMs(subscription));
    }
    for (const snapshot of this.snapshots) snapshot.later.push(stored);
    if (this.retentionMs !== undefined) this.retained.push(stored);
  }

  /** Drops what the topic's, its subscriptions' and its snapshots' retention has ended for. */
  dropExpired(nowMs: number): void {
    this.retained.dropUntil(nowMs - (this.retentionMs ?? 0));
    for (const subscription of this.subscriptions) {
      const { retained, backlogs } = subscription;
      const { retentionMs = 0 } = backlogs[0]?.rules ?? {};
      const keeps = subscription.resource.retainAckedMessages;
      retained.dropUntil(keeps ? nowMs - retentionMs : Number.POSITIVE_INFINITY);
      for (const backlog of backlogs) backlog.dropExpired(nowMs);
    }
  }
}
