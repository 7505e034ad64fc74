import type { DuckDBValue } from "@duckdb/node-api";
import { status } from "@grpc/grpc-js";
import { StatusError } from "../grpc/status-error.ts";
import { decideAppend, type StreamType, type WriteStream } from "./state.ts";
import type { Table, Warehouse } from "./warehouse.ts";

const streamPattern =
  /^projects\/([^/]+)\/datasets\/([^/]+)\/tables\/([^/]+)(?:\/streams\/([^/]+)|\/(_default))?$/;

/** Write streams other than the default one, with the rows they hold back. */
export class WriteStreams {
  readonly #warehouse: Warehouse;
  readonly #streams = new Map<string, WriteStream>();
  readonly #held = new Map<string, (readonly DuckDBValue[])[]>();

  constructor(warehouse: Warehouse) {
    this.#warehouse = warehouse;
  }

  create(table: string, type: string, id: string, nowMs: number): WriteStream {
    this.tableOf(table);
    if (type !== "COMMITTED" && type !== "BUFFERED" && type !== "PENDING") {
      throw new StatusError(status.INVALID_ARGUMENT, `Unsupported stream type ${type}`);
    }
    const stream: WriteStream = {
      name: `${table}/streams/${id}`,
      table,
      type: type satisfies StreamType,
      createTimeMs: nowMs,
      rowCount: 0,
      isFinalized: false,
      commitTimeMs: undefined,
      flushedRows: 0,
    };
    this.#streams.set(stream.name, stream);
    this.#held.set(stream.name, []);
    return stream;
  }

  /** The stream of that name; undefined for a table's default stream. */
  find(name: string): WriteStream | undefined {
    if (/\/(?:streams\/)?_default$/.test(name)) return undefined;
    const stream = this.#streams.get(name);
    if (stream === undefined) {
      throw new StatusError(status.NOT_FOUND, `Requested entity was not found. Entity: ${name}`);
    }
    return stream;
  }

  /** The table behind a table's or a stream's name. */
  tableOf(name: string): Table {
    const [, projectId = "", datasetId = "", tableId = ""] = streamPattern.exec(name) ?? [];
    if (tableId === "") {
      throw new StatusError(status.INVALID_ARGUMENT, `Invalid stream name ${name}`);
    }
    const table = this.#warehouse.tables.get(`${projectId}.${datasetId}.${tableId}`);
    if (table === undefined || table.view !== undefined) {
      const entity = `projects/${projectId}/datasets/${datasetId}/tables/${tableId}`;
      throw new StatusError(status.NOT_FOUND, `Requested entity was not found. Entity: ${entity}`);
    }
    return table;
  }

  /** Lets the table's rows reach DuckDB where too many wait; what appends must wait for, if anything. */
  relieve(table: Table): Promise<void> | undefined {
    return this.#warehouse.relieve(table);
  }

  decide(stream: WriteStream, offset: number | undefined) {
    return decideAppend(stream, offset);
  }

  /** Adds rows at the end; visible at once in a committed stream, else held back. */
  append(stream: WriteStream, rows: readonly (readonly DuckDBValue[])[]): void {
    stream.rowCount += rows.length;
    if (stream.type === "COMMITTED") this.tableOf(stream.name).rows.addPlain(rows);
    else this.#held.get(stream.name)?.push(...rows);
  }

  finalize(name: string): number {
    const stream = this.#named(name);
    stream.isFinalized = true;
    return stream.rowCount;
  }

  /** Shows a buffered stream's rows up to and including `offset`. */
  flush(name: string, offset: number): number {
    const stream = this.#named(name);
    if (stream.type !== "BUFFERED") {
      throw new StatusError(status.INVALID_ARGUMENT, `Stream ${name} is not of type BUFFERED`);
    }
    if (offset >= stream.rowCount) {
      throw new StatusError(status.OUT_OF_RANGE, `Flush offset ${offset} is beyond stream ${name}`);
    }
    const count = Math.max(0, offset + 1 - stream.flushedRows);
    stream.flushedRows += count;
    const held = this.#held.get(name) ?? [];
    this.tableOf(name).rows.addPlain(held.splice(0, count));
    return offset;
  }

  /** Shows all rows of the finalized pending streams, or none where one of them cannot be. */
  commit(parent: string, names: readonly string[], nowMs: number): readonly StreamFault[] {
    const table = this.tableOf(parent);
    const faults = names.flatMap((name) => this.#commitFault(name, table));
    if (faults.length > 0) return faults;
    for (const name of names) {
      this.#named(name).commitTimeMs = nowMs;
      table.rows.addPlain(this.#held.get(name) ?? []);
      this.#held.delete(name);
    }
    return [];
  }

  #commitFault(name: string, table: Table): StreamFault[] {
    const stream = this.#streams.get(name);
    const fault = (code: string, why: string) => [
      { code, entity: name, errorMessage: `Stream ${name} ${why}` },
    ];
    if (stream === undefined) return fault("STREAM_NOT_FOUND", "was not found");
    if (this.tableOf(name) !== table)
      return fault("INVALID_STREAM_STATE", "belongs to another table");
    if (stream.type !== "PENDING") return fault("INVALID_STREAM_TYPE", "is not of type PENDING");
    if (stream.commitTimeMs !== undefined)
      return fault("STREAM_ALREADY_COMMITTED", "is already committed");
    return stream.isFinalized ? [] : fault("STREAM_NOT_FINALIZED", "is not finalized");
  }

  #named(name: string): WriteStream {
    const stream = this.find(name);
    if (stream !== undefined) return stream;
    throw new StatusError(
      status.INVALID_ARGUMENT,
      `The default stream does not support this call: ${name}`,
    );
  }
}

/** `google.cloud.bigquery.storage.v1.StorageError`. */
export interface StreamFault {
  readonly code: string;
  readonly entity: string;
  readonly errorMessage: string;
}
