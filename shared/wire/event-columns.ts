import { EVENT_TYPES } from "../core/auction/event.ts";
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
  textAt(row: number, bytes: Buffer): string {
    return bytes.toString("utf8", this.start[row], this.end[row]);
  }

  clear(row: number): void {
    this.high[row] = 0;
    this.low[row] = 0;
    this.start[row] = 0;
    this.end[row] = 0;
  }
}

/**
 * Reads events into columns of typed arrays, straight from a batch's bytes: no object and no string an
 * event. Made once with the fields its consumer asks for and filled again for every batch; all other
 * fields are stepped over. Agrees with `decodeEvent` on every well-formed event.
 */
export class EventColumns {
  readonly capacity: number;
  /** By `typeCodeOf`. Always read. */
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
  /** The bits, `1 << field`, of the texts that are kept: the columns asked for, and the type. */
  readonly #keptMask: number;
  /** The bits of those that the row under way has had. */
  #seen = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  /** Room for `capacity` events at a time; writing past it is ignored by the typed arrays. */
  constructor(capacity: number, fields: readonly TextField[]) {
    this.capacity = capacity;
    this.type = new Uint8Array(capacity);
    this.eventTimeUs = new Float64Array(capacity);
    this.priceHigh = new Uint32Array(capacity);
    this.priceLow = new Uint32Array(capacity);
    for (const field of fields) this.#columns[EVENT_FIELDS[field]] = new TextColumn(capacity);
    this.#keptMask = fields.reduce((mask, field) => mask | (1 << EVENT_FIELDS[field]), TYPE_MASK);
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
    let at = start;
    while (at < end) {
      // Ids, most texts and the int64s have a tag of one byte: read here, without the cursor.
      const tag = bytes[at] as number;
      const length = at + 1 < end ? (bytes[at + 1] as number) : 0x80;
      if (isShortText(tag, length, end - at - 2)) {
        at += 2 + length;
        if ((this.#keptMask & (1 << (tag >>> 3))) !== 0)
          this.#keepText(tag >>> 3, at - length, at, row);
      } else if (tag === EVENT_TIME_TAG || tag === PRICE_TAG) {
        at = this.#readInt64(tag, at + 1, end, row);
      } else at = this.#readField(at, end, row);
    }
    if (this.#seen !== this.#keptMask) this.#clearUnseen(row);
    return at === end;
  }

  #openBatch(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#fingerprint.open(bytes);
  }

  #clear(row: number): void {
    this.#seen = 0;
    this.type[row] = 0;
    this.eventTimeUs[row] = 0;
    this.priceHigh[row] = 0;
    this.priceLow[row] = 0;
  }

  #clearUnseen(row: number): void {
    for (const [field, column] of this.#columns.entries()) {
      if ((this.#seen & (1 << field)) === 0) column?.clear(row);
    }
  }

  /** Reads the int64 at `from`; returns where it ends, past `end` where it is malformed. */
  #readInt64(tag: number, from: number, end: number, row: number): number {
    const bytes = this.#bytes;
    let low = 0;
    let high = 0;
    let at = from;
    let byte = 0x80;
    for (let shift = 0; shift < 28 && byte >= 0x80; shift += 7) {
      byte = bytes[at++] as number;
      low |= (byte & 0x7f) << shift;
    }
    if (byte >= 0x80) {
      byte = bytes[at++] as number;
      low |= (byte & 0x7f) << 28;
      high = (byte & 0x7f) >>> 4;
      for (let shift = 3; shift < 38 && byte >= 0x80; shift += 7) {
        byte = bytes[at++] as number;
        high |= (byte & 0x7f) << shift;
      }
    }
    if (byte >= 0x80) return end + 1;
    if (tag === EVENT_TIME_TAG) this.eventTimeUs[row] = (high | 0) * 4_294_967_296 + (low >>> 0);
    else {
      this.priceHigh[row] = high;
      this.priceLow[row] = low;
    }
    return at;
  }

  /** Reads the field at `from`, of any form; returns where it ends, past `end` where it is malformed. */
  #readField(from: number, end: number, row: number): number {
    const cursor = this.#cursor;
    cursor.open(this.#bytes, from, end);
    const tag = cursor.readVarint32();
    const field = tag >>> 3;
    if ((tag & 7) === 2 && field !== 0) {
      const length = cursor.readLength();
      cursor.at += length;
      if (!cursor.overrun && field <= MAX_FIELD && (this.#keptMask & (1 << field)) !== 0)
        this.#keepText(field, cursor.at - length, cursor.at, row);
    } else if (tag === EVENT_TIME_TAG || tag === PRICE_TAG) {
      return this.#readInt64(tag, cursor.at, end, row);
    } else cursor.skip(field === 0 ? NO_WIRE_TYPE : tag & 7);
    return cursor.overrun ? end + 1 : cursor.at;
  }

  #keepText(field: number, start: number, end: number, row: number): void {
    this.#seen |= 1 << field;
    if (field === EVENT_FIELDS.type) this.type[row] = typeCodeAt(this.#bytes, start, end);
    const column = this.#columns[field];
    if (column === undefined) return;
    if (start === end) {
      column.clear(row);
      return;
    }
    const fingerprint = this.#fingerprint;
    fingerprint.of(start, end);
    column.high[row] = fingerprint.high;
    column.low[row] = fingerprint.low;
    column.start[row] = start;
    column.end[row] = end;
  }
}

const EVENT_TIME_TAG = EVENT_FIELDS.event_time << 3;
const PRICE_TAG = EVENT_FIELDS.price_nanos << 3;
const TYPE_MASK = 1 << EVENT_FIELDS.type;

/** A tag of one byte that says text, and a length of one byte that the bytes left can hold. */
function isShortText(tag: number, length: number, left: number): boolean {
  return (tag & 0x87) === 2 && tag >= 8 && length < 0x80 && length <= left;
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
