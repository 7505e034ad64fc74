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
  #view: DataView = new DataView(new ArrayBuffer(0));

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
    const view = this.#view;
    const keptMask = this.#keptMask;
    let at = start;
    while (at + 1 < end) {
      // Nearly all fields have a tag of one byte, and a length or a small number of one: read at once.
      const head = view.getUint16(at, true);
      const tag = head & 0xff;
      if (isShort(head, TEXT)) {
        const from = at + 2;
        at = from + (head >>> 8);
        if ((keptMask & (1 << (tag >>> 3))) !== 0 && at <= end)
          this.#keep(tag >>> 3, from, at, row);
      } else if (tag === EVENT_TIME_TAG || tag === PRICE_TAG) {
        at = this.#readInt64(tag, at + 1, end, row);
      } else if (isShort(head, VARINT)) at += 2;
      else at = this.#readField(at, end, row);
    }
    if (this.#seen !== keptMask) this.#clearUnseen(row);
    return at === end;
  }

  #openBatch(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#fingerprint.open(bytes);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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
    const isTime = tag === EVENT_TIME_TAG;
    if (isTime && from + 8 <= end) {
      // Event times of this century take eight bytes: two words.
      const word = this.#view.getInt32(from, true);
      const next = this.#view.getInt32(from + 4, true);
      if ((word & CONTINUED) === CONTINUED && (next & CONTINUED) === LAST_OF_EIGHT) {
        this.eventTimeUs[row] = bitsOfVarint(next) * 2 ** 28 + bitsOfVarint(word);
        return from + 8;
      }
    } else if (!isTime && from + 4 <= end) {
      // Most prices take a word's bytes at most. The length is computed, since no branch predicts it.
      const word = this.#view.getInt32(from, true);
      const stops = ~word & CONTINUED;
      const lastBit = stops & -stops;
      if (stops !== 0) {
        this.priceHigh[row] = 0;
        this.priceLow[row] = bitsOfVarint(word & (lastBit - 1));
        return from + ((32 - Math.clz32(lastBit)) >>> 3);
      }
    }
    return this.#readLongInt64(tag, from, end, row);
  }

  #readLongInt64(tag: number, from: number, end: number, row: number): number {
    const cursor = this.#cursor;
    cursor.open(this.#bytes, from, end);
    cursor.readVarint64();
    if (cursor.overrun) return end + 1;
    if (tag === EVENT_TIME_TAG) {
      this.eventTimeUs[row] = (cursor.high | 0) * 2 ** 32 + cursor.low;
    } else {
      this.priceHigh[row] = cursor.high;
      this.priceLow[row] = cursor.low;
    }
    return cursor.at;
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
        this.#keep(field, cursor.at - length, cursor.at, row);
    } else if (tag === EVENT_TIME_TAG || tag === PRICE_TAG) {
      return this.#readInt64(tag, cursor.at, end, row);
    } else cursor.skip(field === 0 ? NO_WIRE_TYPE : tag & 7);
    return cursor.overrun ? end + 1 : cursor.at;
  }

  #keep(field: number, start: number, end: number, row: number): void {
    this.#seen |= 1 << field;
    if (field === TYPE) this.type[row] = typeCodeAt(this.#bytes, start, end);
    else this.#keepText(this.#columns[field], start, end, row);
  }

  #keepText(column: TextColumn | undefined, start: number, end: number, row: number): void {
    if (column === undefined) return;
    if (start === end) {
      column.clear(row);
      return;
    }
    this.#fingerprint.into(column, row, start, end);
    column.start[row] = start;
    column.end[row] = end;
  }
}

const TYPE = EVENT_FIELDS.type;
const EVENT_TIME_TAG = EVENT_FIELDS.event_time << 3;
const PRICE_TAG = EVENT_FIELDS.price_nanos << 3;
const TYPE_MASK = 1 << TYPE;

/** Wire types. */
const VARINT = 0;
const TEXT = 2;

/** Whether a field's first two bytes are a tag of that wire type, and a length or a number, of a byte each. */
function isShort(head: number, wireType: number): boolean {
  return (head & 0x80_87) === wireType && (head & 0x78) !== 0;
}

/** The bits that say of each of a word's bytes that its varint goes on. */
const CONTINUED = 0x80_80_80_80 | 0;
/** The same of a word whose last byte ends it. */
const LAST_OF_EIGHT = CONTINUED >>> 8;

/** The 28 bits of a varint whose bytes fill a word. */
function bitsOfVarint(word: number): number {
  return (
    (word & 0x7f) |
    ((word >>> 1) & 0x3f_80) |
    ((word >>> 2) & 0x1f_c0_00) |
    ((word >>> 3) & 0xf_e0_00_00)
  );
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
