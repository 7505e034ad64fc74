import type { AuctionEvent } from "../auction/event.ts";
import { formatNanos } from "../money.ts";
import { rfc3339Of } from "./calendar.ts";
import { type Claim, claimOf } from "./claim.ts";
import { type LedgerEntry, linesOf } from "./ledger.ts";
import type { Settlement } from "./settlement.ts";
import { type ChallengeEvent, noticeOf } from "./settlement-event.ts";
import { settlementRowOf } from "./settlement-row.ts";
import { weighClaims } from "./weigh-claims.ts";

/** One way in which the archive, the ledger and the warehouse disagree about a bid. */
export interface Difference {
  readonly kind: /** A notice of the archive that the ledger does not hold, and the other way round. */
    | "missingInLedger"
    | "missingInArchive"
    /** The archive holds no bid for a win, or one with a lower price. */
    | "winWithoutBid"
    | "winAboveBid"
    /** A settlement or entry line that BigQuery lacks, has beside the ledger's, or tells otherwise. */
    | "missingInWarehouse"
    | "unknownInWarehouse"
    | "differsInWarehouse";
  readonly bidId: string;
  /** The claim, entry or row at fault. */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
}

/** A row of BigQuery by column name, amounts as decimals, times RFC 3339 with six decimals. */
export type WarehouseRow = Readonly<Record<string, string | number | null>>;

/** What the three places hold of one bid. */
export interface BidInThreePlaces {
  readonly bidId: string;
  /** Events of the archive, repeats included; those that were dead letters left out. */
  readonly archived: readonly AuctionEvent[];
  readonly ledger:
    | {
        readonly settlement: Settlement;
        /** Keys of claims so young that the archive may not have their events. */
        readonly youngClaims: ReadonlySet<string>;
        /** Whether it changed so lately that BigQuery may not have it. */
        readonly isYoung: boolean;
        readonly entries: readonly { readonly entry: LedgerEntry; readonly committedUs: number }[];
      }
    | undefined;
  readonly warehouse: {
    readonly settlements: readonly WarehouseRow[];
    readonly lines: readonly WarehouseRow[];
  };
}

/** Compares the three places; empty where they agree. */
export function reconcileBid(bid: BidInThreePlaces): Difference[] {
  return [...archiveDifferences(bid), ...bidDifferences(bid), ...warehouseDifferences(bid)];
}

/** What raises a dispute of a win that the archive does not bear out; undefined for other differences. */
export function challengeOf(
  { kind, found, expected }: Difference,
  { bidId, auctionId, region, seat }: Settlement,
  nowUs: number,
): ChallengeEvent | undefined {
  if (kind !== "winWithoutBid" && kind !== "winAboveBid") return undefined;
  const evidence = kind === "winAboveBid" ? `${expected}, won at ${found}` : found;
  const about = { bidId, auctionId, region, seat, eventTimeUs: nowUs };
  return { ...about, type: "challenge", reason: kind, subject: "", evidence };
}

/** Keys do not depend on how a source owes or on what is closed. */
const anyConfig = {
  billOnBilling: new Set(""),
  toleranceNanos: new Map(),
  closedThrough: new Map(),
};

function archiveDifferences({ bidId, archived, ledger }: BidInThreePlaces): Difference[] {
  const wanted = new Set(
    archived.flatMap((event) => {
      const notice = noticeOf(event);
      return notice === undefined ? [] : [claimOf(notice, anyConfig).key];
    }),
  );
  const claims = noticesOf(ledger?.settlement);
  const missing = [...wanted].filter((key) => !claims.has(key));
  const isLimited = ledger?.settlement.isOverflowed === true;
  const lost = isLimited ? [] : missing;
  const unheard = [...claims.keys()].filter(
    (key) => !wanted.has(key) && ledger?.youngClaims.has(key) !== true,
  );
  return [
    ...lost.map((key): Difference => {
      const said = { expected: "a claim", found: "none" };
      return { kind: "missingInLedger", bidId, subject: key, ...said };
    }),
    ...unheard.map((key): Difference => {
      const said = { expected: "its event", found: "none" };
      return { kind: "missingInArchive", bidId, subject: key, ...said };
    }),
  ];
}

