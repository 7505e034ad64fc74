import type { AuctionEvent } from "../core/auction/event.ts";
import { readEvent } from "../core/auction/read-event.ts";
import type { Refusal } from "../core/auction/refusal.ts";
import { type BodyForm, REQUEST_EVENTS_MAX } from "../core/ingest/admit-request.ts";
import { type RequestFault, requestFault } from "../core/ingest/request-fault.ts";
import { splitEventBatch } from "./event-batch.ts";
import { decodeDraft } from "./event-codec.ts";
import {
  derivedEventId,
  type RecordOptions,
  readRecord,
  tooLarge,
} from "./log-form/read-record.ts";
import { RecordSplitter } from "./log-form/split-records.ts";

const OPENING_BRACE = 0x7b;
const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Reads the body of `POST /v1/events`, each event or why it is refused, in order: `json` one object or
 * one array, `ndjson` an object a line, `protobuf` length-delimited messages. Never throws.
 */
export function readEventsBody(
  form: BodyForm,
  body: Uint8Array,
  options: RecordOptions,
): readonly (AuctionEvent | Refusal)[] | RequestFault {
  const records = form === "protobuf" ? splitEventBatch(body) : splitJson(form, body);
  if (records === undefined) {
    const mend = "Write each AuctionEvent after its length as a varint.";
    return requestFault("brokenBatch", "body", mend);
  }
  if (records.length === 0) return requestFault("noEvents", "body", "Send at least one event.");
  if (records.length > REQUEST_EVENTS_MAX) {
    const mend = `A request has at most ${REQUEST_EVENTS_MAX} events: split it.`;
    return requestFault("tooManyEvents", "body", mend);
  }
  return records.map((bytes) => {
    if (bytes === undefined) return tooLarge();
    return form === "protobuf" ? readMessage(bytes) : readRecord(bytes, options);
  });
}

/** One message of a batch; its event id is derived where it has none, as the log form's is. */
function readMessage(bytes: Uint8Array): AuctionEvent | Refusal {
  const draft = decodeDraft(bytes);
  if ("kind" in draft) return draft;
  return readEvent(draft.eventId === "" ? { ...draft, eventId: derivedEventId(draft) } : draft);
}

/** Stops one past the most events that a request may have: what follows is not read. */
function splitJson(form: "json" | "ndjson", body: Uint8Array): readonly (Uint8Array | undefined)[] {
  if (form === "json" && body.find((byte) => !SPACES.has(byte)) === OPENING_BRACE) return [body];
  const splitter = new RecordSplitter();
  const records: (Uint8Array | undefined)[] = [];
  for (const split of [splitter.push(body), splitter.end()]) {
    for (const { bytes } of split) {
      records.push(bytes);
      if (records.length > REQUEST_EVENTS_MAX) return records;
    }
  }
  return records;
}
