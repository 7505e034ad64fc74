import protobuf, { type Writer } from "protobufjs";
import { ByteWriter } from "../../grpc/byte-writer.ts";
import type { Cell } from "../values/cell.ts";
import { type SpannerType, type StructField, wireCodeOf } from "../values/type.ts";
import { writeCell } from "./encode-value.ts";

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

const ROW_TYPE = 1;
const METADATA = 1;

/** A result as one `ResultSet`: 1 metadata, 2 rows, 3 stats. */
export function encodeResultSet(result: Result): Buffer {
  return finish(writeResultSet(protobuf.Writer.create(), result));
}

function writeResultSet(writer: Writer, result: Result): Writer {
  writeMetadata(message(writer, METADATA), result).ldelim();
  for (const row of result.rows) writeList(message(writer, 2), row).ldelim();
  return writeStats(writer, 3, result);
}

/** The values of the piece that is being made; it is empty whenever a piece is handed out. */
const values = new ByteWriter();

/** A result as a stream of `PartialResultSet`: 1 metadata, 2 values, 5 stats, 9 last. */
export function* encodePartialResultSets(result: Result): Generator<Buffer> {
  let before = finish(writeMetadata(message(protobuf.Writer.create(), METADATA), result).ldelim());
  values.cut(0);
  for (const row of result.rows) {
    for (const cell of row) writeCell(values, 2, cell);
    if (values.length > PIECE_BYTES) {
      const piece = pieceOf(before, NOTHING);
      before = NOTHING;
      yield piece;
    }
  }
  const stats = writeStats(protobuf.Writer.create(), 5, result);
  yield pieceOf(before, finish(stats.uint32(tag(9, 0)).bool(true)));
}

/** Takes the values that are written, between what comes before and after them. */
function pieceOf(before: Buffer, after: Buffer): Buffer {
  const piece = Buffer.allocUnsafe(before.length + values.length + after.length);
  before.copy(piece);
  after.copy(piece, values.copyTo(piece, before.length));
  values.cut(0);
  return piece;
}

const NOTHING = Buffer.alloc(0);

/** `ExecuteBatchDmlResponse`: 1 result_sets, 2 status. */
export function encodeBatchDmlResponse(
  results: readonly Result[],
  failure: { readonly code: number; readonly message: string },
): Buffer {
  const writer = protobuf.Writer.create();
  for (const result of results) writeResultSet(message(writer, 1), result).ldelim();
  const status = message(writer, 2).uint32(tag(1, 0)).int32(failure.code);
  return finish(status.uint32(tag(2, 2)).string(failure.message).ldelim());
}

/** `CommitResponse`: 1 commit_timestamp, 2 commit_stats. */
export function encodeCommitResponse(
  timestampMicros: number,
  mutationCount: number | undefined,
): Buffer {
  const writer = protobuf.Writer.create();
  writeTimestamp(writer, 1, timestampMicros);
  if (mutationCount !== undefined) {
    message(writer, 2).uint32(tag(1, 0)).int64(mutationCount).ldelim();
  }
  return finish(writer);
}

export function encodeTransaction(transaction: BegunTransaction): Buffer {
  return finish(writeTransaction(protobuf.Writer.create(), transaction));
}

/** `ResultSetMetadata`: 1 row_type, 2 transaction. */
function writeMetadata(writer: Writer, result: Result): Writer {
  writeStructType(message(writer, ROW_TYPE), result.columns).ldelim();
  if (result.transaction !== undefined) {
    writeTransaction(message(writer, 2), result.transaction).ldelim();
  }
  return writer;
}

function writeStructType(writer: Writer, fields: readonly StructField[]): Writer {
  for (const { name, type } of fields) {
    const field = message(writer, 1).uint32(tag(1, 2)).string(name);
    writeType(message(field, 2), type).ldelim();
    field.ldelim();
  }
  return writer;
}

function writeType(writer: Writer, type: SpannerType): Writer {
  writer.uint32(tag(1, 0)).int32(wireCodeOf(type));
  if (type.element !== undefined) writeType(message(writer, 2), type.element).ldelim();
  if (type.fields !== undefined) writeStructType(message(writer, 3), type.fields).ldelim();
  return writer;
}

/** `Transaction`: 1 id, 2 read_timestamp. */
function writeTransaction(writer: Writer, transaction: BegunTransaction): Writer {
  if (transaction.id !== "") writer.uint32(tag(1, 2)).bytes(Buffer.from(transaction.id, "latin1"));
  if (transaction.readTimestampMicros !== undefined) {
    writeTimestamp(writer, 2, transaction.readTimestampMicros);
  }
  return writer;
}

function writeTimestamp(writer: Writer, field: number, micros: number): void {
  const seconds = Math.floor(micros / 1_000_000);
  const nanos = (micros - seconds * 1_000_000) * 1000;
  message(writer, field).uint32(tag(1, 0)).int64(seconds).uint32(tag(2, 0)).int32(nanos).ldelim();
}

/** `ResultSetStats`: 3 row_count_exact, 4 row_count_lower_bound. */
function writeStats(writer: Writer, field: number, { rowCount }: Result): Writer {
  if (rowCount === undefined) return writer;
  const stats = message(writer, field).uint32(tag(rowCount.isExact ? 3 : 4, 0));
  return stats.int64(rowCount.count).ldelim();
}

function writeList(writer: Writer, cells: readonly Cell[]): Writer {
  for (const cell of cells) writeValue(message(writer, 1), cell).ldelim();
  return writer;
}

function writeValue(writer: Writer, cell: Cell): Writer {
  if (cell === null) return writer.uint32(tag(1, 0)).int32(0);
  if (typeof cell === "string") return writer.uint32(tag(3, 2)).string(cell);
  if (typeof cell === "boolean") return writer.uint32(tag(4, 0)).bool(cell);
  if (typeof cell !== "number") return writeList(message(writer, 6), cell).ldelim();
  if (Number.isFinite(cell)) return writer.uint32(tag(2, 1)).double(cell);
  return writer.uint32(tag(3, 2)).string(String(cell));
}

function message(writer: Writer, field: number): Writer {
  return writer.uint32(tag(field, 2)).fork();
}

function tag(field: number, wireType: number): number {
  return (field << 3) | wireType;
}

function finish(writer: Writer): Buffer {
  return Buffer.from(writer.finish());
}
