/** Bytes of protobuf messages, written one behind the other into a buffer that grows and is used again. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(16 * 1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Gives up all that was written from `length` on. */
  cut(length: number): void {
    this.#length = length;
  }

  /** Copies what was written to `target`; returns the position behind it. */
  copyTo(target: Buffer, start: number): number {
    return start + this.#bytes.copy(target, start, 0, this.#length);
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  /** Makes room for so many bytes, and counts them as written: the caller writes them. */
  room(count: number): { readonly bytes: Buffer; readonly start: number } {
    const start = this.#length;
    if (start + count > this.#bytes.length) this.#grow(count);
    this.#length += count;
    return { bytes: this.#bytes, start };
  }

  /** A non-negative integer up to 2^53. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  bytes(source: Buffer, start: number, end: number): void {
    const target = this.room(end - start);
    if (end - start > LOOPED_BYTES_MAX) {
      source.copy(target.bytes, target.start, start, end);
      return;
    }
    const { bytes, start: from } = target;
    for (let index = start; index < end; index++) {
      bytes[from + index - start] = source[index] ?? 0;
    }
  }

  text(text: string): void {
    if (text.length <= LOOPED_BYTES_MAX && this.#ascii(text)) return;
    const { bytes, start } = this.room(Buffer.byteLength(text));
    bytes.write(text, start);
  }

  /** A field whose value is a text. */
  textField(field: number, text: string): void {
    this.varint(field * 8 + LENGTH_DELIMITED);
    const lengthStart = this.#length;
    this.varint(text.length);
    if (text.length <= LOOPED_BYTES_MAX && this.#ascii(text)) return;
    this.#length = lengthStart;
    const count = Buffer.byteLength(text);
    this.varint(count);
    const { bytes, start } = this.room(count);
    bytes.write(text, start);
  }

  double(value: number): void {
    const { bytes, start } = this.room(8);
    bytes.writeDoubleLE(value, start);
  }

  /** False, and nothing written, where the text is not ASCII only. */
  #ascii(text: string): boolean {
    const { bytes, start } = this.room(text.length);
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        this.#length = start;
        return false;
      }
      bytes[start + index] = code;
    }
    return true;
  }

  /** Printable ASCII that JSON does not escape, as it stands; else writes nothing and returns false. */
  plainJson(source: Buffer, start: number, end: number): boolean {
    const room = this.room(end - start);
    const target = room.bytes;
    let position = room.start;
    for (let index = start; index < end; index++) {
      const byte = source[index] ?? 0;
      if (byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) {
        this.#length = room.start;
        return false;
      }
      target[position++] = byte;
    }
    return true;
  }

  /** Begins a field that holds a length and so many bytes; {@link endField} takes what this returns. */
  beginField(field: number): number {
    this.varint(field * 8 + LENGTH_DELIMITED);
    return this.room(EXPECTED_LENGTH_BYTES).start;
  }

  /** Ends a field: writes its length before it, and moves it where the length takes another room than expected. */
  endField(lengthStart: number): void {
    const start = lengthStart + EXPECTED_LENGTH_BYTES;
    const end = this.#length;
    const lengthBytes = varintBytes(end - start);
    if (lengthBytes !== EXPECTED_LENGTH_BYTES) {
      if (lengthBytes > EXPECTED_LENGTH_BYTES) this.room(lengthBytes - EXPECTED_LENGTH_BYTES);
      this.#bytes.copyWithin(lengthStart + lengthBytes, start, end);
    }
    this.#length = lengthStart;
    this.varint(end - start);
    this.#length += end - start;
  }

  #grow(count: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * (this.#bytes.length + count));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Up to here, copying byte by byte takes less time than a call to copy. */
const LOOPED_BYTES_MAX = 96;
const LENGTH_DELIMITED = 2;
/** Of a length from 128 to 16,383, as most rows and their attributes have. */
const EXPECTED_LENGTH_BYTES = 2;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
