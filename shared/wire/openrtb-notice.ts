import { DEFAULT_CURRENCY } from "../core/auction/currency.ts";
import type { AuctionEvent, Region } from "../core/auction/event.ts";
import { type EventDraft, readEvent } from "../core/auction/read-event.ts";
import { type Refusal, refuse } from "../core/auction/refusal.ts";
import { parseNanos } from "../core/money.ts";
import { emptyDraft } from "./event-codec.ts";
import { readFlatObject } from "./log-form/flat-object.ts";
import { derivedEventId, RECORD_BYTES_MAX, tooLarge } from "./log-form/read-record.ts";
import { readTimestamp } from "./log-form/read-timestamp.ts";

/** The notices of OpenRTB 2.6 that money hangs on: nurl, burl and lurl. */
export const NOTICE_TYPES = ["win", "billing", "loss"] as const;
export type NoticeType = (typeof NOTICE_TYPES)[number];

export interface NoticeOptions {
  /** The exchange that calls, as `ingest` knows it; part of the bid's identity. */
  readonly source: string;
  /** Region of a notice that names none. */
  readonly defaultRegion: Region;
  /** Event time of a notice without a timestamp: when it came in, in microseconds; undefined: refused. */
  readonly receivedTimeUs: number | undefined;
}

/** Parameter by our name, and the macro of OpenRTB 2.6 section 4.4 whose value it carries. */
const macros: Readonly<Record<string, string>> = {
  auction_id: "AUCTION_ID",
  bid_id: "AUCTION_BID_ID",
  imp_id: "AUCTION_IMP_ID",
  seat_id: "AUCTION_SEAT_ID",
  ad_id: "AUCTION_AD_ID",
  price: "AUCTION_PRICE",
  currency: "AUCTION_CURRENCY",
  loss: "AUCTION_LOSS",
  mbr: "AUCTION_MBR",
  min_to_win: "AUCTION_MIN_TO_WIN",
};

/** A price is a CPM: 1,000 impressions. */
const IMPRESSIONS_PER_CPM = 1_000n;

/**
 * Reads a notice from its query string, `auction_id=…&price=…`, by our parameter names or by the macros'.
 * The price is a CPM in currency units with at most 6 decimals, so that the price of one impression is a
 * whole number of nanos. Never throws.
 */
export function readNoticeQuery(
  type: NoticeType,
  query: string,
  options: NoticeOptions,
): AuctionEvent | Refusal {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (parameters.has(name))
      return refuse("duplicateField", name, value, "Give each parameter once.");
    parameters.set(name, value);
  }
  return readNotice(type, parameters, options);
}

/**
 * Reads a notice from the bytes of one record of a log: a JSON object, a query string, or a whole URL of
 * which the query string counts. Never throws.
 */
export function readNoticeRecord(
  type: NoticeType,
  bytes: Uint8Array,
  options: NoticeOptions,
): AuctionEvent | Refusal {
  if (bytes.length > RECORD_BYTES_MAX) return tooLarge();
  const text = Buffer.from(bytes).toString("utf8").trim();
  if (text.startsWith("{")) return readNoticeJson(type, text, options);
  return readNoticeQuery(type, text.slice(text.indexOf("?") + 1), options);
}

/** Reads a notice from a flat JSON object of the same parameters. Never throws. */
export function readNoticeJson(
  type: NoticeType,
  json: string,
  options: NoticeOptions,
): AuctionEvent | Refusal {
  const fields = readFlatObject(json);
  if ("kind" in fields) return fields;
  return readNotice(type, new Map(fields.map(({ name, text }) => [name, text])), options);
}

function readNotice(
  type: NoticeType,
  parameters: ReadonlyMap<string, string>,
  options: NoticeOptions,
): AuctionEvent | Refusal {
  const given = (name: string): string =>
    parameters.get(name) ?? parameters.get(macros[name] ?? "") ?? "";
  for (const name of ["auction_id", "seat_id", "bid_id"]) {
    if (given(name) === "" || isUnsubstituted(given(name))) {
      return refuse(
        "missingField",
        name,
        given(name),
        `Give ${name}, or ${macros[name]} substituted.`,
      );
    }
  }
  const draft = emptyDraft();
  draft.type = type;
  draft.auctionId = given("auction_id");
  draft.seat = given("seat_id");
  draft.bidId = `${options.source}/${draft.auctionId}/${draft.seat}/${given("bid_id")}`;
  draft.source = options.source;
  draft.segment = given("segment");
  draft.region = given("region") === "" ? options.defaultRegion : given("region");
  draft.currency = given("currency") === "" ? DEFAULT_CURRENCY : given("currency");
  return (
    takeTime(draft, given("timestamp"), options.receivedTimeUs) ??
    (type === "loss" ? takeLoss(draft, given("loss")) : takePrice(draft, given("price"))) ??
    readEvent(Object.assign(draft, { eventId: derivedEventId(draft) }))
  );
}

function takeTime(
  draft: EventDraft,
  text: string,
  receivedTimeUs: number | undefined,
): Refusal | undefined {
  const timeUs = text === "" ? receivedTimeUs : readTimestamp(text);
  if (timeUs === undefined) {
    return refuse("missingField", "timestamp", "", "A notice of a log says when it was sent.");
  }
  if (typeof timeUs !== "number") return timeUs;
  draft.eventTimeUs = timeUs;
  return undefined;
}

function takeLoss(draft: EventDraft, text: string): Refusal | undefined {
  if (text === "" || isUnsubstituted(text)) return undefined;
  if (!/^\d{1,9}$/.test(text)) {
    return refuse("badCode", "loss", text, "Use a loss reason code of OpenRTB 2.6, list 5.25.");
  }
  draft.lossReason = Number(text);
  return undefined;
}

function takePrice(draft: EventDraft, text: string): Refusal | undefined {
  if (text === "" || text === "AUDIT" || isUnsubstituted(text)) {
    const mend = "Nothing is owed without a price: substitute AUCTION_PRICE with the clearing CPM.";
    return refuse("priceMacroEmpty", "price", text, mend);
  }
  const cpm = parseNanos(text);
  if (cpm.kind === "nanos" && cpm.nanos % IMPRESSIONS_PER_CPM === 0n) {
    draft.priceNanos = cpm.nanos / IMPRESSIONS_PER_CPM;
    return undefined;
  }
  switch (cpm.kind) {
    case "nanos":
    case "tooManyDecimals":
      return refuse("tooManyDecimals", "price", text, "Use a CPM with at most 6 decimals.");
    case "notDecimal":
      return refuse("badPrice", "price", text, "Use a decimal number such as 2.375.");
    case "negative":
      return refuse("negativePrice", "price", text, "A price is zero or more.");
    case "outOfRange":
      return refuse("priceOutOfRange", "price", text, "Use at most 9223372036.854775 as a CPM.");
  }
}

/** `${AUCTION_PRICE}` as it stands, or the encoded form: nobody put a value in. */
function isUnsubstituted(text: string): boolean {
  return /^(\$|%24)(\{|%7B)/i.test(text);
}
