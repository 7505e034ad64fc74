/**
 * The official client for Node opens five streams, and hands a message to its handler when the modack that
 * confirms it is answered. When 2,999 modacks wait to be sent, it sets the next message aside, and hands it
 * out after those behind it of its key; their acks then wait for its own, and it for the places that they
 * take. So five streams together are sent fewer.
 */
const UNCONFIRMED_MAX = 500;

/** One open StreamingPull (or one unary Pull while it lasts): who holds leases, and how many it may. */
export class Consumer {
  readonly id: number;
  /** Index of the region whose endpoint it is connected to. */
  readonly region: number;
  /** No limit is Infinity. */
  readonly maxMessages: number;
  readonly maxBytes: number;
  ackDeadlineMs: number;
  outstandingMessages = 0;
  outstandingBytes = 0;
  /** Outstanding deliveries that no modack has confirmed yet. */
  unconfirmedMessages = 0;
  /**
   * Gets only so many unconfirmed messages at a time, where acks must come in order. Ends with the first
   * ack or modack on its own stream: the official client for Node sends both as unary calls.
   */
  isPaced = true;
  closed = false;

  constructor(options: {
    id: number;
    region: number;
    maxMessages: number;
    maxBytes: number;
    ackDeadlineMs: number;
  }) {
    this.id = options.id;
    this.region = options.region;
    this.maxMessages = options.maxMessages;
    this.maxBytes = options.maxBytes;
    this.ackDeadlineMs = options.ackDeadlineMs;
  }

  /** How many messages it may be sent beyond what it has not confirmed. */
  get pacedRoom(): number {
    return this.isPaced ? UNCONFIRMED_MAX - this.unconfirmedMessages : Number.POSITIVE_INFINITY;
  }

  /** The service stops sending at the limit; the last message may carry the bytes beyond it. */
  get isFull(): boolean {
    return this.outstandingMessages >= this.maxMessages || this.outstandingBytes >= this.maxBytes;
  }
}
