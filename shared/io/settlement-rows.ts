import { REGIONS } from "../core/auction/event.ts";
import type { Claim } from "../core/settlement/claim.ts";
import { ACCOUNTS, type Account } from "../core/settlement/ledger.ts";
import { SETTLEMENT_STATES } from "../core/settlement/settlement.ts";
import type { ClaimRow, EntryRow, SettlementRow } from "../core/settlement/settlement-row.ts";
import { DISPUTE_REASONS } from "../core/settlement/weigh-claims.ts";
import { SpannerRow } from "./spanner-row.ts";

export const settlementColumns = [
  "bid_id",
  "version",
  "state",
  "dispute_reasons",
  "is_overflowed",
  "auction_id",
  "region",
  "seat",
  "currency",
  "won",
  "billed",
  "paid",
  "owed",
  "tolerance",
  "first_event_time",
  "settled_time",
  "reserved_since",
  "posted",
] as const satisfies readonly (keyof SettlementRow)[];

export const claimColumns = [
  "bid_id",
  "claim_key",
  "identity",
  "type",
  "version",
  "auction_id",
  "region",
  "seat",
  "source",
  "event_time",
  "amount",
  "currency",
  "owes",
  "payment_id",
  "review",
] as const satisfies readonly (keyof ClaimRow)[];

export const entryColumns = [
  "bid_id",
  "version",
  "part",
  "seat",
  "currency",
  ...ACCOUNTS,
  "cause",
  "period",
] as const satisfies readonly (keyof EntryRow)[];

const CLAIM_TYPES: readonly Claim["type"][] = [
  ...(["win", "billing", "payment", "loss", "void"] as const),
  ...(["expiry", "challenge", "resolution"] as const),
];

/** The row of {@link settlementColumns}. */
export function settlementRowFrom(decoded: object): SettlementRow {
  const row = new SpannerRow(decoded);
  return {
    bid_id: row.text("bid_id"),
    version: row.integer("version"),
    state: row.word("state", SETTLEMENT_STATES),
    dispute_reasons: row.words("dispute_reasons", DISPUTE_REASONS),
    is_overflowed: row.flag("is_overflowed"),
    auction_id: row.text("auction_id"),
    region: row.word("region", REGIONS),
    seat: row.text("seat"),
    currency: row.text("currency"),
    won: row.decimal("won"),
    billed: row.decimal("billed"),
    paid: row.decimal("paid"),
    owed: row.decimal("owed"),
    tolerance: row.decimal("tolerance"),
    first_event_time: row.time("first_event_time"),
    settled_time: row.timeOrNull("settled_time"),
    reserved_since: row.timeOrNull("reserved_since"),
    posted: row.json("posted"),
  };
}

/** The row of {@link claimColumns}. */
export function claimRowFrom(decoded: object): ClaimRow {
  const row = new SpannerRow(decoded);
  return {
    bid_id: row.text("bid_id"),
    claim_key: row.text("claim_key"),
    identity: row.text("identity"),
    type: row.word("type", CLAIM_TYPES),
    version: row.integer("version"),
    auction_id: row.text("auction_id"),
    region: row.word("region", REGIONS),
    seat: row.text("seat"),
    source: row.text("source"),
    event_time: row.time("event_time"),
    amount: row.decimalOrNull("amount"),
    currency: row.textOrNull("currency"),
    owes: row.flagOrNull("owes"),
    payment_id: row.textOrNull("payment_id"),
    review: row.jsonOrNull("review"),
  };
}

/** The row of {@link entryColumns}. */
export function entryRowFrom(decoded: object): EntryRow {
  const row = new SpannerRow(decoded);
  return {
    bid_id: row.text("bid_id"),
    version: row.integer("version"),
    part: row.integer("part"),
    seat: row.text("seat"),
    currency: row.text("currency"),
    ...accountsFrom(row),
    cause: row.text("cause"),
    period: row.text("period"),
  };
}

/** The accounts' columns of an entry or a balance. */
export function accountsFrom(row: SpannerRow): Record<Account, string> {
  return {
    receivable: row.decimal("receivable"),
    cash: row.decimal("cash"),
    revenue: row.decimal("revenue"),
    overpayment: row.decimal("overpayment"),
    dispute: row.decimal("dispute"),
  };
}
