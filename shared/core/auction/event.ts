/** What can happen to a bid. `win`, `billing`, `loss` are OpenRTB's nurl, burl and lurl notices. */
export const EVENT_TYPES = [
  "bid",
  "win",
  "billing",
  "loss",
  "impression",
  "click",
  "payment",
  "void",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** A type as a small number, where events are columns: its place in EVENT_TYPES plus 1; 0 is no type. */
export function typeCodeOf(type: EventType): number {
  return EVENT_TYPES.indexOf(type) + 1;
}

/** The regions that exchanges report from; an auction lives in one of them. */
export const REGIONS = ["us", "eu", "apac"] as const;
export type Region = (typeof REGIONS)[number];

/** What every event says. A string that the exchange left out is "". */
interface EventFields {
  /** Identity of this report, for tracing; {@link identityOf} is what counts as the same event. */
  readonly eventId: string;
  readonly auctionId: string;
  readonly bidId: string;
  /** Event time by the exchange's clock, in whole microseconds since the Unix epoch. */
  readonly eventTimeUs: number;
  readonly region: Region;
  readonly seat: string;
  readonly segment: string;
  readonly userKey: string;
  readonly publisher: string;
  /** OpenRTB device type 1 to 8, 0 where unknown. */
  readonly deviceType: number;
  readonly source: string;
  /** OpenRTB Deal.id, "" on the open market. */
  readonly dealId: string;
}

/** An amount of money in one currency. */
export interface Amount {
  readonly priceNanos: bigint;
  /** ISO 4217 code. */
  readonly currency: string;
}

export interface BidEvent extends EventFields, Amount {
  readonly type: "bid";
}
export interface WinEvent extends EventFields, Amount {
  readonly type: "win";
}
export interface BillingEvent extends EventFields, Amount {
  readonly type: "billing";
}
export interface PaymentEvent extends EventFields, Amount {
  readonly type: "payment";
  readonly paymentId: string;
}
export interface LossEvent extends EventFields {
  readonly type: "loss";
  /** OpenRTB 2.6 loss reason code, 0 where unknown. */
  readonly lossReason: number;
}
export interface PlainEvent extends EventFields {
  readonly type: "impression" | "click" | "void";
}

export type PricedEvent = BidEvent | WinEvent | BillingEvent | PaymentEvent;
export type AuctionEvent = PricedEvent | LossEvent | PlainEvent;

/** The types that carry a price: their events are {@link PricedEvent}s. */
export const PRICED_TYPES: readonly EventType[] = ["bid", "win", "billing", "payment"];

/**
 * What makes two reports the same event: a payment's id, else the bid's id and the type. A bid may be
 * clicked more than once, so a click is its event id.
 */
export function identityOf(event: AuctionEvent): string {
  if (event.type === "payment") return `payment:${event.paymentId}`;
  if (event.type === "click") return `click:${event.eventId}`;
  return `${event.type}:${event.bidId}`;
}

/** Number of ordering shards a region: keeps a key under Pub/Sub's 1 MB/s and batches full. */
export const ORDERING_SHARDS = 256;

/** The ordering key of an auction, `<region>/<shard>`; `auctionHash` is 32 bits of the id's hash. */
export function orderingKeyOf(region: Region, auctionHash: number): string {
  return `${region}/${(auctionHash >>> 0) % ORDERING_SHARDS}`;
}
