import { randomUUID } from "node:crypto";
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from "@grpc/grpc-js";
import type { FaultPlan } from "../faults/fault-plan.ts";
import { serviceOf } from "../grpc/proto-services.ts";
import { toServiceError } from "../grpc/status-error.ts";
import { AppendConnection, type AppendRequest, type AppendResponse } from "./append-rows.ts";
import type { Field } from "./schema.ts";
import type { WriteStream } from "./state.ts";
import type { Warehouse } from "./warehouse.ts";
import { WriteStreams } from "./write-streams.ts";

interface StorageOptions {
  readonly warehouse: Warehouse;
  readonly faults: FaultPlan;
  readonly now: () => number;
}

type Unary = (call: ServerUnaryCall<WireMessage, object>, reply: sendUnaryData<object>) => void;
interface WireMessage {
  readonly name: string;
  readonly parent: string;
  readonly writeStream: { readonly type: string } | string;
  readonly writeStreams: readonly string[];
  readonly offset: { readonly value: string } | null;
}

const serviceName = "google.cloud.bigquery.storage.v1.BigQueryWrite";

/** The BigQueryWrite service of the Storage API, on a gRPC server that is not yet bound. */
export function createStorageServer({ warehouse, faults, now }: StorageOptions): Server {
  const streams = new WriteStreams(warehouse);
  const server = new Server({
    "grpc.max_receive_message_length": 20 * 1024 * 1024,
    "grpc-node.flow_control_window": 4 * 1024 * 1024,
  });
  server.addService(serviceOf("@google-cloud/bigquery-storage", serviceName), {
    appendRows: (call: ServerDuplexStream<AppendRequest, AppendResponse>) =>
      serveAppends(call, new AppendConnection(streams, faults), now),
    createWriteStream: unary(({ parent, writeStream }) => {
      const type = typeof writeStream === "string" ? "" : writeStream.type;
      return describeStream(streams, streams.create(parent, type, randomUUID(), now()));
    }),
    getWriteStream: unary(({ name }) => describeStream(streams, streams.find(name) ?? name)),
    finalizeWriteStream: unary(({ name }) => ({ rowCount: streams.finalize(name) })),
    flushRows: unary(({ writeStream, offset }) => ({
      offset: streams.flush(String(writeStream), Number(offset?.value ?? 0)),
    })),
    batchCommitWriteStreams: unary(({ parent, writeStreams }) => {
      const nowMs = now();
      const streamErrors = streams.commit(parent, writeStreams, nowMs);
      return streamErrors.length > 0 ? { streamErrors } : { commitTime: timestamp(nowMs) };
    }),
  });
  return server;
}

function unary(answer: (request: WireMessage) => object): Unary {
  return (call, reply) => {
    try {
      reply(null, answer(call.request));
    } catch (error) {
      reply(toServiceError(error));
    }
  };
}

function serveAppends(
  call: ServerDuplexStream<AppendRequest, AppendResponse>,
  connection: AppendConnection,
  now: () => number,
): void {
  let isOver = false;
  call.on("data", (request: AppendRequest) => {
    if (isOver) return;
    try {
      call.write(connection.append(request, now()));
      if (connection.relief !== undefined) {
        call.pause();
        void connection.relief.then(() => call.resume());
      }
    } catch (error) {
      isOver = true;
      call.emit("error", toServiceError(error));
    }
  });
  call.on("end", () => call.end());
}

function describeStream(streams: WriteStreams, stream: WriteStream | string): object {
  const name = typeof stream === "string" ? stream : stream.name;
  const { schema, createTimeMs } = streams.tableOf(name);
  const tableSchema = { fields: schema.map(storageField) };
  if (typeof stream === "string") {
    return {
      name,
      type: "COMMITTED",
      createTime: timestamp(createTimeMs),
      tableSchema,
      location: "US",
    };
  }
  const commitTime = stream.commitTimeMs === undefined ? null : timestamp(stream.commitTimeMs);
  const { type } = stream;
  return {
    name,
    type,
    createTime: timestamp(stream.createTimeMs),
    commitTime,
    tableSchema,
    location: "US",
  };
}

const storageTypes: Readonly<Record<string, string>> = {
  INTEGER: "INT64",
  FLOAT: "DOUBLE",
  BOOLEAN: "BOOL",
  RECORD: "STRUCT",
};

function storageField(field: Field): object {
  const fields = field.fields?.map(storageField) ?? [];
  const mode = field.mode ?? "NULLABLE";
  return { name: field.name, type: storageTypes[field.type] ?? field.type, mode, fields };
}

function timestamp(ms: number): { seconds: number; nanos: number } {
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 };
}

/** Binds to loopback and gives the port. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
}
