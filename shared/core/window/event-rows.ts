import type { Fingerprints } from "../fingerprint.ts";

/** Events as columns of typed arrays, an event a row: read in place, no object an event. */
export interface EventRows {
  /** Type codes: place of the type in EVENT_TYPES plus 1. */
  readonly type: Uint8Array;
  readonly eventTimeUs: Float64Array;
  /** Price in nanos, an int64 as two unsigned halves; 0 for a type without one. */
  readonly priceHigh: Uint32Array;
  readonly priceLow: Uint32Array;
  readonly auction: Fingerprints;
  readonly bid: Fingerprints;
  /** The text behind the fingerprint: asked for only where the auction is new. */
  auctionId(row: number): string;
}
