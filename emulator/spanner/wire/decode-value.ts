import type { Reader } from "protobufjs";
import type { KeyRangeBounds, KeySet } from "../transactions/mutation.ts";
import type { Cell } from "../values/cell.ts";
import { readSharedText } from "./shared-text.ts";

/** The end of the length-delimited field that the reader stands before. */
export function endOfField(reader: Reader): number {
  const length = reader.uint32();
  return reader.pos + length;
}

/** Reads the fields up to `end`, each by its number; fields that no one reads are skipped. */
export function readFields(
  reader: Reader,
  end: number,
  fields: Readonly<Record<number, () => unknown>>,
): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    const read = fields[tag >>> 3];
    if (read === undefined) reader.skipType(tag & 7);
    else read();
  }
}

/** `google.protobuf.Value`: 1 null, 2 number, 3 string, 4 bool, 6 list. A struct reads as null. */
export function readValue(reader: Reader): Cell {
  const end = endOfField(reader);
  let value: Cell = null;
  while (reader.pos < end) {
    const tag = reader.uint32();
    switch (tag >>> 3) {
      case 2:
        value = reader.double();
        break;
      case 3:
        value = readSharedText(reader);
        break;
      case 4:
        value = reader.bool();
        break;
      case 6:
        value = readListValue(reader);
        break;
      default:
        reader.skipType(tag & 7);
    }
  }
  return value;
}

/** `google.protobuf.ListValue`: 1 values. */
export function readListValue(reader: Reader): Cell[] {
  const end = endOfField(reader);
  const values: Cell[] = [];
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) values.push(readValue(reader));
    else reader.skipType(tag & 7);
  }
  return values;
}

/** `google.spanner.v1.KeySet`: 1 keys, 2 ranges, 3 all. */
export function readKeySet(reader: Reader): KeySet {
  const keys: Cell[][] = [];
  const ranges: KeyRangeBounds[] = [];
  let all = false;
  readFields(reader, endOfField(reader), {
    1: () => {
      keys.push(readListValue(reader));
    },
    2: () => {
      ranges.push(readKeyRange(reader));
    },
    3: () => {
      all = reader.bool();
    },
  });
  return { keys, ranges, all };
}

/** `google.spanner.v1.KeyRange`: 1 start_closed, 2 start_open, 3 end_closed, 4 end_open. */
function readKeyRange(reader: Reader): KeyRangeBounds {
  const bounds = { start: [] as Cell[], startClosed: true, end: [] as Cell[], endClosed: true };
  const readStart = (closed: boolean) => {
    bounds.start = readListValue(reader);
    bounds.startClosed = closed;
  };
  const readEnd = (closed: boolean) => {
    bounds.end = readListValue(reader);
    bounds.endClosed = closed;
  };
  readFields(reader, endOfField(reader), {
    1: () => readStart(true),
    2: () => readStart(false),
    3: () => readEnd(true),
    4: () => readEnd(false),
  });
  return bounds;
}

/** `google.protobuf.Timestamp` in microseconds; Spanner's own timestamps have no more. */
export function readTimestampMicros(reader: Reader): number {
  let micros = 0;
  readFields(reader, endOfField(reader), {
    1: () => {
      micros += Number(reader.int64()) * 1_000_000;
    },
    2: () => {
      micros += Math.floor(reader.int32() / 1000);
    },
  });
  return micros;
}

/** `google.protobuf.Duration` in milliseconds. */
export function readDurationMs(reader: Reader): number {
  let milliseconds = 0;
  readFields(reader, endOfField(reader), {
    1: () => {
      milliseconds += Number(reader.int64()) * 1000;
    },
    2: () => {
      milliseconds += reader.int32() / 1_000_000;
    },
  });
  return milliseconds;
}

export function readText(reader: Reader): string {
  return Buffer.from(reader.bytes()).toString("latin1");
}
