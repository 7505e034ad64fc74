import { status } from "@grpc/grpc-js";
import { StatusError } from "../grpc/status-error.ts";

/** Protobuf wire types that occur; groups (3 and 4) are refused. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Walks the fields of one encoded protobuf message without building an object, for the calls that
 * carry messages and ack ids. After `next()` the members describe the field just read.
 */
export class FieldReader {
  bytes: Buffer;
  field = 0;
  wireType = 0;
  /** The value's first byte and the byte after its last; for `bytes` fields without the length. */
  start = 0;
  end = 0;
  /** Where the field's tag begins, for whoever copies the whole field. */
  tagStart = 0;
  /** The value of a varint field, exact to 2^53. */
  value = 0;
  #position: number;
  #limit: number;

  constructor(bytes: Buffer, start = 0, limit = bytes.length) {
    this.bytes = bytes;
    this.#position = start;
    this.#limit = limit;
  }

  /** Begins anew, with another message; so one reader serves many. */
  restart(bytes: Buffer, start: number, limit: number): void {
    this.bytes = bytes;
    this.#position = start;
    this.#limit = limit;
  }

  next(): boolean {
    if (this.#position >= this.#limit) return false;
    this.tagStart = this.#position;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    this.wireType = tag % 8;
    if (this.field === 0) throw malformed("a field is numbered 0");
    this.start = this.#position;
    this.#position = this.#valueEnd();
    this.end = this.#position;
    if (this.end > this.#limit) throw malformed(`field ${this.field} is cut short`);
    return true;
  }

  text(): string {
    return this.bytes.toString("utf8", this.start, this.end);
  }

  /** A string field known to be ASCII, such as an ack id; faster than {@link text}. */
  ascii(): string {
    return this.bytes.toString("latin1", this.start, this.end);
  }

  /** The value of a varint field as a 32-bit signed integer. */
  int32(): number {
    return (this.value % 4_294_967_296) | 0;
  }

  #valueEnd(): number {
    switch (this.wireType) {
      case WIRE.varint:
        this.value = this.#varint();
        return this.#position;
      case WIRE.bytes: {
        const length = this.#varint();
        this.start = this.#position;
        return this.#position + length;
      }
      case WIRE.fixed64:
        return this.#position + 8;
      case WIRE.fixed32:
        return this.#position + 4;
      default:
        throw malformed(`field ${this.field} has wire type ${this.wireType}`);
    }
  }

  #varint(): number {
    const { bytes } = this;
    let result = 0;
    let factor = 1;
    for (let index = 0; index < 10; index++) {
      const byte = bytes[this.#position++];
      if (byte === undefined || this.#position > this.#limit) break;
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return result;
      factor *= 128;
    }
    throw malformed("a varint does not end");
  }
}

function malformed(what: string): StatusError {
  return new StatusError(status.INVALID_ARGUMENT, `The bytes are not a protobuf message: ${what}.`);
}
