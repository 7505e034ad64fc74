import type { BigQuery } from "@google-cloud/bigquery";
import type { Database } from "@google-cloud/spanner";
import { microsOf } from "../core/settlement/calendar.ts";
import {
  type BidInThreePlaces,
  type Difference,
  reconcileBid,
  type WarehouseRow,
} from "../core/settlement/reconcile-bid.ts";
import type { Settlement } from "../core/settlement/settlement.ts";
import { readArchive } from "./event-archive.ts";
import { readDeadMessageIds, readLedgerCopies, readSettlementCopies } from "./finance-copy.ts";
import { type LedgerBid, LedgerReader } from "./ledger-reader.ts";

/** One bid that the three places disagree about. */
export interface UnreconciledBid {
  readonly settlement: Settlement | undefined;
  readonly differences: readonly Difference[];
}

/**
 * Goes through the raw archive, the ledger and BigQuery bid by bid, in constant memory, and gives each bid
 * that they disagree about; last the number of bids looked at. Notices published after `untilUs` are left
 * out: they may be on their way.
 */
export async function* reconcile(
  { database, bigquery }: { readonly database: Database; readonly bigquery: BigQuery },
  untilUs: number,
): AsyncGenerator<UnreconciledBid | number> {
  const dead = await readDeadMessageIds(bigquery);
  const reader = await LedgerReader.open(database);
  try {
    yield* reconcileBids(reader, { database, bigquery, dead, untilUs });
  } finally {
    reader.close();
  }
}

async function* reconcileBids(
  reader: LedgerReader,
  context: {
    readonly database: Database;
    readonly bigquery: BigQuery;
    readonly dead: ReadonlySet<string>;
    readonly untilUs: number;
  },
): AsyncGenerator<UnreconciledBid | number> {
  const { database, bigquery, dead, untilUs } = context;
  const ledger = byBid(reader.bids(), ({ settlement }) => settlement.bidId);
  const archive = byBid(readArchive(bigquery), ({ bidId }) => bidId);
  const copies = byBid(readSettlementCopies(bigquery), bidOfRow);
  const lines = byBid(readLedgerCopies(bigquery), bidOfRow);
  const streams = [ledger, archive, copies, lines];
  let count = 0;
  for (;;) {
    for (const stream of streams) await stream.open();
    const next = streams
      .flatMap(({ bidId }) => (bidId() === undefined ? [] : [bidId() ?? ""]))
      .reduce<string | undefined>(
        (first, id) => (first === undefined || isBefore(id, first) ? id : first),
        undefined,
      );
    if (next === undefined) break;
    const settlements = await copies.take(next);
    const bid = await newestOf(database, (await ledger.take(next))[0], settlements);
    const published = (await archive.take(next)).filter(
      ({ messageId, publishTimeUs }) => !dead.has(messageId) && publishTimeUs <= untilUs,
    );
    const differences = reconcileBid({
      bidId: next,
      archived: published.flatMap(({ event }) => ("kind" in event ? [] : [event])),
      ledger: bid === undefined ? undefined : ledgerPart(bid, untilUs),
      warehouse: { settlements, lines: await lines.take(next) },
    });
    count++;
    if (differences.length > 0) yield { settlement: bid?.settlement, differences };
  }
  yield count;
}

/** The bid of the snapshot; or read anew, where BigQuery's copy was published after it was taken. */
async function newestOf(
  database: Database,
  bid: LedgerBid | undefined,
  copies: readonly WarehouseRow[],
): Promise<LedgerBid | undefined> {
  const known = bid?.settlement.version ?? 0;
  if (copies.every((row) => Number(row["version"]) <= known)) return bid;
  const bidId = String(copies[0]?.["bid_id"]);
  return await LedgerReader.with(database, async (reader) => await reader.bid(bidId));
}

function ledgerPart(bid: LedgerBid, untilUs: number): BidInThreePlaces["ledger"] {
  const young = bid.claims.filter((claim) => microsOf(claim.publish_time) > untilUs);
  return {
    settlement: bid.settlement,
    entries: bid.entries,
    youngClaims: new Set(young.map((claim) => claim.claim_key)),
    isYoung: bid.claims.some((claim) => microsOf(claim.committed_at) > untilUs),
  };
}

function bidOfRow(row: WarehouseRow): string {
  return String(row["bid_id"]);
}

/** The order of Spanner and BigQuery: of the UTF-8 bytes, not of JavaScript's UTF-16 units. */
function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

/** A stream in the order of bids, taken a bid at a time. */
function byBid<Row>(rows: AsyncIterable<Row>, bidOf: (row: Row) => string) {
  const iterator = rows[Symbol.asyncIterator]();
  let isOpen = false;
  let next: Row | undefined;
  const advance = async (): Promise<void> => {
    const step = await iterator.next();
    next = step.done === true ? undefined : step.value;
  };
  return {
    open: async (): Promise<void> => {
      if (!isOpen) await advance();
      isOpen = true;
    },
    /** The bid that comes next; undefined at the end. */
    bidId: (): string | undefined => (next === undefined ? undefined : bidOf(next)),
    take: async (bidId: string): Promise<Row[]> => {
      const group: Row[] = [];
      while (next !== undefined && bidOf(next) === bidId) {
        group.push(next);
        await advance();
      }
      return group;
    },
  };
}
