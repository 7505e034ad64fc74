import type { BigQuery } from "@google-cloud/bigquery";
import type { AuctionEvent } from "../core/auction/event.ts";
import { readEvent } from "../core/auction/read-event.ts";
import type { Refusal } from "../core/auction/refusal.ts";
import { dataset, regions, subscriptionOf } from "../names.ts";

/** One message of the raw archive: as it was published, repeats included. */
export interface ArchivedEvent {
  readonly bidId: string;
  readonly event: AuctionEvent | Refusal;
  readonly messageId: string;
  /** When Pub/Sub took it, microseconds since the Unix epoch. */
  readonly publishTimeUs: number;
}

/** Everything that was published about one bid, by publish time. */
export async function readArchivedBid(bigquery: BigQuery, bidId: string): Promise<ArchivedEvent[]> {
  const query = `${SELECT} WHERE bid_id = @bidId ORDER BY publish_time, message_id`;
  const [rows] = await bigquery.query({ query, params: { bidId } });
  return rows.map(archivedEventOf);
}

/**
 * Everything that was published about bids whose money was heard of, by bid: in the order of the bid ids'
 * bytes, as the ledger is. Left out is what the settlement workers put aside as dead letters: the ledger
 * is not to hold it.
 */
export async function* readArchive(bigquery: BigQuery): AsyncGenerator<ArchivedEvent> {
  const money = `SELECT DISTINCT bid_id FROM ${TABLE} WHERE type IN ('win', 'billing', 'payment', 'loss', 'void')`;
  const dead = `SELECT message_id FROM \`${dataset.name}.dead_letters\` WHERE subscription IN UNNEST(@subscriptions)`;
  const query = `${SELECT} WHERE bid_id IN (${money}) AND IFNULL(message_id, '') NOT IN (${dead})
    ORDER BY bid_id, publish_time, message_id`;
  const subscriptions = regions.map((region) => subscriptionOf("settlement", region).name);
  const rows = bigquery.createQueryStream({ query, params: { subscriptions } });
  for await (const row of rows) yield archivedEventOf(row);
}

const TABLE = `\`${dataset.name}.events_raw\``;
/** INT64 as text: the client would round what exceeds 2^53. */
const SELECT = `SELECT event_id, type, auction_id, bid_id, UNIX_MICROS(event_time) AS event_us, region, seat,
  segment, source, CAST(price_nanos AS STRING) AS price_nanos, currency, payment_id, loss_reason,
  message_id, UNIX_MICROS(publish_time) AS publish_us
FROM ${TABLE}`;

type ArchiveRow = Readonly<Record<string, string | number | null>>;

function archivedEventOf(row: ArchiveRow): ArchivedEvent {
  const text = (name: string): string => String(row[name] ?? "");
  const number = (name: string): number => Number(row[name] ?? 0);
  const event = readEvent({
    eventId: text("event_id"),
    type: text("type"),
    auctionId: text("auction_id"),
    bidId: text("bid_id"),
    eventTimeUs: number("event_us"),
    region: text("region"),
    seat: text("seat"),
    segment: text("segment"),
    userKey: "",
    publisher: "",
    deviceType: 0,
    priceNanos: BigInt(row["price_nanos"] ?? 0),
    currency: text("currency"),
    paymentId: text("payment_id"),
    lossReason: number("loss_reason"),
    source: text("source"),
    dealId: "",
  });
  return {
    bidId: text("bid_id"),
    event,
    messageId: text("message_id"),
    publishTimeUs: number("publish_us"),
  };
}
