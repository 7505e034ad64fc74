import { assert } from "../core/assert.ts";
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
  const writer = new FieldWriter();
  writer.text(EVENT_FIELDS.event_id, event.eventId);
  writer.text(EVENT_FIELDS.type, event.type);
  writer.text(EVENT_FIELDS.auction_id, event.auctionId);
  writer.text(EVENT_FIELDS.bid_id, event.bidId);
  writer.number(EVENT_FIELDS.event_time, event.eventTimeUs);
  writer.text(EVENT_FIELDS.region, event.region);
  writer.text(EVENT_FIELDS.seat, event.seat);
  writer.text(EVENT_FIELDS.segment, event.segment);
  writer.text(EVENT_FIELDS.user_key, event.userKey);
  writer.text(EVENT_FIELDS.publisher, event.publisher);
  writer.number(EVENT_FIELDS.device_type, event.deviceType);
  if ("priceNanos" in event) {
    writer.bigint(EVENT_FIELDS.price_nanos, event.priceNanos);
    writer.text(EVENT_FIELDS.currency, event.currency);
  }
  if (event.type === "payment") writer.text(EVENT_FIELDS.payment_id, event.paymentId);
  if (event.type === "loss") writer.number(EVENT_FIELDS.loss_reason, event.lossReason);
  writer.text(EVENT_FIELDS.source, event.source);
  writer.text(EVENT_FIELDS.deal_id, event.dealId);
  return writer.bytes();
}

/** Room for 13 texts of 128 characters, at most 4 bytes each: more than any event that was read has. */
const scratch = Buffer.allocUnsafe(16_384);
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);
/** A tag and a varint of 64 bits. */
const NUMBER_BYTES_MAX = 12;

/** Writes fields into {@link scratch}, one event at a time; a default is left out. */
class FieldWriter {
  #at = 0;

  text(field: number, text: string): void {
    if (text === "" || this.#shortText(field, text)) return;
    const length = Buffer.byteLength(text);
    assert(this.#at + length + NUMBER_BYTES_MAX <= scratch.length, "an event is below 16 KB");
    this.#varint((field << 3) | 2);
    this.#varint(length);
    this.#at += scratch.write(text, this.#at);
  }

  /** A whole number of at most 53 bits. */
  number(field: number, value: number): void {
    if (value === 0) return;
    assert(this.#at + NUMBER_BYTES_MAX <= scratch.length, "an event is below 16 KB");
    this.#varint(field << 3);
    this.#varint(value);
  }

  bigint(field: number, value: bigint): void {
    if (value <= SAFE_MAX) this.number(field, Number(value));
    else {
      this.#varint(field << 3);
      let rest = value;
      for (; rest >= 0x80n; rest >>= 7n) scratch[this.#at++] = Number(rest & 0x7fn) | 0x80;
      scratch[this.#at++] = Number(rest);
    }
  }

  /** Writes a text whose tag and length take a byte each and that is plain ASCII; false where it is not. */
  #shortText(field: number, text: string): boolean {
    if (field > 15 || text.length > 127) return false;
    assert(this.#at + text.length + 2 <= scratch.length, "an event is below 16 KB");
    const start = this.#at + 2;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 127) return false;
      scratch[start + index] = code;
    }
    scratch[this.#at] = (field << 3) | 2;
    scratch[this.#at + 1] = text.length;
    this.#at = start + text.length;
    return true;
  }

  bytes(): Uint8Array {
    return Buffer.from(scratch.subarray(0, this.#at));
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) scratch[this.#at++] = (rest % 0x80) | 0x80;
    scratch[this.#at++] = rest;
  }
}

/** Reads one whole event from its protobuf bytes, or says why it is none. Unknown fields are skipped. */
export function decodeEvent(bytes: Uint8Array): AuctionEvent | Refusal {
  const draft = decodeDraft(bytes);
  return "kind" in draft ? draft : readEvent(draft);
}

/** What the protobuf bytes of an event say, not yet believed; refused where they are none. */
export function decodeDraft(bytes: Uint8Array): EventDraft | Refusal {
  const cursor = new ByteCursor();
  cursor.open(bytes, 0, bytes.length);
  const draft = emptyDraft();
  while (cursor.at < cursor.end && !cursor.overrun) readField(cursor, draft);
  if (cursor.overrun) {
    const shown = Buffer.from(bytes.subarray(0, 32)).toString("hex");
    return refuse("undecodable", "", shown, "Send the bytes of gavel.v1.AuctionEvent.");
  }
  return draft;
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
