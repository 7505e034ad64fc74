import { ByteWriter } from "../../grpc/byte-writer.ts";
import type { Cell } from "../values/cell.ts";
import { type SpannerType, type StructField, wireCodeOf } from "../values/type.ts";
import { LIST_VALUES, writeCell } from "./encode-value.ts";

/** What a transaction's begin answers, alone or inside a result's metadata. */
export interface BegunTransaction {
  readonly id: string;
  readonly readTimestampMicros: number | undefined;
}

export interface Result {
  readonly columns: readonly StructField[];
  readonly rows: readonly (readonly Cell[])[];
  readonly transaction: BegunTransaction | undefined;
  /** Of a DML statement; undefined for a query. */
  readonly rowCount: { readonly count: number; readonly isExact: boolean } | undefined;
}

/** Rows are sent in pieces of about this size, so that no message grows beyond what clients take. */
const PIECE_BYTES = 1_000_000;

/** `ResultSet` and `PartialResultSet`. */
const METADATA = 1;
const RESULT_ROWS = 2;
const PARTIAL_VALUES = 2;
const RESULT_STATS = 3;
const PARTIAL_STATS = 5;
const PARTIAL_IS_LAST = 9;

/** What is being encoded. Empty between two answers, and between two pieces of one. */
const target = new ByteWriter();

/** A result as one `ResultSet`: 1 metadata, 2 rows, 3 stats. */
export function encodeResultSet(result: Result): Buffer {
  return encoded(() => writeResultSet(result));
}

function writeResultSet(result: Result): void {
  writeMetadata(result);
  for (const row of result.rows) {
    writeMessage(RESULT_ROWS, () => {
      for (const cell of row) writeCell(target, LIST_VALUES, cell);
    });
  }
  writeStats(RESULT_STATS, result);
}

/** A result as a stream of `PartialResultSet`: 1 metadata, 2 values, 5 stats, 9 last. */
export function* encodePartialResultSets(result: Result): Generator<Buffer> {
  writeMetadata(result);
  for (const row of result.rows) {
    for (const cell of row) writeCell(target, PARTIAL_VALUES, cell);
    if (target.length > PIECE_BYTES) yield taken();
  }
  writeStats(PARTIAL_STATS, result);
  writeNumber(PARTIAL_IS_LAST, 1);
  yield taken();
}

/** `ExecuteBatchDmlResponse`: 1 result_sets, 2 status. */
export function encodeBatchDmlResponse(
  results: readonly Result[],
  failure: { readonly code: number; readonly message: string },
): Buffer {
  return encoded(() => {
    for (const result of results) writeMessage(1, () => writeResultSet(result));
    writeMessage(2, () => {
      writeNumber(1, failure.code);
      target.textField(2, failure.message);
    });
  });
}

/** `CommitResponse`: 1 commit_timestamp, 2 commit_stats. */
export function encodeCommitResponse(
  timestampMicros: number,
  mutationCount: number | undefined,
): Buffer {
  return encoded(() => {
    writeTimestamp(1, timestampMicros);
    if (mutationCount !== undefined) writeMessage(2, () => writeNumber(1, mutationCount));
  });
}

export function encodeTransaction(transaction: BegunTransaction): Buffer {
  return encoded(() => writeTransaction(transaction));
}

/** `ResultSetMetadata`: 1 row_type, 2 transaction. */
function writeMetadata({ columns, transaction }: Result): void {
  writeMessage(METADATA, () => {
    writeMessage(1, () => writeStructType(columns));
    if (transaction !== undefined) writeMessage(2, () => writeTransaction(transaction));
  });
}

/** `StructType`: 1 fields, each with 1 name, 2 type. */
function writeStructType(fields: readonly StructField[]): void {
  for (const { name, type } of fields) {
    writeMessage(1, () => {
      target.textField(1, name);
      writeMessage(2, () => writeType(type));
    });
  }
}

/** `Type`: 1 code, 2 array_element_type, 3 struct_type. */
function writeType(type: SpannerType): void {
  const { element, fields } = type;
  writeNumber(1, wireCodeOf(type));
  if (element !== undefined) writeMessage(2, () => writeType(element));
  if (fields !== undefined) writeMessage(3, () => writeStructType(fields));
}

/** `Transaction`: 1 id, 2 read_timestamp. */
function writeTransaction({ id, readTimestampMicros }: BegunTransaction): void {
  if (id !== "") {
    const bytes = Buffer.from(id, "latin1");
    writeMessage(1, () => target.bytes(bytes, 0, bytes.length));
  }
  if (readTimestampMicros !== undefined) writeTimestamp(2, readTimestampMicros);
}

/** `google.protobuf.Timestamp`: 1 seconds, 2 nanos. */
function writeTimestamp(field: number, micros: number): void {
  const seconds = Math.floor(micros / 1_000_000);
  writeMessage(field, () => {
    writeNumber(1, seconds);
    writeNumber(2, (micros - seconds * 1_000_000) * 1000);
  });
}

/** `ResultSetStats`: 3 row_count_exact, 4 row_count_lower_bound. */
function writeStats(field: number, { rowCount }: Result): void {
  if (rowCount === undefined) return;
  writeMessage(field, () => writeNumber(rowCount.isExact ? 3 : 4, rowCount.count));
}

/** A field whose value is what `write` writes. */
function writeMessage(field: number, write: () => void): void {
  const start = target.beginField(field);
  write();
  target.endField(start);
}

/** A field whose value is a non-negative integer. */
function writeNumber(field: number, value: number): void {
  target.varint(field * 8);
  target.varint(value);
}

function encoded(write: () => void): Buffer {
  target.cut(0);
  write();
  return taken();
}

function taken(): Buffer {
  const bytes = Buffer.allocUnsafe(target.length);
  target.copyTo(bytes, 0);
  target.cut(0);
  return bytes;
}
