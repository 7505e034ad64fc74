/** What can be made to go wrong, and whether a rule's target is a topic or a subscription. */
export const FAULT_KINDS = [
  /** Topic: UNAVAILABLE, and nothing is stored. */
  "publishErrorBefore",
  /** Topic: UNAVAILABLE, and the messages are stored all the same. */
  "publishErrorAfter",
  /** Topic: a request is stored twice, the copies with ids of their own, as by a producer's retry. */
  "duplicateNewId",
  /** Subscription: an ack is confirmed and the message, with all behind it on its key, comes again. */
  "duplicate",
  /** The same, only while consumers of more than one region are connected, as the service permits itself. */
  "crossRegionDuplicate",
  /** Subscription: acks or modacks take effect and the reply never comes (UNAVAILABLE). */
  "lostAckReply",
  /** Subscription: the reply comes `delayMs` late. */
  "lateAckReply",
  /** Subscription: the lease of a delivery ends `delayMs` after it, though modacks are confirmed. */
  "expiredLease",
  /** Subscription: a message, or its whole key, is held back for `delayMs`; other keys overtake it. */
  "delay",
  /** Subscription: the stream ends with UNAVAILABLE in place of a response whose messages are leased. */
  "streamReset",
] as const;
