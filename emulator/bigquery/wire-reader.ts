/** Protocol Buffers' wire format, read straight from a buffer. Offsets past the end throw RangeError. */
export class WireReader {
  readonly #bytes: Buffer;
  readonly end: number;
  at: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** An unsigned varint of up to 32 bits: tags and lengths. */
  small(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError("a tag or length is too large");
  }

  /** A varint as an unsigned 64-bit integer. */
  varint(): bigint {
    let low = 0;
    let scale = 1;
    for (let index = 0; index < 7; index++) {
      const byte = this.#byte();
      low += (byte & 0x7f) * scale;
      if (byte < 0x80) return BigInt(low);
      scale *= 128;
    }
    let high = 0n;
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      high |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, high | BigInt(low));
    }
    throw new RangeError("a varint is longer than ten bytes");
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#skip(8));
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#skip(4));
  }

  fixed32(): number {
    return this.#bytes.readInt32LE(this.#skip(4));
  }

  fixed64(): bigint {
    return this.#bytes.readBigInt64LE(this.#skip(8));
  }

  text(): string {
    const length = this.small();
    const start = this.#skip(length);
    return this.#bytes.toString("utf8", start, start + length);
  }

  bytes(): Buffer {
    const length = this.small();
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  message(): WireReader {
    const length = this.small();
    const start = this.#skip(length);
    return new WireReader(this.#bytes, start, start + length);
  }

  skipField(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.#skip(8);
    else if (wireType === 2) this.#skip(this.small());
    else if (wireType === 5) this.#skip(4);
    else throw new RangeError(`wire type ${wireType} is not supported`);
  }

  #byte(): number {
    const byte = this.at < this.end ? this.#bytes[this.at++] : undefined;
    if (byte === undefined) throw new RangeError("the row is cut off");
    return byte;
  }

  #skip(length: number): number {
    const start = this.at;
    if (start + length > this.end) throw new RangeError("the row is cut off");
    this.at = start + length;
    return start;
  }
}