function noticesOf(settlement: Settlement | undefined): Map<string, Claim> {
  const own = [...(settlement?.claims ?? [])].filter(
    ([, { type }]) => type !== "challenge" && type !== "resolution" && type !== "expiry",
  );
  return new Map(own);
}

/** Wins are held against the bids of the archive; one that was challenged for it is with a person. */
function bidDifferences({ bidId, archived, ledger }: BidInThreePlaces): Difference[] {
  if (ledger === undefined) return [];
  const { claims, isOverflowed } = ledger.settlement;
  const { wins } = weighClaims(claims.values(), isOverflowed);
  const bids = archived.filter((event) => event.type === "bid");
  return wins.flatMap(({ key, amountNanos, currency }): Difference[] => {
    if (ledger.youngClaims.has(key)) return [];
    const win = `${formatNanos(amountNanos)} ${currency}`;
    const own = bids.filter((bid) => bid.currency === currency);
    const known = [`challenge:winWithoutBid:`, `challenge:winAboveBid:`];
    if (known.some((challenge) => claims.has(challenge))) return [];
    if (own.length === 0) {
      const said = { expected: `a bid in ${currency}`, found: `a win of ${win} alone` };
      return [{ kind: "winWithoutBid", bidId, subject: key, ...said }];
    }
    const highest = own.reduce(
      (most, { priceNanos }) => (priceNanos > most ? priceNanos : most),
      0n,
    );
    if (amountNanos <= highest) return [];
    const said = { expected: `bid ${formatNanos(highest)} ${currency}`, found: win };
    return [{ kind: "winAboveBid", bidId, subject: key, ...said }];
  });
}

function warehouseDifferences({ bidId, ledger, warehouse }: BidInThreePlaces): Difference[] {
  const { settlements, lines } = warehouse;
  if (ledger?.isYoung === true) return [];
  const expected = new Map<string, WarehouseRow>();
  if (ledger !== undefined) {
    expected.set(`settlement of ${bidId}`, expectedSettlement(ledger.settlement));
    for (const each of ledger.entries) {
      for (const [id, row] of expectedLines(each)) expected.set(`entry ${id}`, row);
    }
  }
  const found = new Map<string, WarehouseRow>([
    ...settlements.map((row) => [`settlement of ${bidId}`, row] as const),
    ...lines.map((row) => [`entry ${row["entry_id"]}`, row] as const),
  ]);
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((subject) =>
    rowDifferences(bidId, subject, [expected.get(subject), found.get(subject)]),
  );
}

function rowDifferences(
  bidId: string,
  subject: string,
  [wanted, given]: readonly [WarehouseRow | undefined, WarehouseRow | undefined],
): Difference[] {
  if (wanted === undefined) {
    return [{ kind: "unknownInWarehouse", bidId, subject, expected: "no row", found: "a row" }];
  }
  if (given === undefined) {
    return [{ kind: "missingInWarehouse", bidId, subject, expected: "a row", found: "none" }];
  }
  return Object.entries(wanted)
    .filter(([column, value]) => (given[column] ?? null) !== value)
    .map(([column, value]): Difference => {
      const said = { expected: String(value), found: String(given[column] ?? null) };
      return { kind: "differsInWarehouse", bidId, subject: `${subject}, ${column}`, ...said };
    });
}

function expectedSettlement(settlement: Settlement): WarehouseRow {
  const row = settlementRowOf(settlement);
  const { state, version, auction_id, region, seat, currency, won, billed, owed, paid } = row;
  const { first_event_time, settled_time } = row;
  const texts = { state, version, auction_id, region, seat, currency };
  return { ...texts, won, billed, owed, paid, first_event_time, settled_time };
}

function expectedLines({
  entry,
  committedUs,
}: {
  readonly entry: LedgerEntry;
  readonly committedUs: number;
}): [string, WarehouseRow][] {
  const { bidId, seat, currency, cause, period } = entry;
  const commit_timestamp = rfc3339Of(committedUs);
  return linesOf(entry).map(({ entryId, account, nanos }) => [
    entryId,
    {
      entry_id: entryId,
      bid_id: bidId,
      ...{ account, seat, currency, cause, period, commit_timestamp },
      amount: formatNanos(nanos),
    },
  ]);
}
