/** Spanner calls as raw protobuf over gRPC, by a client that costs next to nothing: what the server can do. */
import { setTimeout as delay } from "node:timers/promises";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import protobuf, { type Reader, type Writer } from "protobufjs";

export const ROWS_A_COMMIT = 500;

const AUCTION_LOG_COLUMNS = ["auction_id", "revision", "totals", "fingerprints", "committed_at"];
const TOTALS = JSON.stringify({ count: 8, max: 9000, min: 1, sum: 12_345 });
const FINGERPRINTS = Buffer.alloc(64, 7).toString("base64");

export class RawClient {
  readonly #client: Client;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), {
      "grpc.enable_retries": 0,
      "grpc.enable_channelz": 0,
    });
  }

  async createSession(database: string): Promise<string> {
    const request = protobuf.Writer.create().uint32(10).string(database);
    const answer = protobuf.Reader.create(await this.#call("CreateSession", finish(request)));
    answer.uint32();
    return answer.string();
  }

  /** Adds one to a counter, as often as it takes; after ABORTED it waits as long as it is told to. */
  async increment(session: string, id: string): Promise<void> {
    for (;;) {
      try {
        const { transaction, value } = readAnswer(
          await this.#call("Read", readRequest(session, id)),
        );
        await this.#call("Commit", updateRequest({ session, transaction, id, value: value + 1 }));
        return;
      } catch (error) {
        await delay(retryDelayMs(error));
      }
    }
  }

  /** One insert-only commit into the auction log, tried again while it is ABORTED. */
  async insert(session: string, name: string): Promise<void> {
    const request = insertRequest(session, name);
    for (;;) {
      try {
        await this.#call("Commit", request);
        return;
      } catch (error) {
        await delay(retryDelayMs(error));
      }
    }
  }

  close(): void {
    this.#client.close();
  }

  #call(method: string, request: Buffer): Promise<Buffer> {
    const whole = (bytes: Buffer) => bytes;
    return new Promise((resolve, reject) => {
      const path = `/google.spanner.v1.Spanner/${method}`;
      this.#client.makeUnaryRequest(path, whole, whole, request, (error, answer) => {
        if (error === null) resolve(answer ?? Buffer.alloc(0));
        else reject(error);
      });
    });
  }
}

/** ReadRequest { 1: session, 2: selector { 3: begin { 1: read_write } }, 3: table, 5: columns, 6: key_set } */
function readRequest(session: string, id: string): Buffer {
  const writer = protobuf.Writer.create().uint32(10).string(session);
  writer.uint32(18).fork().uint32(26).fork().uint32(10).fork().ldelim().ldelim().ldelim();
  writer.uint32(26).string("Counter").uint32(42).string("value");
  return finish(writeList(writer.uint32(50).fork(), 10, [id]).ldelim());
}

/** ResultSet { 1: metadata { 2: transaction { 1: id } }, 2: rows { 1: values { 3: string_value } } } */
function readAnswer(bytes: Buffer): { transaction: Uint8Array; value: number } {
  const reader = protobuf.Reader.create(bytes);
  let transaction: Uint8Array = Buffer.alloc(0);
  let value = 0;
  eachField(reader, reader.len, (field) => {
    if (field === 2) value = Number(textWithin(reader));
    else transaction = bytesWithin(reader);
  });
  return { transaction, value };
}

function textWithin(reader: Reader): string {
  for (let depth = 0; depth < 2; depth++) {
    reader.uint32();
    reader.uint32();
  }
  return reader.string();
}

function bytesWithin(reader: Reader): Uint8Array {
  let id: Uint8Array = Buffer.alloc(0);
  eachField(reader, reader.uint32() + reader.pos, (field) => {
    if (field !== 2) {
      reader.skipType(2);
      return;
    }
    eachField(reader, reader.uint32() + reader.pos, () => {
      id = reader.bytes();
    });
  });
  return id;
}

function eachField(reader: Reader, end: number, read: (field: number) => void): void {
  while (reader.pos < end) read(reader.uint32() >>> 3);
}

interface Update {
  readonly session: string;
  readonly transaction: Uint8Array;
  readonly id: string;
  readonly value: number;
}

/** CommitRequest { 1: session, 2: transaction_id, 4: Mutation { 2: update } } */
function updateRequest({ session, transaction, id, value }: Update): Buffer {
  const writer = protobuf.Writer.create().uint32(10).string(session).uint32(18).bytes(transaction);
  const update = writer.uint32(34).fork().uint32(18).fork().uint32(10).string("Counter");
  for (const column of ["id", "value"]) update.uint32(18).string(column);
  return finish(
    writeList(update, 26, [id, String(value)])
      .ldelim()
      .ldelim(),
  );
}

/** CommitRequest { 1: session, 3: single_use { 1: read_write }, 4: Mutation { 1: insert } } */
function insertRequest(session: string, name: string): Buffer {
  const writer = protobuf.Writer.create().uint32(10).string(session);
  writer.uint32(26).fork().uint32(10).fork().ldelim().ldelim();
  const insert = writer.uint32(34).fork().uint32(10).fork().uint32(10).string("AuctionLog");
  for (const column of AUCTION_LOG_COLUMNS) insert.uint32(18).string(column);
  for (let row = 0; row < ROWS_A_COMMIT; row++) {
    const auctionId = `${(row * 7919) % 10_007}-${name}-${row}`;
    writeList(insert, 26, [auctionId, "1", TOTALS, FINGERPRINTS, "spanner.commit_timestamp()"]);
  }
  return finish(insert.ldelim().ldelim());
}

/** ListValue { 1: Value { 3: string_value } } */
function writeList(writer: Writer, tag: number, texts: readonly string[]): Writer {
  const list = writer.uint32(tag).fork();
  for (const text of texts) list.uint32(10).fork().uint32(26).string(text).ldelim();
  return list.ldelim();
}

function finish(writer: Writer): Buffer {
  return Buffer.from(writer.finish());
}

/** From the trailer with `google.rpc.RetryInfo`; anything but ABORTED is thrown on. */
function retryDelayMs(error: unknown): number {
  // Whatever a call rejects with comes from grpc-js.
  const { code, metadata } = error as ServiceError;
  if (code !== status.ABORTED) throw error;
  const [bytes] = metadata instanceof Metadata ? metadata.get("google.rpc.retryinfo-bin") : [];
  return bytes instanceof Uint8Array ? durationMs(bytes) : 10;
}

/** RetryInfo { 1: Duration { 1: seconds, 2: nanos } } */
function durationMs(bytes: Uint8Array): number {
  const reader = protobuf.Reader.create(bytes);
  let milliseconds = 0;
  if (reader.len === 0) return milliseconds;
  reader.uint32();
  eachField(reader, reader.uint32() + reader.pos, (field) => {
    milliseconds += field === 1 ? Number(reader.int64()) * 1000 : reader.int32() / 1_000_000;
  });
  return milliseconds;
}
