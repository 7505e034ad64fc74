import type {
  AuctionEvent,
  BillingEvent,
  LossEvent,
  PaymentEvent,
  PlainEvent,
  Region,
  WinEvent,
} from "../auction/event.ts";

/** The exchange takes back all that it said about a bid. */
interface VoidEvent extends Omit<PlainEvent, "type"> {
  readonly type: "void";
}

/** What an exchange or a payer says about a bid's money. */
export type Notice = WinEvent | BillingEvent | PaymentEvent | LossEvent | VoidEvent;

/** The notice that an event is, undefined where it is not about money. */
export function noticeOf(event: AuctionEvent): Notice | undefined {
  switch (event.type) {
    case "win":
    case "billing":
    case "payment":
    case "loss":
      return event;
    case "void":
      return { ...event, type: "void" };
    case "bid":
    case "impression":
    case "click":
      return undefined;
  }
}

/** What our own events say about where and when, beside the bid they are about. */
interface InternalEvent {
  readonly bidId: string;
  readonly auctionId: string;
  readonly region: Region;
  readonly seat: string;
  /** When it was decided, whole microseconds since the Unix epoch. */
  readonly eventTimeUs: number;
}

/** A reservation's time is up: its win was never billed. A billing notice outranks it, whenever it comes. */
export interface ExpiryEvent extends InternalEvent {
  readonly type: "expiry";
}

/**
 * Doubt that no notice of the bid itself shows: its payment id is claimed by another bid too, or the
 * archive holds no bid for its win, or a lower price. The bid is disputed until a person resolves it.
 */
export interface ChallengeEvent extends InternalEvent {
  readonly type: "challenge";
  readonly reason: "paymentElsewhere" | "winWithoutBid" | "winAboveBid";
  /** What is doubted: the payment id, "" where it is the win. */
  readonly subject: string;
  /** The other bid, or the bid's own price in the archive; for people. */
  readonly evidence: string;
}

/**
 * A person's decision on a disputed bid. It names claims by key, so it means the same whenever it
 * arrives; a claim that it does not name, of the same identity, opens the dispute again.
 */
export interface ResolutionEvent extends InternalEvent {
  readonly type: "resolution";
  /** Unique: of two resolutions under one id the earlier counts. */
  readonly resolutionId: string;
  readonly by: string;
  readonly reason: string;
  readonly choice: "accept" | "writeOff";
  /** Keys of the claims that stand, and of those that do not. Later resolutions overrule earlier ones. */
  readonly accepted: readonly string[];
  readonly rejected: readonly string[];
}

export type SettlementEvent = Notice | ExpiryEvent | ChallengeEvent | ResolutionEvent;

/** How money is judged. Plain data, the same for every worker of the fleet. */
export interface SettlementConfig {
  /**
   * Sources (`AuctionEvent.source`) whose win only reserves and whose billing notice is owed:
   * OpenRTB's burl. All others owe at the win. Read when a notice is first taken, and kept with it.
   */
  readonly billOnBilling: ReadonlySet<string>;
  /**
   * How far payments may miss what is owed and the bid still counts as settled, in nanos by currency;
   * 0 where a currency is missing. The remainder stays in its account.
   */
  readonly toleranceNanos: ReadonlyMap<string, bigint>;
  /**
   * The last closed month, `YYYY-MM`, by currency. What belongs to it or an earlier one is posted in the
   * month after.
   */
  readonly closedThrough: ReadonlyMap<string, string>;
}
