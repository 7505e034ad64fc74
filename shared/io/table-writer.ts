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
    const columns = columnsOf(table);
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
    const encoder = this.#encoder;
    const ends = upserts.map(({ row, sequence }) => {
      encoder.add(row, sequence);
      return encoder.length;
    });
    const bytes = encoder.take();
    const pending: Promise<void>[] = [];
    let request: Buffer[] = [];
    let start = 0;
    for (const [index, end] of ends.entries()) {
      const from = ends[index - 1] ?? 0;
      if (request.length > 0 && end - start > REQUEST_BYTES_MAX) {
        pending.push(this.#append(request));
        request = [];
        start = from;
      }
      request.push(bytes.subarray(from, end));
    }
    if (request.length > 0) pending.push(this.#append(request));
    await Promise.all(pending);
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

/** The table's own columns. */
function columnsOf(table: TableSpec): RowColumn[] {
  return table.columns.map(({ name, type, mode }) => ({
    name,
    type: protoTypes[type],
    isRepeated: mode === "REPEATED",
  }));
}
