import { NANOS_MAX } from "../money.ts";
import { isCurrency } from "./currency.ts";
import { type AuctionEvent, EVENT_TYPES, PRICED_TYPES, REGIONS } from "./event.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** An event as some format said it, its parts read but not yet believed. "" and 0 are "not given". */
export interface EventDraft {
  eventId: string;
  type: string;
  auctionId: string;
  bidId: string;
  eventTimeUs: number;
  region: string;
  seat: string;
  segment: string;
  userKey: string;
  publisher: string;
  deviceType: number;
  priceNanos: bigint;
  currency: string;
  paymentId: string;
  lossReason: number;
  source: string;
  dealId: string;
}

/** 2000-01-01 and 2100-01-01: an event time outside is a wrong unit or a wrong clock. */
export const EVENT_TIME_MIN_US = 946_684_800_000_000;
export const EVENT_TIME_MAX_US = 4_102_444_800_000_000;
export const ID_LENGTH_MAX = 128;
const DEVICE_TYPE_MAX = 8;
/** OpenRTB lets exchanges define codes of their own from 1,000 on; five digits hold them all. */
const LOSS_REASON_MAX = 99_999;

/**
 * Turns a draft into an event, or says what is wrong with it. The one place that knows which fields a
 * type needs and what they may hold, for every format: JSON, notices, protobuf.
 */
export function readEvent(draft: EventDraft): AuctionEvent | Refusal {
  return (
    refuseType(draft) ??
    refuseIds(draft) ??
    refuseTexts(draft) ??
    refuseTimeAndCodes(draft) ??
    refuseAmount(draft) ??
    eventOf(draft)
  );
}

function refuseType({ type, region }: EventDraft): Refusal | undefined {
  if (!isOneOf(EVENT_TYPES, type)) {
    return refuse("unknownType", "type", type, `Use one of ${EVENT_TYPES.join(", ")}.`);
  }
  if (!isOneOf(REGIONS, region)) {
    return refuse("unknownRegion", "region", region, `Use one of ${REGIONS.join(", ")}.`);
  }
  return undefined;
}

function refuseIds(draft: EventDraft): Refusal | undefined {
  return (
    refuseId("auction_id", draft.auctionId) ??
    refuseId("bid_id", draft.bidId) ??
    refuseId("event_id", draft.eventId) ??
    (draft.type === "payment" ? refuseId("payment_id", draft.paymentId) : undefined)
  );
}

function refuseTexts(draft: EventDraft): Refusal | undefined {
  return (
    refuseText("seat", draft.seat) ??
    refuseText("segment", draft.segment) ??
    refuseText("user_key", draft.userKey) ??
    refuseText("publisher", draft.publisher) ??
    refuseText("source", draft.source) ??
    refuseText("deal_id", draft.dealId) ??
    (draft.type === "payment" ? undefined : refuseText("payment_id", draft.paymentId))
  );
}

function refuseId(field: string, id: string): Refusal | undefined {
  if (id === "")
    return refuse("missingField", field, "", `Every event of this type needs ${field}.`);
  return isPrintable(id) ? undefined : refuse("badId", field, id, PRINTABLE);
}

function refuseText(field: string, text: string): Refusal | undefined {
  return text === "" || isPrintable(text) ? undefined : refuse("badText", field, text, PRINTABLE);
}

const PRINTABLE = `Use 1 to ${ID_LENGTH_MAX} printable characters.`;
const ASCII_ID = /^[\x20-\x7e]{1,128}$/;
/** No control, format, private or unassigned characters, no lone surrogates, no line separators. */
const UNICODE_ID = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;

/** Whether a text is 1 to 128 printable characters: what ids and other texts of an event are. */
export function isPrintable(text: string): boolean {
  return ASCII_ID.test(text) || (text.length <= 2 * ID_LENGTH_MAX && UNICODE_ID.test(text));
}

function refuseTimeAndCodes(draft: EventDraft): Refusal | undefined {
  const { eventTimeUs, deviceType, lossReason } = draft;
  if (!(eventTimeUs >= EVENT_TIME_MIN_US && eventTimeUs < EVENT_TIME_MAX_US)) {
    const mend =
      "Use a time from 2000 to 2099: RFC 3339, or epoch seconds, milliseconds or microseconds.";
    return refuse("timestampOutOfRange", "timestamp", String(eventTimeUs), mend);
  }
  if (!isCode(deviceType, DEVICE_TYPE_MAX)) {
    const mend = "Use an OpenRTB device type from 1 to 8, or leave it out.";
    return refuse("badCode", "device_type", String(deviceType), mend);
  }
  if (!isCode(lossReason, LOSS_REASON_MAX)) {
    const mend = "Use a loss reason code of OpenRTB 2.6, list 5.25, or leave it out.";
    return refuse("badCode", "loss_reason", String(lossReason), mend);
  }
  return undefined;
}

function isCode(code: number, max: number): boolean {
  return Number.isInteger(code) && code >= 0 && code <= max;
}

function refuseAmount(draft: EventDraft): Refusal | undefined {
  if (!isOneOf(PRICED_TYPES, draft.type)) return undefined;
  if (!isCurrency(draft.currency)) {
    const mend = "Use an active ISO 4217 code in capitals, such as USD.";
    return refuse("unknownCurrency", "currency", draft.currency, mend);
  }
  if (draft.priceNanos < 0n) {
    const mend = "A price is zero or more; a refund is a void event.";
    return refuse("negativePrice", "bid_price", String(draft.priceNanos), mend);
  }
  if (draft.priceNanos > NANOS_MAX) {
    const mend = "A price is at most 9223372036.854775807 units.";
    return refuse("priceOutOfRange", "bid_price", String(draft.priceNanos), mend);
  }
  return undefined;
}

function eventOf(draft: EventDraft): AuctionEvent {
  const { type, priceNanos, currency, paymentId, lossReason, ...rest } = draft;
  // refuseType has proved the two unions; TypeScript cannot carry that through the draft's strings.
  const fields = { ...rest, region: draft.region as AuctionEvent["region"] };
  switch (type as AuctionEvent["type"]) {
    case "bid":
      return { ...fields, type: "bid", priceNanos, currency };
    case "win":
      return { ...fields, type: "win", priceNanos, currency };
    case "billing":
      return { ...fields, type: "billing", priceNanos, currency };
    case "payment":
      return { ...fields, type: "payment", priceNanos, currency, paymentId };
    case "loss":
      return { ...fields, type: "loss", lossReason };
    case "impression":
      return { ...fields, type: "impression" };
    case "click":
      return { ...fields, type: "click" };
    case "void":
      return { ...fields, type: "void" };
  }
}

function isOneOf(words: readonly string[], word: string): boolean {
  return words.includes(word);
}
