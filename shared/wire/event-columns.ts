import { EVENT_TYPES, type EventType } from "../core/auction/event.ts";
import { Fingerprint } from "../core/fingerprint.ts";
import { ByteCursor } from "./byte-cursor.ts";
import { NO_WIRE_TYPE } from "./event-codec.ts";
import { EVENT_FIELDS } from "./event-fields.ts";

/** Fields that a column holds as a fingerprint and as the place of their text. */
export type TextField = "auction_id" | "bid_id" | "seat" | "segment" | "user_key" | "publisher";

/** One text field of many events: fingerprint halves, and where in the batch's bytes the text stands. */
export class TextColumn {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly start: Uint32Array;
  readonly end: Uint32Array;

  constructor(capacity: number) {
    this.high = new Uint32Array(capacity);
    this.low = new Uint32Array(capacity);
    this.start = new Uint32Array(capacity);
    this.end = new Uint32Array(capacity);
  }

  /** The text of one row; `bytes` are those that the row was read from. "" where it was absent. */
  textAt(row: number, bytes: Uint8Array): string {
    const { buffer, byteOffset, length } = bytes;
    return Buffer.from(buffer, byteOffset, length).toString("utf8", this.start[row], this.end[row]);
  }

  clear(row: number): void {
    this.high[row] = 0;
    this.low[row] = 0;
    this.start[row] = 0;
    this.end[row] = 0;
  }
}

/** The code of a type in {@link EventColumns.type}: its place in EVENT_TYPES plus 1; 0 is no type. */
export function typeCodeOf(type: EventType): number {
  return EVENT_TYPES.indexOf(type) + 1;
}

/**
 * Reads events into columns of typed arrays, straight from a batch's bytes: no object and no string an
 * event. Made once with the fields its consumer asks for and filled again for every batch; all other
 * fields are stepped over. Agrees with `decodeEvent` on every well-formed event.
 */
export class EventColumns {
  readonly capacity: number;
  /** See {@link typeCodeOf}. Always read. */
  readonly type: Uint8Array;
  /** Event time in microseconds, exact, since it is below 2^53. Always read. */
  readonly eventTimeUs: Float64Array;
  /** The int64 price as two unsigned halves. Always read. */
  readonly priceHigh: Uint32Array;
  readonly priceLow: Uint32Array;
  readonly #cursor = new ByteCursor();
  readonly #fingerprint = new Fingerprint();
  /** By field number. */
  readonly #columns: (TextColumn | undefined)[] = new Array(MAX_FIELD + 1).fill(undefined);
  /** The bits, `1 << field`, of the columns asked for. */
  readonly #askedMask: number;
  #bytes: Uint8Array = new Uint8Array(0);

  /** Room for `capacity` events at a time; writing past it is ignored by the typed arrays. */
  constructor(capacity: number, fields: readonly TextField[]) {
    this.capacity = capacity;
    this.type = new Uint8Array(capacity);
    this.eventTimeUs = new Float64Array(capacity);
    this.priceHigh = new Uint32Array(capacity);
    this.priceLow = new Uint32Array(capacity);
    for (const field of fields) this.#columns[EVENT_FIELDS[field]] = new TextColumn(capacity);
    this.#askedMask = fields.reduce((mask, field) => mask | (1 << EVENT_FIELDS[field]), 0);
  }

  /** The column of a field that the constructor was asked for. */
  column(field: TextField): TextColumn {
    const column = this.#columns[EVENT_FIELDS[field]];
    if (column === undefined) throw new RangeError(`${field} was not asked for`);
    return column;
  }

  /**
   * Reads the event in `bytes[start..end)` into row `row`. False where the bytes are malformed: the
   * row is void, and `decodeEvent` says why.
   */
  read(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    if (bytes !== this.#bytes) this.#openBatch(bytes);
    this.#clear(row);
    let seen = 0;
    let at = start;
    while (at < end) {
      // Ids and most texts have a tag and a length of one byte each: read here, without the cursor.
      const tag = bytes[at] as number;
      const length = at + 1 < end ? (bytes[at + 1] as number) : 0x80;
      if (tag >= 8 && tag < 0x80 && (tag & 7) === 2 && length < 0x80 && length <= end - at - 2) {
        seen |= this.#keepText(tag >>> 3, at + 2, at + 2 + length, row);
        at += 2 + length;
      } else {
        this.#cursor.open(bytes, at, end);
        seen |= this.#readField(row);
        if (this.#cursor.overrun) return false;
        at = this.#cursor.at;
      }
    }
    if (seen !== this.#askedMask) this.#clearUnseen(seen, row);
    return true;
  }

  #openBatch(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#fingerprint.open(bytes);
  }

  #clear(row: number): void {
    this.type[row] = 0;
    this.eventTimeUs[row] = 0;
    this.priceHigh[row] = 0;
    this.priceLow[row] = 0;
  }

  #clearUnseen(seen: number, row: number): void {
    for (const [field, column] of this.#columns.entries()) {
      if ((seen & (1 << field)) === 0) column?.clear(row);
    }
  }

  /** Reads the field at the cursor; returns the bit of the text column it filled, or 0. */
  #readField(row: number): number {
    const cursor = this.#cursor;
    const tag = cursor.readVarint32();
    const field = tag >>> 3;
    if (field === 0) cursor.skip(NO_WIRE_TYPE);
    else if ((tag & 7) === 0 && field === EVENT_FIELDS.event_time) {
      cursor.readVarint64();
      this.eventTimeUs[row] = (cursor.high | 0) * 4_294_967_296 + cursor.low;
    } else if ((tag & 7) === 0 && field === EVENT_FIELDS.price_nanos) {
      cursor.readVarint64();
      this.priceHigh[row] = cursor.high;
      this.priceLow[row] = cursor.low;
    } else if ((tag & 7) === 2) {
      const length = cursor.readLength();
      cursor.at += length;
      if (!cursor.overrun) return this.#keepText(field, cursor.at - length, cursor.at, row);
    } else cursor.skip(tag & 7);
    return 0;
  }

  #keepText(field: number, start: number, end: number, row: number): number {
    if (field === EVENT_FIELDS.type) this.type[row] = typeCodeAt(this.#bytes, start, end);
    const column = field <= MAX_FIELD ? this.#columns[field] : undefined;
    if (column === undefined || start === end) return 0;
    const fingerprint = this.#fingerprint;
    fingerprint.of(start, end);
    column.high[row] = fingerprint.high;
    column.low[row] = fingerprint.low;
    column.start[row] = start;
    column.end[row] = end;
    return 1 << field;
  }
}

const MAX_FIELD = Math.max(...Object.values(EVENT_FIELDS));

const typeBytes: readonly Uint8Array[] = EVENT_TYPES.map((type) => Buffer.from(type, "latin1"));
/** Types by first byte and length, which tell all of them apart: index is `first * 16 + length`. */
const typeCandidates = new Uint8Array(256 * 16);
for (const [index, text] of typeBytes.entries()) {
  typeCandidates[(text[0] ?? 0) * 16 + text.length] = index + 1;
}

function typeCodeAt(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0 || length > 15) return 0;
  const code = typeCandidates[(bytes[start] ?? 0) * 16 + length] ?? 0;
  const text = typeBytes[code - 1];
  if (text === undefined) return 0;
  for (let offset = 1; offset < length; offset++) {
    if (bytes[start + offset] !== text[offset]) return 0;
  }
  return code;
}
