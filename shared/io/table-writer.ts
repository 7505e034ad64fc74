import { managedwriter } from "@google-cloud/bigquery-storage";
import type { ColumnSpec, TableSpec } from "../schema/table-spec.ts";
import {
  CHANGE_COLUMNS,
  type RowColumn,
  type RowValue,
  UpsertEncoder,
} from "../wire/upsert-encoder.ts";
import { classified } from "./grpc-status.ts";

/**
 * One row by column name. TIMESTAMP is microseconds, NUMERIC and JSON text, an array for a REPEATED
 * column, an absent column NULL.
 */
export type Row = Readonly<Record<string, RowValue>>;

/** A row with its place in the order of its key's versions. */
export interface Upsert {
  readonly row: Row;
  /** `_CHANGE_SEQUENCE_NUMBER`: sections of up to 16 hexadecimal digits; the highest wins. */
  readonly sequence: string;
}

const protoTypes: Readonly<Record<ColumnSpec["type"], RowColumn["type"]>> = {
  STRING: "string",
  INT64: "int64",
  BOOL: "bool",
  TIMESTAMP: "int64",
  NUMERIC: "string",
  JSON: "string",
  BYTES: "bytes",
  FLOAT64: "double",
};

type AppendResult = Awaited<
  ReturnType<ReturnType<managedwriter.Writer["appendRows"]>["getResult"]>
>;

/** The numbers of google.protobuf.FieldDescriptorProto.Type. */
const descriptorTypes = { string: 9, int64: 3, bool: 8, bytes: 12, double: 1 } as const;
/** The numbers of google.protobuf.FieldDescriptorProto.Label. */
const labels = { optional: 1, repeated: 3 } as const;
/** A request holds less than 10 MB; rows are cut into requests below this. */
const REQUEST_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Writes absolute rows to a BigQuery table with a primary key: upserts on the default stream, so that
 * writing a row again changes nothing and an older version never replaces a newer one.
 */
export class TableWriter {
  readonly #table: TableSpec;
  readonly #writer: managedwriter.Writer;
  readonly #encoder: UpsertEncoder;

  private constructor(table: TableSpec, writer: managedwriter.Writer, encoder: UpsertEncoder) {
    this.#table = table;
    this.#writer = writer;
    this.#encoder = encoder;
  }

  /** Opens a writer to `projects/P/datasets/D/tables/T`. The client's connection is shared. */
  static async open(
    client: managedwriter.WriterClient,
    datasetPath: string,
    table: TableSpec,
  ): Promise<TableWriter> {
    const connection = await client.createStreamConnection({
      streamId: managedwriter.DefaultStream,
      destinationTable: `${datasetPath}/tables/${table.name}`,
    });
    // Every append hears of its own failure; a connection that breaks between two is opened by the next.
    connection.onConnectionError(() => undefined);
    const columns = rowColumnsOf(table);
    const field = [...columns, ...CHANGE_COLUMNS].map(({ name, type, isRepeated }, index) => {
      const label = isRepeated ? labels.repeated : labels.optional;
      return { name, number: index + 1, type: descriptorTypes[type], label };
    });
    const writer = new managedwriter.Writer({
      connection,
      protoDescriptor: { name: "Row", field },
    });
    return new TableWriter(table, writer, new UpsertEncoder(columns));
  }

  /** Upserts rows. Resolves once BigQuery has all of them; throws RetryableError where it may not. */
  async upsert(upserts: readonly Upsert[]): Promise<void> {
    await this.upsertEncoded((encoder) => {
      for (const { row, sequence } of upserts) encoder.add(row, sequence);
    });
  }

  /** The same for the rows that `encode` gives the encoder. Returns how many there were. */
  async upsertEncoded(encode: (encoder: UpsertEncoder) => void): Promise<number> {
    encode(this.#encoder);
    const rows = this.#encoder.take();
    const pending: Promise<void>[] = [];
    let [from, size] = [0, 0];
    for (const [index, { length }] of rows.entries()) {
      if (size > 0 && size + length > REQUEST_BYTES_MAX) {
        pending.push(this.#append(rows.slice(from, index)));
        [from, size] = [index, 0];
      }
      size += length;
    }
    if (from < rows.length) pending.push(this.#append(rows.slice(from)));
    await Promise.all(pending);
    return rows.length;
  }

  close(): void {
    this.#writer.close();
  }

  /** The client resolves on refused rows, too: the result is looked at. */
  async #append(serializedRows: Uint8Array[]): Promise<void> {
    const doing = `append ${serializedRows.length} rows to ${this.#table.name}`;
    let result: AppendResult;
    try {
      result = await this.#writer.appendRows({ serializedRows }).getResult();
    } catch (error) {
      throw classified(error, doing);
    }
    const [rowError] = result.rowErrors ?? [];
    if (rowError !== undefined) {
      throw new Error(`${doing}: row ${String(rowError.index)}: ${String(rowError.message)}`);
    }
    if (result.error) {
      const { code, message } = result.error;
      throw classified({ code, message }, `${doing}: ${String(message)}`);
    }
  }
}

/** A table's own columns, as rows are encoded for them. */
export function rowColumnsOf(table: TableSpec): RowColumn[] {
  return table.columns.map(({ name, type, mode }) => ({
    name,
    type: protoTypes[type],
    isRepeated: mode === "REPEATED",
  }));
}
