import { ByteWriter } from "./byte-writer.ts";

/** A value of a row of Spanner: INT64 as a number, TIMESTAMP as RFC 3339 or {@link COMMIT_TIMESTAMP}. */
export type SpannerValue = string | number | boolean | Uint8Array;

/** Rows to insert, their values in the columns' order. */
export interface TableInsert {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SpannerValue[])[];
}

/** Stands for the time at which the commit is applied. */
export const COMMIT_TIMESTAMP = "spanner.commit_timestamp()";

/**
 * Bytes of a CommitRequest that inserts rows in a transaction of its own.
 *
 * Field numbers: google/spanner/v1/spanner.proto and mutation.proto.
 */
export function encodeCommit(session: string, inserts: readonly TableInsert[]): Buffer {
  writer.varint(SESSION);
  writer.text(session);
  writer.varint(SINGLE_USE_TRANSACTION);
  const transaction = writer.begin();
  writer.varint(READ_WRITE);
  writer.varint(0);
  writer.end(transaction);
  for (const insert of inserts) if (insert.rows.length > 0) writeInsert(insert);
  return writer.take();
}

/** Takes one request after the other: it knows from the last one how large they are. */
const writer = new ByteWriter(256 * 1024);

function writeInsert({ table, columns, rows }: TableInsert): void {
  writer.varint(MUTATIONS);
  const mutation = writer.begin();
  writer.varint(INSERT);
  const write = writer.begin();
  writer.varint(WRITE_TABLE);
  writer.text(table);
  for (const column of columns) {
    writer.varint(WRITE_COLUMNS);
    writer.text(column);
  }
  for (const row of rows) {
    writer.varint(WRITE_VALUES);
    const list = writer.begin();
    for (const value of row) writeValue(value);
    writer.end(list);
  }
  writer.end(write);
  writer.end(mutation);
}

function writeValue(value: SpannerValue): void {
  writer.varint(LIST_VALUES);
  const start = writer.begin();
  if (typeof value === "boolean") {
    writer.varint(BOOL_VALUE);
    writer.varint(Number(value));
  } else {
    writer.varint(STRING_VALUE);
    if (value instanceof Uint8Array) writer.base64(value);
    else writer.text(String(value));
  }
  writer.end(start);
}

const SESSION = (1 << 3) | 2;
const SINGLE_USE_TRANSACTION = (3 << 3) | 2;
const MUTATIONS = (4 << 3) | 2;
const READ_WRITE = (1 << 3) | 2;
const INSERT = (1 << 3) | 2;
const WRITE_TABLE = (1 << 3) | 2;
const WRITE_COLUMNS = (2 << 3) | 2;
const WRITE_VALUES = (3 << 3) | 2;
const LIST_VALUES = (1 << 3) | 2;
const STRING_VALUE = (3 << 3) | 2;
const BOOL_VALUE = 4 << 3;
