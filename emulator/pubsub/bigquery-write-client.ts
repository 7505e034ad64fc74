import { Client, type ClientDuplexStream, credentials, type MethodDefinition } from "@grpc/grpc-js";
import { serviceOf } from "../grpc/proto-services.ts";
import { AppendRequests } from "./append-request.ts";
import type { RowFormat, TableColumn } from "./bigquery-rows.ts";

/** `AppendRowsResponse`, as decoded; rows that the table refuses are named one by one. */
export interface AppendResponse {
  readonly error?: { readonly message: string } | null;
  readonly rowErrors?: readonly { readonly index: string; readonly message: string }[];
}

interface WriteStream {
  readonly tableSchema?: { readonly fields: readonly TableColumn[] } | null;
}

/** The two calls of the Storage Write API that a BigQuery subscription makes. */
export class BigQueryWriteClient {
  readonly #client: Client;
  readonly #appendRows: MethodDefinition<object, AppendResponse>;
  readonly #getWriteStream: MethodDefinition<object, WriteStream>;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
    });
    const service = serviceOf(
      "@google-cloud/bigquery-storage",
      "google.cloud.bigquery.storage.v1.BigQueryWrite",
    );
    const { AppendRows: appendRows, GetWriteStream: getWriteStream } = service;
    if (!appendRows || !getWriteStream) throw new Error("the protos lack calls of BigQueryWrite");
    this.#appendRows = appendRows;
    this.#getWriteStream = getWriteStream;
  }

  /** Takes the bytes of requests. */
  appendRows(): ClientDuplexStream<Buffer, AppendResponse> {
    const { path, responseDeserialize } = this.#appendRows;
    return this.#client.makeBidiStreamRequest(path, (bytes) => bytes, responseDeserialize);
  }

  /** What is to be sent on one connection to a stream, rows in this format. */
  requests(writeStream: string, { descriptor, write }: RowFormat): AppendRequests {
    const protoRows = { writerSchema: { protoDescriptor: descriptor } };
    return new AppendRequests(this.#appendRows.requestSerialize({ writeStream, protoRows }), write);
  }

  /** The columns of a stream's table; undefined where it cannot be reached or is not there. */
  readColumns(stream: string, done: (columns: readonly TableColumn[] | undefined) => void): void {
    const { path, requestSerialize, responseDeserialize } = this.#getWriteStream;
    const request = { name: stream, view: "FULL" };
    this.#client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      (error: Error | null, response?: WriteStream) =>
        done(error === null ? (response?.tableSchema?.fields ?? []) : undefined),
    );
  }

  close(): void {
    this.#client.close();
  }
}
