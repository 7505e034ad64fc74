/**
 * Reads protobuf's wire types in place. Reading past the end sets {@link overrun} and yields zeros
 * instead of throwing, so that a loop over good messages has no exception paths.
 *
 * Source: protobuf.dev, "Encoding".
 */
export class ByteCursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  /** Whether a read went past the end, or a varint past ten bytes. The message is malformed. */
  overrun = false;
  /** The halves of the varint that {@link readVarint64} read. */
  low = 0;
  high = 0;

  open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.overrun = false;
  }

  /** The next varint's low 32 bits, unsigned; what tags, lengths and small integers need. */
  readVarint32(): number {
    const byte = this.#next();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 70; shift += 7) {
      const next = this.#next();
      if (shift < 32) value |= (next & 0x7f) << shift;
      if (next < 0x80) return value >>> 0;
    }
    this.overrun = true;
    return 0;
  }

  /** Reads a 64-bit varint into {@link low} and {@link high}, both unsigned. */
  readVarint64(): void {
    const { bytes, end } = this;
    let at = this.at;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70 && at < end; shift += 7) {
      const byte = bytes[at++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.at = at;
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    this.at = at;
    this.overrun = true;
    this.low = 0;
    this.high = 0;
  }

  /** Reads a length and checks that so many bytes follow; {@link at} stands at the first of them. */
  readLength(): number {
    const length = this.readVarint32();
    if (length <= this.end - this.at) return length;
    this.overrun = true;
    this.at = this.end;
    return 0;
  }

  /** Steps over the value of a field nobody asked for. */
  skip(wireType: number): void {
    if (wireType === 2) this.#step(this.readLength());
    else if (wireType === 0) this.#skipVarint();
    else if (wireType === 1) this.#step(8);
    else if (wireType === 5) this.#step(4);
    else this.#step(Number.MAX_SAFE_INTEGER);
  }

  #skipVarint(): void {
    for (let count = 0; count < 10; count++) if (this.#next() < 0x80) return;
    this.overrun = true;
  }

  #step(count: number): void {
    if (count <= this.end - this.at) this.at += count;
    else {
      this.overrun = true;
      this.at = this.end;
    }
  }

  #next(): number {
    if (this.at < this.end) return this.bytes[this.at++] as number;
    this.overrun = true;
    return 0;
  }
}
