/** One thing that happened to a bid's money. */
export interface BidMoment {
  /** When, microseconds since the Unix epoch. */
  readonly atUs: number;
  readonly kind: "published" | "recorded" | "posted" | "decided";
  /** Region that reported it; "" for what the ledger did. */
  readonly region: string;
  /** One line, for people. */
  readonly said: string;
  /** How long after the moment before it in its own chain, milliseconds: event to publish, publish to commit. */
  readonly delayMs: number | undefined;
}

const rank = { published: 0, recorded: 1, posted: 2, decided: 3 } as const;

/** Orders a bid's moments by time; of one instant, in the order in which they cause each other. */
export function inOrder(moments: readonly BidMoment[]): BidMoment[] {
  return moments.toSorted((a, b) => a.atUs - b.atUs || rank[a.kind] - rank[b.kind]);
}
