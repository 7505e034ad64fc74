import { type AuctionEvent, REGIONS, type WinEvent } from "../../shared/core/auction/event.ts";
import { aBilling, aLoss } from "../unit/shared/core/settlement/settlement-story.ts";
import { aBid, aPayment, aWin } from "./builders.ts";

/** How often an event says something that it should not. */
const CHANCES: Readonly<Record<"altered" | "elsewhere" | "euros" | "silent", number>> = {
  altered: 0.02,
  elsewhere: 0.01,
  euros: 0.01,
  silent: 0.1,
};

/**
 * Events about the money of `bids` bids in three regions, most of them sound: repeated and part payments,
 * altered prices and seats, payment ids on two bids, losses, and bids, which settle nothing.
 */
export function randomNotices(
  random: () => number,
  { count, bids }: { readonly count: number; readonly bids: number },
): AuctionEvent[] {
  return Array.from({ length: count }, () => randomEvent(random, bids));
}

function randomEvent(random: () => number, bids: number): AuctionEvent {
  const isOneOf = (kind: keyof typeof CHANCES): boolean => random() < CHANCES[kind];
  const upTo = (end: number): number => Math.floor(random() * end);
  const number = upTo(bids);
  const bidId = `b${number}`;
  const fields: Partial<WinEvent> = {
    bidId,
    auctionId: `a${number % 7}`,
    region: REGIONS[upTo(3)] ?? "us",
    seat: isOneOf("silent") ? "" : `seat-${isOneOf("altered") ? "x" : number % 5}`,
    currency: isOneOf("euros") ? "EUR" : "CNY",
    eventTimeUs: 1_767_225_600_000_000 + upTo(1000) * 1000,
  };
  const priceNanos = BigInt(1000 + number + (isOneOf("altered") ? 1 : 0));
  const parts = BigInt(1 + upTo(2));
  // One shared id for forty bids: with one for all, nearly every bid of a long log would be disputed.
  const shared = `shared-${Math.floor(number / 40)}`;
  const paymentId = isOneOf("elsewhere") ? shared : `${bidId}-${parts}-${upTo(2)}`;
  const { type: _type, ...payment } = { ...fields, paymentId, priceNanos: priceNanos / parts };
  const choices: readonly AuctionEvent[] = [
    aWin({ ...fields, priceNanos }),
    aBilling({ ...fields, type: "billing", priceNanos }),
    aBid({ ...fields, type: "bid", priceNanos }),
    aPayment(payment),
    aPayment(payment),
    aWin({ ...fields, priceNanos }),
  ];
  return random() < 0.03 ? aLoss({ bidId }) : (choices[upTo(choices.length)] ?? aLoss({ bidId }));
}
