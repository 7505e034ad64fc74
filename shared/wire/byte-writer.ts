/**
 * Writes protobuf's wire types into one buffer that grows, without an object a value.
 *
 * Source: protobuf.dev, "Encoding".
 */
export class ByteWriter {
  #bytes: Buffer;
  #at = 0;

  constructor(capacity = 1024) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#at;
  }

  /** Everything that was written. The writer starts anew with a buffer of its own. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#at);
    this.#bytes = Buffer.allocUnsafe(Math.max(this.#at, 1024));
    this.#at = 0;
    return taken;
  }

  /** A varint, e.g. a tag: a whole number from 0 to 2^53. */
  varint(value: number): void {
    this.#reserve(VARINT_BYTES_MAX);
    const bytes = this.#bytes;
    let at = this.#at;
    let rest = value;
    if (value >= 0x80_00_00_00) {
      // The lowest 28 bits, as four bytes at once: more than that is no whole number to a shift.
      const low = value % 0x10_00_00_00;
      rest = (value - low) / 0x10_00_00_00;
      bytes[at] = (low & 0x7f) | 0x80;
      bytes[at + 1] = ((low >>> 7) & 0x7f) | 0x80;
      bytes[at + 2] = ((low >>> 14) & 0x7f) | 0x80;
      bytes[at + 3] = (low >>> 21) | 0x80;
      at += 4;
    }
    while (rest >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#at = at;
  }

  /** An int64 of any sign; what stands behind the point is cut off. */
  int64(value: number | bigint): void {
    if (typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
      this.varint(Math.floor(value));
      return;
    }
    let rest = BigInt.asUintN(64, typeof value === "bigint" ? value : BigInt(Math.trunc(value)));
    this.#reserve(VARINT_BYTES_MAX);
    for (; rest >= 0x80n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#at++] = Number(rest);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  /** A text after its length. */
  text(text: string): void {
    const { length } = text;
    this.#reserve(VARINT_BYTES_MAX + length * 3);
    if (length < SHORT_TEXT && this.#shortText(text)) return;
    this.varint(Buffer.byteLength(text));
    this.#at += this.#bytes.write(text, this.#at);
  }

  /** Bytes after their length. */
  bytes(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** The bytes in Base64, as text after its length. */
  base64({ buffer, byteOffset, length }: Uint8Array): void {
    const text = Buffer.from(buffer, byteOffset, length).toString("base64");
    this.varint(text.length);
    this.#reserve(text.length);
    this.#at += this.#bytes.write(text, this.#at, "latin1");
  }

  /** Begins a message that goes after its length; {@link end} takes what this returned. */
  begin(): number {
    this.#reserve(1);
    return ++this.#at;
  }

  /** Ends a message: its length is known, and what was written moves where that takes more than a byte. */
  end(start: number): void {
    const length = this.#at - start;
    let extra = 0;
    for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 0x80)) extra++;
    if (extra > 0) {
      this.#reserve(extra);
      this.#bytes.copyWithin(start + extra, start, this.#at);
    }
    this.#at = start - 1;
    this.varint(length);
    this.#at += length;
  }

  /** Writes a text of less than 128 bytes that is plain ASCII; false where it is not. */
  #shortText(text: string): boolean {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return false;
      bytes[start + index] = code;
    }
    bytes[this.#at] = text.length;
    this.#at = start + text.length;
    return true;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

const VARINT_BYTES_MAX = 10;
/** Shorter texts take one byte of length, and a loop over them is faster than a call. */
const SHORT_TEXT = 0x80;
