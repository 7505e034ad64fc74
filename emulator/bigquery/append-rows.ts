import { status } from "@grpc/grpc-js";
import type { FaultPlan } from "../faults/fault-plan.ts";
import { StatusError } from "../grpc/status-error.ts";
import { ApiError } from "./api-error.ts";
import { createRowReader, type Descriptor, type RowReader } from "./row-reader.ts";
import type { CheckedRow } from "./table.ts";
import type { Table } from "./warehouse.ts";
import type { WriteStreams } from "./write-streams.ts";

/** AppendRowsRequest as the loaded protos give it. */
export interface AppendRequest {
  readonly writeStream: string;
  readonly offset: { readonly value: string } | null;
  readonly protoRows: {
    readonly writerSchema: { readonly protoDescriptor: Descriptor | null } | null;
    readonly rows: { readonly serializedRows: readonly Buffer[] } | null;
  } | null;
}

export interface AppendResponse {
  readonly writeStream: string;
  readonly appendResult?: { readonly offset: { readonly value: string } | null };
  readonly error?: { readonly code: number; readonly message: string };
  readonly rowErrors?: readonly { index: string; code: string; message: string }[];
}

const maxRequestBytes = 10 * 1024 * 1024;

/** One AppendRows connection: the stream and the writer's schema hold until a request changes them. */
export class AppendConnection {
  readonly #streams: WriteStreams;
  readonly #faults: FaultPlan;
  #streamName = "";
  #descriptor: Descriptor | undefined;
  /** What the next append must wait for, so that the rows in memory stay bounded. */
  relief: Promise<void> | undefined;
  #reader: { readonly read: RowReader; readonly schema: Table["schema"] } | undefined;

  constructor(streams: WriteStreams, faults: FaultPlan) {
    this.#streams = streams;
    this.#faults = faults;
  }

  /** Applies one request. A thrown StatusError ends the connection, as the service ends it. */
  append(request: AppendRequest, nowMs: number): AppendResponse {
    this.#adopt(request);
    const table = this.#streams.tableOf(this.#streamName);
    const target = this.#streamName.replace(/\/(streams\/[^/]+|_default)$/, "");
    this.#strikeBefore(target, nowMs);
    const response = this.#apply(table, request);
    this.relief = this.#streams.relieve(table);
    if (this.#faults.strike("appendLost", target, nowMs) !== undefined) {
      throw new StatusError(
        status.UNAVAILABLE,
        "The connection was lost after the append was applied",
      );
    }
    return response;
  }

  #adopt(request: AppendRequest): void {
    if (request.writeStream !== "" && request.writeStream !== this.#streamName) {
      this.#streamName = request.writeStream;
      this.#reader = undefined;
    }
    const descriptor = request.protoRows?.writerSchema?.protoDescriptor;
    if (descriptor) {
      this.#descriptor = descriptor;
      this.#reader = undefined;
    }
    if (request.protoRows === null) {
      throw new StatusError(status.INVALID_ARGUMENT, "The emulator takes rows as proto_rows only");
    }
  }

  #strikeBefore(target: string, nowMs: number): void {
    if (this.#faults.strike("timeout", target, nowMs) !== undefined) {
      throw new StatusError(
        status.DEADLINE_EXCEEDED,
        "Deadline exceeded before the append was applied",
      );
    }
    if (this.#faults.strike("quota", target, nowMs) !== undefined) {
      throw new StatusError(
        status.RESOURCE_EXHAUSTED,
        `Exceeds 'AppendRows throughput' quota for ${target}`,
      );
    }
    if (this.#faults.strike("schemaLag", target, nowMs) !== undefined) {
      const sentence = "Input schema has more fields than BigQuery schema, extra fields:";
      const extra = this.#descriptor?.field.at(-1)?.name ?? "";
      throw new StatusError(status.INVALID_ARGUMENT, `${sentence} '${extra}'`);
    }
  }

  #apply(table: Table, request: AppendRequest): AppendResponse {
    const stream = this.#streams.find(this.#streamName);
    const writeStream = this.#streamName;
    const offset = request.offset === null ? undefined : Number(request.offset.value);
    const rows = request.protoRows?.rows?.serializedRows ?? [];
    if (stream === undefined && offset !== undefined) {
      const sentence = "Offset can only be specified with non-default streams";
      throw new StatusError(status.INVALID_ARGUMENT, `${sentence}: ${writeStream}`);
    }
    const decision = stream === undefined ? undefined : this.#streams.decide(stream, offset);
    if (decision !== undefined && decision.kind !== "append") {
      return {
        writeStream,
        error: { code: offsetCodes[decision.kind], message: decision.message },
      };
    }
    checkSize(rows);
    const decoded = this.#decode(table, rows, stream === undefined);
    if ("rowErrors" in decoded) {
      const message = `Errors found while processing rows. Please refer to the row_errors field. Entity: ${writeStream}`;
      return {
        writeStream,
        error: { code: status.INVALID_ARGUMENT, message },
        rowErrors: decoded.rowErrors,
      };
    }
    if (stream === undefined) for (const row of decoded.rows) table.rows.add(row);
    else {
      const cells = decoded.rows.map(({ row }) => row);
      this.#streams.append(stream, cells);
    }
    const at = decision === undefined ? null : { value: String(decision.offset) };
    return { writeStream, appendResult: { offset: at } };
  }

  #decode(table: Table, rows: readonly Buffer[], isDefault: boolean): DecodedBatch | RowErrors {
    const read = this.#readerFor(table);
    const rowErrors: RowErrors["rowErrors"] = [];
    const checked: CheckedRow[] = [];
    for (const [index, bytes] of rows.entries()) {
      try {
        const row = read(bytes);
        if (row.changeType !== undefined && !isDefault) {
          throw new TypeError("_CHANGE_TYPE is accepted on the default stream only");
        }
        checked.push(table.rows.check(row));
      } catch (error) {
        if (!isRowFault(error)) throw error;
        rowErrors.push({ index: String(index), code: "FIELDS_ERROR", message: error.message });
      }
    }
    return rowErrors.length > 0 ? { rowErrors } : { rows: checked };
  }

  #readerFor(table: Table): RowReader {
    if (this.#reader?.schema === table.schema) return this.#reader.read;
    if (this.#descriptor === undefined) {
      throw new StatusError(
        status.INVALID_ARGUMENT,
        "The first request of a connection needs a writer_schema",
      );
    }
    try {
      const read = createRowReader(this.#descriptor, table.schema);
      this.#reader = { read, schema: table.schema };
      return read;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw misfit(error, this.#streamName);
    }
  }
}

/** The refusal of rows whose descriptor does not fit the table. */
function misfit(cause: TypeError, streamName: string): StatusError {
  const sentence = `${cause.message}. Entity: ${streamName}`;
  return new StatusError(status.INVALID_ARGUMENT, sentence, { cause });
}

interface DecodedBatch {
  readonly rows: readonly CheckedRow[];
}

interface RowErrors {
  readonly rowErrors: { index: string; code: string; message: string }[];
}

const offsetCodes = {
  alreadyExists: status.ALREADY_EXISTS,
  outOfRange: status.OUT_OF_RANGE,
  finalized: status.INVALID_ARGUMENT,
} as const;

/** What a row itself can be at fault for; anything else is a bug of ours. */
function isRowFault(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ApiError;
}

function checkSize(rows: readonly Buffer[]): void {
  let size = 0;
  for (const row of rows) size += row.length;
  if (size <= maxRequestBytes) return;
  throw new StatusError(
    status.INVALID_ARGUMENT,
    `AppendRows request too large: ${size} limit ${maxRequestBytes}`,
  );
}
