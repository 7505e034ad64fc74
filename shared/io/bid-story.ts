import type { BigQuery } from "@google-cloud/bigquery";
import type { Database } from "@google-cloud/spanner";
import { formatNanos } from "../core/money.ts";
import { microsOf } from "../core/settlement/calendar.ts";
import { type BidMoment, inOrder } from "../core/settlement/explain-bid.ts";
import { linesOf } from "../core/settlement/ledger.ts";
import type { Settlement } from "../core/settlement/settlement.ts";
import { type ArchivedEvent, readArchivedBid } from "./event-archive.ts";
import { type LedgerBid, LedgerReader } from "./ledger-reader.ts";
import type { TrailRecord } from "./ledger-tables.ts";

/** All that is known of one bid's money, in order. */
export interface BidStory {
  readonly bidId: string;
  /** Undefined where no notice about its money was settled. */
  readonly settlement: Settlement | undefined;
  readonly moments: readonly BidMoment[];
}

/** Reads one bid from the archive, the ledger and the audit trail; undefined where none knows it. */
export async function readBidStory(
  { database, bigquery }: { readonly database: Database; readonly bigquery: BigQuery },
  bidId: string,
): Promise<BidStory | undefined> {
  const archived = await readArchivedBid(bigquery, bidId);
  const [bid, trail] = await LedgerReader.with(database, async (reader) => [
    await reader.bid(bidId),
    await reader.trail(`bid:${bidId}`),
  ]);
  if (bid === undefined && archived.length === 0) return undefined;
  const moments = [
    ...archived.map(publishedMoment),
    ...(bid === undefined ? [] : ledgerMoments(bid)),
    ...trail.map(decidedMoment),
  ];
  return { bidId, settlement: bid?.settlement, moments: inOrder(moments) };
}

function publishedMoment({ event, messageId, publishTimeUs }: ArchivedEvent): BidMoment {
  if ("kind" in event) {
    const said = `message ${messageId} is no event: ${event.reason} ${event.field} "${event.value}"`;
    return { atUs: publishTimeUs, kind: "published", region: "", said, delayMs: undefined };
  }
  const money = "priceNanos" in event ? ` ${formatNanos(event.priceNanos)} ${event.currency}` : "";
  const payment = event.type === "payment" ? ` payment ${event.paymentId}` : "";
  const seat = event.seat === "" ? "" : ` seat ${event.seat}`;
  return {
    atUs: publishTimeUs,
    kind: "published",
    region: event.region,
    said: `${event.type}${money}${payment}${seat}, message ${messageId}`,
    delayMs: (publishTimeUs - event.eventTimeUs) / 1000,
  };
}

function ledgerMoments({ claims, entries }: LedgerBid): BidMoment[] {
  const recorded = claims.map((claim): BidMoment => {
    const atUs = microsOf(claim.committed_at);
    const amount = claim.amount === null ? "" : ` ${claim.amount} ${claim.currency}`;
    return {
      atUs,
      kind: "recorded",
      region: claim.region,
      said: `${claim.identity}${amount} as version ${claim.version}, claim "${claim.claim_key}"${reviewSaid(claim.review)}`,
      delayMs: (atUs - microsOf(claim.publish_time)) / 1000,
    };
  });
  const posted = entries.map(({ entry, committedUs }): BidMoment => {
    const lines = linesOf(entry).map(({ account, nanos }) => `${account} ${formatNanos(nanos)}`);
    return {
      atUs: committedUs,
      kind: "posted",
      region: "",
      said: `${entry.bidId}/${entry.version} ${entry.currency} ${lines.join(", ")}; for ${entry.cause} in ${entry.period}`,
      delayMs: undefined,
    };
  });
  return [...recorded, ...posted];
}

function reviewSaid(review: string | null): string {
  return review === null ? "" : ` ${review}`;
}

function decidedMoment({ action, actor, reason, committed_at: at }: TrailRecord): BidMoment {
  const said = `${action} by ${actor}: ${reason}`;
  return { atUs: microsOf(at), kind: "decided", region: "", said, delayMs: undefined };
}
