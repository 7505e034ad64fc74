import { assert } from "../assert.ts";
import type { Claim } from "./claim.ts";
import { decideSettlement, type SettlementOutcome } from "./decide-settlement.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { Settlement } from "./settlement.ts";
import type { ChallengeEvent, SettlementConfig, SettlementEvent } from "./settlement-event.ts";

/** What a bundle does to one bid: what to write, in one commit with the bundle's other bids. */
export interface SettledBid {
  readonly settlement: Settlement;
  /** False where every event was known: nothing is to be written. */
  readonly isChanged: boolean;
  /** Claims to insert or replace, by key. */
  readonly claims: ReadonlyMap<string, RecordedClaim>;
  readonly entries: readonly LedgerEntry[];
  /** In the bundle's order. */
  readonly outcomes: readonly { event: SettlementEvent; outcome: SettlementOutcome }[];
}

/** A claim with the event that made it, and the settlement's version that recorded it. */
export interface RecordedClaim {
  readonly claim: Claim;
  readonly event: SettlementEvent;
  readonly version: number;
}

/** The bids on which each payment id of a bundle is recorded, as read in the bundle's transaction. */
export type PaymentHomes = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Settles a bundle, each bid by itself: no bid's events touch another's result. `settlements` holds those
 * of the bundle's bids that exist. The entries' sum, `addedUp`, is the change of the account balances.
 */
export function settleBids(
  settlements: ReadonlyMap<string, Settlement>,
  events: readonly SettlementEvent[],
  config: SettlementConfig,
): Map<string, SettledBid> {
  const byBid = Map.groupBy(events, ({ bidId }) => bidId);
  return new Map(
    [...byBid].map(([bidId, own]) => [bidId, settleBid(settlements.get(bidId), own, config)]),
  );
}

function settleBid(
  before: Settlement | undefined,
  events: readonly SettlementEvent[],
  config: SettlementConfig,
): SettledBid {
  let settlement = before;
  const claims = new Map<string, RecordedClaim>();
  const entries: LedgerEntry[] = [];
  const outcomes: { event: SettlementEvent; outcome: SettlementOutcome }[] = [];
  for (const event of events) {
    const decision = decideSettlement(settlement, event, config);
    settlement = decision.settlement;
    const { claim, outcome } = decision;
    if (claim !== undefined) claims.set(claim.key, { claim, event, version: settlement.version });
    entries.push(...decision.entries);
    outcomes.push({ event, outcome });
  }
  assert(settlement !== undefined, "a bid of a bundle has an event");
  return { settlement, isChanged: settlement !== before, claims, entries, outcomes };
}

/**
 * The challenges that a bundle's payments raise: a payment id on more than one bid makes every one of
 * them disputed, so that it counts once at most and no order decides where. Returned for the bundle's own
 * bids and for those of `homes` alike: their settlements have to be loaded too.
 */
export function challengesOf(
  events: readonly SettlementEvent[],
  homes: PaymentHomes,
): ChallengeEvent[] {
  const payments = events.filter((event) => event.type === "payment");
  const byPayment = Map.groupBy(payments, ({ paymentId }) => paymentId);
  return [...byPayment].flatMap(([paymentId, claimed]) => {
    const bids = new Set([...(homes.get(paymentId) ?? []), ...claimed.map(({ bidId }) => bidId)]);
    const [first] = claimed;
    if (first === undefined || bids.size < 2) return [];
    const sorted = [...bids].sort();
    return sorted.map((bidId): ChallengeEvent => {
      const { auctionId, region, seat, eventTimeUs } =
        claimed.find((each) => each.bidId === bidId) ?? first;
      const evidence = sorted.find((other) => other !== bidId) ?? "";
      const about = { bidId, auctionId, region, seat, eventTimeUs };
      return {
        ...about,
        type: "challenge",
        reason: "paymentElsewhere",
        subject: paymentId,
        evidence,
      };
    });
  });
}
