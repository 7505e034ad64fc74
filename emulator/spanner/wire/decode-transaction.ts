import type { Reader } from "protobufjs";
import type { TimestampBound } from "../database-state.ts";
import {
  endOfField,
  readDurationMs,
  readFields,
  readText,
  readTimestampMicros,
} from "./decode-value.ts";

export type TransactionOptions =
  | { readonly kind: "readWrite"; readonly previousId: string | undefined }
  | { readonly kind: "readOnly"; readonly bound: TimestampBound; readonly returnTimestamp: boolean }
  | { readonly kind: "partitionedDml" };

export type TransactionSelector =
  | { readonly kind: "singleUse" | "begin"; readonly options: TransactionOptions }
  | { readonly kind: "id"; readonly id: string };

const STRONG: TransactionOptions = {
  kind: "readOnly",
  bound: { kind: "strong" },
  returnTimestamp: false,
};
/** What a request that names no transaction means. */
export const SINGLE_STRONG: TransactionSelector = { kind: "singleUse", options: STRONG };
export const READ_WRITE: TransactionOptions = { kind: "readWrite", previousId: undefined };

export function readSelector(reader: Reader): TransactionSelector {
  let selector = SINGLE_STRONG;
  readFields(reader, endOfField(reader), {
    1: () => {
      selector = { kind: "singleUse", options: readOptions(reader) };
    },
    2: () => {
      selector = { kind: "id", id: readText(reader) };
    },
    3: () => {
      selector = { kind: "begin", options: readOptions(reader) };
    },
  });
  return selector;
}

/** `google.spanner.v1.TransactionOptions`: 1 read_write, 2 read_only, 3 partitioned_dml. */
export function readOptions(reader: Reader): TransactionOptions {
  let options = STRONG;
  readFields(reader, endOfField(reader), {
    1: () => {
      options = readReadWrite(reader);
    },
    2: () => {
      options = readReadOnly(reader);
    },
    3: () => {
      reader.skipType(2);
      options = { kind: "partitionedDml" };
    },
  });
  return options;
}

function readReadWrite(reader: Reader): TransactionOptions {
  let previousId: string | undefined;
  readFields(reader, endOfField(reader), {
    2: () => {
      previousId = readText(reader);
    },
  });
  return { kind: "readWrite", previousId };
}

/** Bounds that leave a choice (min_read_timestamp, max_staleness) are read at the newest time. */
function readReadOnly(reader: Reader): TransactionOptions {
  let bound: TimestampBound = { kind: "strong" };
  let returnTimestamp = false;
  readFields(reader, endOfField(reader), {
    4: () => {
      bound = { kind: "exact", timestampMicros: readTimestampMicros(reader) };
    },
    5: () => {
      bound = { kind: "staleness", stalenessMs: readDurationMs(reader) };
    },
    6: () => {
      returnTimestamp = reader.bool();
    },
  });
  return { kind: "readOnly", bound, returnTimestamp };
}
