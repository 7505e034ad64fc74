import { DEFAULT_CURRENCY } from "../../core/auction/currency.ts";
import { type AuctionEvent, PRICED_TYPES, type Region } from "../../core/auction/event.ts";
import { type EventDraft, readEvent } from "../../core/auction/read-event.ts";
import { type Refusal, refuse } from "../../core/auction/refusal.ts";
import { parseNanos } from "../../core/money.ts";
import { emptyDraft } from "../event-codec.ts";
import { type FlatField, readFlatObject } from "./flat-object.ts";
import { readTimestamp } from "./read-timestamp.ts";

/** Largest record, in bytes. */
export const RECORD_BYTES_MAX = 65_536;

export interface RecordOptions {
  /** Region of an event that names none. */
  readonly defaultRegion: Region;
  /** Called for each field that no event has; its value is kept in no place. */
  readonly onUnknownField?: (name: string) => void;
}

type Setter = (draft: EventDraft, field: FlatField) => Refusal | undefined;

/** How each field of the log form is read into the draft. */
const setters: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ["event_id", text("eventId")],
  ["type", text("type")],
  ["auction_id", text("auctionId")],
  ["bid_id", text("bidId")],
  ["region", text("region")],
  ["seat", text("seat")],
  ["segment", text("segment")],
  ["user_key", text("userKey")],
  ["publisher", text("publisher")],
  ["currency", text("currency")],
  ["payment_id", text("paymentId")],
  ["source", text("source")],
  ["deal_id", text("dealId")],
  ["device_type", code("deviceType")],
  ["loss_reason", code("lossReason")],
  ["timestamp", setTime],
  ["bid_price", setPrice],
]);

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads one event of the JSON log form from its bytes. Never throws. */
export function readRecord(bytes: Uint8Array, options: RecordOptions): AuctionEvent | Refusal {
  if (bytes.length > RECORD_BYTES_MAX) return tooLarge();
  let json: string;
  try {
    json = decoder.decode(bytes);
  } catch {
    const shown = Buffer.from(bytes.subarray(0, 64)).toString("latin1");
    return refuse("undecodable", "", shown, "Write UTF-8.");
  }
  return readRecordText(json, options);
}

/** What a record above {@link RECORD_BYTES_MAX} is refused with. */
export function tooLarge(): Refusal {
  return refuse("tooLarge", "", "", `An event has at most ${RECORD_BYTES_MAX} bytes.`);
}

/** Reads one event of the JSON log form from its text. Never throws. */
export function readRecordText(json: string, options: RecordOptions): AuctionEvent | Refusal {
  const fields = readFlatObject(json);
  if ("kind" in fields) return fields;
  const draft = emptyDraft();
  const given = new Set<string>();
  for (const field of fields) {
    const setter = setters.get(field.name);
    if (setter === undefined) options.onUnknownField?.(field.name);
    else if (field.kind !== "null") {
      given.add(field.name);
      const refusal = setter(draft, field);
      if (refusal !== undefined) return refusal;
    }
  }
  return completed(draft, given, options);
}

/** Fills in what the log form lets be absent, and believes or refuses the rest. */
function completed(
  draft: EventDraft,
  given: ReadonlySet<string>,
  { defaultRegion }: RecordOptions,
): AuctionEvent | Refusal {
  if (!given.has("type")) draft.type = "bid";
  if (!given.has("region")) draft.region = defaultRegion;
  if (!given.has("currency")) draft.currency = DEFAULT_CURRENCY;
  if (!given.has("timestamp")) return missing("timestamp", draft.type);
  if (!given.has("event_id")) draft.eventId = derivedEventId(draft);
  const event = readEvent(draft);
  const isPriced = PRICED_TYPES.some((type) => type === draft.type);
  if (!("kind" in event) && isPriced && !given.has("bid_price")) {
    return missing("bid_price", draft.type);
  }
  return event;
}

function missing(field: string, type: string): Refusal {
  return refuse("missingField", field, "", `Every ${type} needs ${field}.`);
}

/** The same report sent twice gets the same id: an event id of its own is the exchange's to give. */
export function derivedEventId(draft: EventDraft): string {
  if (draft.type === "payment") return `payment:${draft.paymentId}`.slice(0, 128);
  const click = draft.type === "click" ? `:${draft.eventTimeUs}` : "";
  return `${draft.type}:${draft.bidId}${click}`.slice(0, 128);
}

type TextKey = {
  [Key in keyof EventDraft]: EventDraft[Key] extends string ? Key : never;
}[keyof EventDraft];

function text(key: TextKey): Setter {
  return (draft, field) => {
    if (field.kind !== "string") return wrongKind(field, "a string in double quotes");
    draft[key] = field.text;
    return undefined;
  };
}

function code(key: "deviceType" | "lossReason"): Setter {
  return (draft, field) => {
    if (field.kind !== "number" || !/^\d{1,9}$/.test(field.text)) {
      return refuse(
        "badCode",
        field.name,
        field.text,
        "Use a whole number, as OpenRTB lists them.",
      );
    }
    draft[key] = Number(field.text);
    return undefined;
  };
}

function setTime(draft: EventDraft, field: FlatField): Refusal | undefined {
  if (field.kind === "boolean") return wrongKind(field, "a time");
  const timeUs = readTimestamp(field.text);
  if (typeof timeUs !== "number") return timeUs;
  draft.eventTimeUs = timeUs;
  return undefined;
}

function setPrice(draft: EventDraft, field: FlatField): Refusal | undefined {
  if (field.kind === "boolean") return wrongKind(field, "a price");
  const price = parseNanos(field.text);
  switch (price.kind) {
    case "nanos":
      draft.priceNanos = price.nanos;
      return undefined;
    case "notDecimal":
      return refuse("badPrice", field.name, field.text, "Use a decimal number such as 0.227.");
    case "tooManyDecimals":
      return refuse("tooManyDecimals", field.name, field.text, "Use at most 9 decimals.");
    case "negative":
      return refuse("negativePrice", field.name, field.text, "A price is zero or more.");
    case "outOfRange":
      return refuse("priceOutOfRange", field.name, field.text, "Use at most 9223372036.854775807.");
  }
}

function wrongKind(field: FlatField, wanted: string): Refusal {
  return refuse("wrongKind", field.name, field.text, `Give ${wanted}.`);
}
