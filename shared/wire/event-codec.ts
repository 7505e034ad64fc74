import type { AuctionEvent } from "../core/auction/event.ts";
import { type EventDraft, readEvent } from "../core/auction/read-event.ts";
import type { Refusal } from "../core/auction/refusal.ts";
import { refuse } from "../core/auction/refusal.ts";
import { ByteCursor } from "./byte-cursor.ts";
import { EVENT_FIELDS } from "./event-fields.ts";

/**
 * Writes an event as `auction_event.proto` says: fields in order of their numbers, defaults left out,
 * so that equal events give equal bytes.
 */
export function encodeEvent(event: AuctionEvent): Uint8Array {
  const parts: Buffer[] = [];
  for (const [field, value] of fieldValues(event)) {
    const number = EVENT_FIELDS[field];
    if (typeof value === "string") {
      if (value === "") continue;
      const text = Buffer.from(value, "utf8");
      parts.push(varint(BigInt((number << 3) | 2)), varint(BigInt(text.length)), text);
    } else if (value !== 0n) {
      parts.push(varint(BigInt(number << 3)), varint(value));
    }
  }
  return Buffer.concat(parts);
}

function fieldValues(event: AuctionEvent): readonly [keyof typeof EVENT_FIELDS, string | bigint][] {
  return [
    ["event_id", event.eventId],
    ["type", event.type],
    ["auction_id", event.auctionId],
    ["bid_id", event.bidId],
    ["event_time", BigInt(event.eventTimeUs)],
    ["region", event.region],
    ["seat", event.seat],
    ["segment", event.segment],
    ["user_key", event.userKey],
    ["publisher", event.publisher],
    ["device_type", BigInt(event.deviceType)],
    ["price_nanos", "priceNanos" in event ? event.priceNanos : 0n],
    ["currency", "currency" in event ? event.currency : ""],
    ["payment_id", event.type === "payment" ? event.paymentId : ""],
    ["loss_reason", event.type === "loss" ? BigInt(event.lossReason) : 0n],
    ["source", event.source],
    ["deal_id", event.dealId],
  ];
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** Reads one whole event from its protobuf bytes, or says why it is none. Unknown fields are skipped. */
export function decodeEvent(bytes: Uint8Array): AuctionEvent | Refusal {
  const cursor = new ByteCursor();
  cursor.open(bytes, 0, bytes.length);
  const draft = emptyDraft();
  while (cursor.at < cursor.end && !cursor.overrun) readField(cursor, draft);
  if (cursor.overrun) {
    const shown = Buffer.from(bytes.subarray(0, 32)).toString("hex");
    return refuse("undecodable", "", shown, "Send the bytes of gavel.v1.AuctionEvent.");
  }
  return readEvent(draft);
}

/** A draft that says nothing: strings "", numbers 0. */
export function emptyDraft(): EventDraft {
  return {
    eventId: "",
    type: "",
    auctionId: "",
    bidId: "",
    eventTimeUs: 0,
    region: "",
    seat: "",
    segment: "",
    userKey: "",
    publisher: "",
    deviceType: 0,
    priceNanos: 0n,
    currency: "",
    paymentId: "",
    lossReason: 0,
    source: "",
    dealId: "",
  };
}

type TextField = {
  [Field in keyof EventDraft]: EventDraft[Field] extends string ? Field : never;
}[keyof EventDraft];

const textFields: ReadonlyMap<number, TextField> = new Map([
  [EVENT_FIELDS.event_id, "eventId"],
  [EVENT_FIELDS.type, "type"],
  [EVENT_FIELDS.auction_id, "auctionId"],
  [EVENT_FIELDS.bid_id, "bidId"],
  [EVENT_FIELDS.region, "region"],
  [EVENT_FIELDS.seat, "seat"],
  [EVENT_FIELDS.segment, "segment"],
  [EVENT_FIELDS.user_key, "userKey"],
  [EVENT_FIELDS.publisher, "publisher"],
  [EVENT_FIELDS.currency, "currency"],
  [EVENT_FIELDS.payment_id, "paymentId"],
  [EVENT_FIELDS.source, "source"],
  [EVENT_FIELDS.deal_id, "dealId"],
]);

/** What `skip` takes for malformed, as field number 0 is. */
export const NO_WIRE_TYPE = 7;

function readField(cursor: ByteCursor, draft: EventDraft): void {
  const tag = cursor.readVarint32();
  const wireType = tag & 7;
  const text = wireType === 2 ? textFields.get(tag >>> 3) : undefined;
  if (text !== undefined) draft[text] = readText(cursor);
  else if (wireType === 0 && tag !== 0) readNumber(cursor, tag >>> 3, draft);
  else cursor.skip(tag < 8 ? NO_WIRE_TYPE : wireType);
}

function readText(cursor: ByteCursor): string {
  const length = cursor.readLength();
  const start = cursor.at;
  cursor.at += length;
  return Buffer.from(cursor.bytes.buffer, cursor.bytes.byteOffset + start, length).toString("utf8");
}

function readNumber(cursor: ByteCursor, field: number, draft: EventDraft): void {
  cursor.readVarint64();
  const value = (BigInt(cursor.high | 0) << 32n) | BigInt(cursor.low);
  if (field === EVENT_FIELDS.event_time) draft.eventTimeUs = Number(value);
  else if (field === EVENT_FIELDS.price_nanos) draft.priceNanos = value;
  else if (field === EVENT_FIELDS.device_type) draft.deviceType = Number(value);
  else if (field === EVENT_FIELDS.loss_reason) draft.lossReason = Number(value);
}
