import { RECORD_BYTES_MAX } from "./read-record.ts";

/** One record's bytes and the line it starts on, from 1. `bytes` is undefined where it is too large. */
export interface SplitRecord {
  readonly line: number;
  readonly bytes: Uint8Array | undefined;
}

const LF = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const NESTING: ReadonlyMap<number, number> = new Map([
  [0x5b, 1],
  [0x7b, 1],
  [0x5d, -1],
  [0x7d, -1],
]);
const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d, LF]);
const BYTE_ORDER_MARK: ReadonlySet<number> = new Set([0xef, 0xbb, 0xbf]);

/**
 * Cuts a stream of bytes into records: lines (NDJSON), or the elements of one JSON array where the first
 * byte that is no space is a bracket. Holds one record at most, and nothing of one that is too large.
 * What is no JSON is cut all the same, and refused by whoever reads it.
 */
export class RecordSplitter {
  #cutter: LineCutter | ArrayCutter | undefined;
  #line = 1;

  /** The records that end in this chunk. */
  *push(chunk: Uint8Array): Generator<SplitRecord> {
    let from = 0;
    while (this.#cutter === undefined && from < chunk.length) {
      const byte = chunk[from] ?? 0;
      if (byte === LF) this.#line++;
      if (byte === BRACKET) this.#cutter = new ArrayCutter(this.#line);
      else if (!SPACES.has(byte) && !BYTE_ORDER_MARK.has(byte)) {
        this.#cutter = new LineCutter(this.#line);
        break;
      }
      from++;
    }
    if (this.#cutter !== undefined) yield* this.#cutter.push(chunk.subarray(from));
  }

  /** What is left when the stream ends: a last line, or an array that was never closed. */
  *end(): Generator<SplitRecord> {
    if (this.#cutter !== undefined) yield* this.#cutter.end();
  }
}

/** The bytes of the record under way; what is over the bound is counted and dropped. */
class RecordBytes {
  #parts: Uint8Array[] = [];
  #size = 0;

  keep(part: Uint8Array): void {
    this.#size += part.length;
    if (this.#size <= RECORD_BYTES_MAX) this.#parts.push(part);
    else this.#parts = [];
  }

  take(): Uint8Array | undefined {
    const bytes = this.#size > RECORD_BYTES_MAX ? undefined : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    return bytes;
  }
}

class LineCutter {
  readonly #record = new RecordBytes();
  #line: number;

  constructor(line: number) {
    this.#line = line;
  }

  *push(chunk: Uint8Array): Generator<SplitRecord> {
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      this.#record.keep(chunk.subarray(from, at));
      yield* this.end();
      this.#line++;
      from = at + 1;
    }
    this.#record.keep(chunk.subarray(from));
  }

  /** The line under way, unless it is blank. */
  *end(): Generator<SplitRecord> {
    const bytes = this.#record.take();
    if (bytes === undefined || bytes.some((byte) => !SPACES.has(byte))) {
      yield { line: this.#line, bytes };
    }
  }
}

class ArrayCutter {
  readonly #record = new RecordBytes();
  #line: number;
  #startLine: number;
  #depth = 1;
  #isInString = false;
  #isEscaped = false;
  #hasContent = false;
  #isAfterComma = false;

  constructor(line: number) {
    this.#line = line;
    this.#startLine = line;
  }

  *push(chunk: Uint8Array): Generator<SplitRecord> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      const isContent = !SPACES.has(byte);
      if (isContent && this.#ends(byte)) {
        this.#record.keep(chunk.subarray(from, at));
        from = at + 1;
        if (byte === COMMA || this.#hasContent || this.#isAfterComma) yield this.#take();
        this.#isAfterComma = byte === COMMA;
      } else if (isContent && !this.#hasContent) {
        this.#hasContent = true;
        this.#startLine = this.#line;
      }
      if (byte === LF) this.#line++;
    }
    this.#record.keep(chunk.subarray(from));
  }

  /** Past the array's end nothing may follow; before it, the array was never closed. */
  *end(): Generator<SplitRecord> {
    if (this.#hasContent || this.#depth > 0) yield this.#take();
  }

  /** Whether the byte ends an element: a comma or the closing bracket, outside strings and nesting. */
  #ends(byte: number): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isInString = false;
      return false;
    }
    if (byte === QUOTE) this.#isInString = true;
    else if (this.#depth > 0) this.#depth += NESTING.get(byte) ?? 0;
    return (byte === COMMA && this.#depth === 1) || (this.#depth === 0 && NESTING.get(byte) === -1);
  }

  #take(): SplitRecord {
    this.#hasContent = false;
    return { line: this.#startLine, bytes: this.#record.take() };
  }
}
