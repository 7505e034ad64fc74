import type { BigQuery } from "@google-cloud/bigquery";
import type { Database } from "@google-cloud/spanner";
import { microsOf } from "../core/settlement/calendar.ts";
import { reconcileBid } from "../core/settlement/reconcile-bid.ts";
import type {
  ArchivedNotice,
  BidInThreePlaces,
  Difference,
  WarehouseRow,
} from "../core/settlement/reconciliation.ts";
import type { Settlement } from "../core/settlement/settlement.ts";
import { type ArchivedEvent, readArchive } from "./event-archive.ts";
import { readLedgerCopies, readSettlementCopies } from "./finance-copy.ts";
import { type LedgerBid, LedgerReader } from "./ledger-reader.ts";

/** One bid that the three places disagree about. */
export interface UnreconciledBid {
  readonly settlement: Settlement | undefined;
  readonly differences: readonly Difference[];
}

/** What a reconciliation went through. */
export interface ReconciledCounts {
  readonly bids: number;
  /** Notices and rows that were too fresh to judge. */
  readonly pending: number;
}

/**
 * Goes through the raw archive, the ledger and BigQuery bid by bid, in constant memory, and gives each bid
 * that they disagree about; last the counts. BigQuery answers first and the ledger is read after, as of one
 * timestamp: so the ledger knows all that BigQuery shows, and what BigQuery lacks of notices and commits
 * since `untilUs` is on its way there, and pending.
 */
export async function* reconcile(
  { database, bigquery }: { readonly database: Database; readonly bigquery: BigQuery },
  untilUs: number,
): AsyncGenerator<UnreconciledBid | ReconciledCounts> {
  const copies: Copies = {
    archive: byBid(readArchive(bigquery), ({ bidId }) => bidId),
    settlements: byBid(readSettlementCopies(bigquery), bidOfRow),
    lines: byBid(readLedgerCopies(bigquery), bidOfRow),
  };
  await Promise.all([copies.archive.open(), copies.settlements.open(), copies.lines.open()]);
  const reader = await LedgerReader.open(database);
  try {
    const ledger = byBid(reader.bids(), ({ settlement }) => settlement.bidId);
    await ledger.open();
    yield* reconcileBids(ledger, copies, untilUs);
  } finally {
    reader.close();
  }
}

interface Copies {
  readonly archive: BidStream<ArchivedEvent>;
  readonly settlements: BidStream<WarehouseRow>;
  readonly lines: BidStream<WarehouseRow>;
}

async function* reconcileBids(
  ledger: BidStream<LedgerBid>,
  { archive, settlements, lines }: Copies,
  untilUs: number,
): AsyncGenerator<UnreconciledBid | ReconciledCounts> {
  const counts = { bids: 0, pending: 0 };
  for (;;) {
    const bidId = firstOf([ledger, archive, settlements, lines].map((stream) => stream.bidId()));
    if (bidId === undefined) break;
    const [bid] = await ledger.take(bidId);
    const places: BidInThreePlaces = {
      bidId,
      archived: (await archive.take(bidId)).flatMap(noticesOf),
      ledger: bid === undefined ? undefined : ledgerPart(bid),
      warehouse: { settlements: await settlements.take(bidId), lines: await lines.take(bidId) },
    };
    const { differences, pending } = reconcileBid(places, untilUs);
    counts.bids++;
    counts.pending += pending;
    if (differences.length > 0) yield { settlement: bid?.settlement, differences };
  }
  yield counts;
}

function firstOf(bidIds: readonly (string | undefined)[]): string | undefined {
  return bidIds.reduce(
    (first, id) => (id === undefined || (first !== undefined && !isBefore(id, first)) ? first : id),
    undefined,
  );
}

function noticesOf({ event, publishTimeUs }: ArchivedEvent): ArchivedNotice[] {
  return "kind" in event ? [] : [{ event, publishTimeUs }];
}

function ledgerPart({ settlement, committedUs, claims, entries }: LedgerBid) {
  const publishedUs = new Map(
    claims.map((claim) => [claim.claim_key, microsOf(claim.publish_time)]),
  );
  return { settlement, committedUs, publishedUs, entries };
}

function bidOfRow(row: WarehouseRow): string {
  return String(row["bid_id"]);
}

/** The order of Spanner and BigQuery: of the UTF-8 bytes, not of JavaScript's UTF-16 units. */
function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

/** Rows in the order of bids, taken a bid at a time. */
interface BidStream<Row> {
  /** Reads the first row: call it once, before the others. */
  readonly open: () => Promise<void>;
  /** The bid that comes next; undefined at the end. */
  readonly bidId: () => string | undefined;
  readonly take: (bidId: string) => Promise<Row[]>;
}

function byBid<Row>(rows: AsyncIterable<Row>, bidOf: (row: Row) => string): BidStream<Row> {
  const iterator = rows[Symbol.asyncIterator]();
  let next: Row | undefined;
  const advance = async (): Promise<void> => {
    const step = await iterator.next();
    next = step.done === true ? undefined : step.value;
  };
  return {
    open: advance,
    bidId: () => (next === undefined ? undefined : bidOf(next)),
    take: async (bidId) => {
      const group: Row[] = [];
      while (next !== undefined && bidOf(next) === bidId) {
        group.push(next);
        await advance();
      }
      return group;
    },
  };
}
