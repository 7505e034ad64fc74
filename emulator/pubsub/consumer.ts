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

  /** The service stops sending at the limit; the last message may carry the bytes beyond it. */
  get isFull(): boolean {
    return this.outstandingMessages >= this.maxMessages || this.outstandingBytes >= this.maxBytes;
  }
}
