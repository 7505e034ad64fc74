import { ByteWriter, varintBytes } from "../grpc/byte-writer.ts";
import { FieldReader } from "./field-reader.ts";
import type { StoredMessage } from "./stored-message.ts";

/** Field numbers of `AppendRowsRequest` and of what is in it. */
const FIELD = { writeStream: 1, protoRows: 4, rows: 2, serializedRows: 1 } as const;

const LENGTH_DELIMITED = 2;
const NOTHING = Buffer.alloc(0);

/** The bytes of `AppendRowsRequest`s of one connection: the first one tells the rows' type, the service keeps it. */
export class AppendRequests {
  /** `write_stream`, encoded with its tag. */
  readonly #writeStream: Buffer = NOTHING;
  readonly #writeRow: (message: StoredMessage, target: ByteWriter) => void;
  readonly #head = new ByteWriter();
  readonly #rows = new ByteWriter();
  /** `ProtoData.writer_schema`, encoded; empty once it was sent. */
  #writerSchema: Buffer = NOTHING;

  /** `first` is a request without rows, which names the stream and has the writer's schema. */
  constructor(first: Buffer, writeRow: (message: StoredMessage, target: ByteWriter) => void) {
    const fields = new FieldReader(first);
    this.#writeRow = writeRow;
    while (fields.next()) {
      if (fields.field === FIELD.writeStream) {
        this.#writeStream = first.subarray(fields.tagStart, fields.end);
      }
      if (fields.field === FIELD.protoRows) {
        this.#writerSchema = first.subarray(fields.start, fields.end);
      }
    }
  }

  /** The next request of the connection, with these rows. */
  next(messages: Iterable<StoredMessage>): Buffer {
    const rows = this.#rows;
    rows.cut(0);
    for (const message of messages) {
      const start = rows.beginField(FIELD.serializedRows);
      this.#writeRow(message, rows);
      rows.endField(start);
    }
    const schema = this.#writerSchema;
    this.#writerSchema = NOTHING;
    const dataBytes = schema.length + 1 + varintBytes(rows.length) + rows.length;
    const head = this.#head;
    head.cut(0);
    head.bytes(this.#writeStream, 0, this.#writeStream.length);
    head.byte(FIELD.protoRows * 8 + LENGTH_DELIMITED);
    head.varint(dataBytes);
    head.bytes(schema, 0, schema.length);
    head.byte(FIELD.rows * 8 + LENGTH_DELIMITED);
    head.varint(rows.length);
    const request = Buffer.allocUnsafe(head.length + rows.length);
    rows.copyTo(request, head.copyTo(request, 0));
    return request;
  }
}
