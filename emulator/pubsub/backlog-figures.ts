import type { Catalog } from "./catalog.ts";

/** What Cloud Monitoring shows of a subscription, here for each region that stores its messages. */
export interface BacklogFigures {
  readonly subscription: string;
  readonly topic: string;
  readonly region: string;
  /** `subscription/num_undelivered_messages`: all unacked, delivered or not. */
  readonly undeliveredMessages: number;
  /** `subscription/num_outstanding_messages`: leased at this moment. */
  readonly outstandingMessages: number;
  /** `subscription/oldest_unacked_message_age`; 0 where there is none. */
  readonly oldestUnackedAgeMs: number;
}

export function backlogFigures(catalog: Catalog, nowMs: number): BacklogFigures[] {
  return [...catalog.subscriptions.values()].flatMap((subscription) =>
    subscription.backlogs.map((backlog, index) => ({
      subscription: subscription.name,
      topic: subscription.resource.topic,
      region: catalog.regions[index] ?? "",
      undeliveredMessages: backlog.unackedMessages,
      outstandingMessages: backlog.outstandingMessages,
      oldestUnackedAgeMs: nowMs - (backlog.oldestPublishTimeMs() ?? nowMs),
    })),
  );
}
