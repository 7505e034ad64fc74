import { status } from "@grpc/grpc-js";
import protobuf, { type Reader } from "protobufjs";
import { StatusError } from "../../grpc/status-error.ts";
import type { Mutation, WriteKind } from "../transactions/mutation.ts";
import type { ReadRequest } from "../transactions/read-rows.ts";
import type { Cell } from "../values/cell.ts";
import type { SpannerType } from "../values/type.ts";
import {
  READ_WRITE,
  readOptions,
  readSelector,
  SINGLE_STRONG,
  type TransactionOptions,
  type TransactionSelector,
} from "./decode-transaction.ts";
import { readTypeEntry } from "./decode-type.ts";
import {
  endOfField,
  readFields,
  readKeySet,
  readListValue,
  readText,
  readValue,
} from "./decode-value.ts";
import { readSharedText } from "./shared-text.ts";

export interface CommitRequest {
  readonly session: string;
  readonly selector: TransactionSelector;
  readonly mutations: readonly Mutation[];
  readonly returnStats: boolean;
}

export interface RowsRequest {
  readonly session: string;
  readonly selector: TransactionSelector;
  readonly read: ReadRequest;
}

export interface Statement {
  readonly sql: string;
  readonly params: ReadonlyMap<string, Cell>;
  readonly paramTypes: ReadonlyMap<string, SpannerType>;
}

export interface SqlRequest {
  readonly session: string;
  readonly selector: TransactionSelector;
  readonly statement: Statement;
  /** Unique within the transaction; a repeat of a DML statement is answered, not run again. */
  readonly sequence: string;
  readonly queryMode: number;
}

export interface BatchDmlRequest {
  readonly session: string;
  readonly selector: TransactionSelector;
  readonly statements: readonly Statement[];
  readonly sequence: string;
}

export interface BeginRequest {
  readonly session: string;
  readonly options: TransactionOptions;
}

export function decodeCommitRequest(bytes: Uint8Array): CommitRequest {
  const reader = protobuf.Reader.create(bytes);
  const mutations: Mutation[] = [];
  let session = "";
  let selector: TransactionSelector = { kind: "singleUse", options: READ_WRITE };
  let returnStats = false;
  readFields(reader, reader.len, {
    1: () => {
      session = reader.string();
    },
    2: () => {
      selector = { kind: "id", id: readText(reader) };
    },
    3: () => {
      selector = { kind: "singleUse", options: readOptions(reader) };
    },
    4: () => {
      readMutation(reader, mutations);
    },
    5: () => {
      returnStats = reader.bool();
    },
  });
  return { session, selector, mutations, returnStats };
}

function readMutation(reader: Reader, mutations: Mutation[]): void {
  readFields(reader, endOfField(reader), {
    1: () => mutations.push(readWrite(reader, "insert")),
    2: () => mutations.push(readWrite(reader, "update")),
    3: () => mutations.push(readWrite(reader, "insertOrUpdate")),
    4: () => mutations.push(readWrite(reader, "replace")),
    5: () => mutations.push(readDelete(reader)),
    6: refuseQueues,
    7: refuseQueues,
  });
}

/** `Mutation`: 6 send, 7 ack. */
function refuseQueues(): never {
  throw new StatusError(status.UNIMPLEMENTED, "The emulator has no queues (mutations send, ack).");
}

function readWrite(reader: Reader, kind: WriteKind): Mutation {
  const columns: string[] = [];
  const rows: Cell[][] = [];
  let table = "";
  readFields(reader, endOfField(reader), {
    1: () => {
      table = readSharedText(reader);
    },
    2: () => {
      columns.push(readSharedText(reader));
    },
    3: () => {
      rows.push(readListValue(reader));
    },
  });
  return { kind, table, columns, rows };
}

function readDelete(reader: Reader): Mutation {
  let table = "";
  let keySet = { keys: [], ranges: [], all: false } as ReadRequest["keySet"];
  readFields(reader, endOfField(reader), {
    1: () => {
      table = reader.string();
    },
    2: () => {
      keySet = readKeySet(reader);
    },
  });
  return { kind: "delete", table, keySet };
}

const LOCK_HINT_EXCLUSIVE = 2;

export function decodeReadRequest(bytes: Uint8Array): RowsRequest {
  const reader = protobuf.Reader.create(bytes);
  let session = "";
  let selector = SINGLE_STRONG;
  const read = {
    table: "",
    index: "",
    columns: [] as string[],
    keySet: { keys: [], ranges: [], all: false } as ReadRequest["keySet"],
    limit: 0,
    exclusive: false,
  };
  readFields(reader, reader.len, {
    1: () => {
      session = reader.string();
    },
    2: () => {
      selector = readSelector(reader);
    },
    3: () => {
      read.table = reader.string();
    },
    4: () => {
      read.index = reader.string();
    },
    5: () => {
      read.columns.push(reader.string());
    },
    6: () => {
      read.keySet = readKeySet(reader);
    },
    8: () => {
      read.limit = Number(reader.int64());
    },
    17: () => {
      read.exclusive = reader.int32() === LOCK_HINT_EXCLUSIVE;
    },
  });
  return { session, selector, read };
}

export function decodeSqlRequest(bytes: Uint8Array): SqlRequest {
  const reader = protobuf.Reader.create(bytes);
  const statement = emptyStatement();
  let session = "";
  let selector = SINGLE_STRONG;
  let sequence = "0";
  let queryMode = 0;
  readFields(reader, reader.len, {
    1: () => {
      session = reader.string();
    },
    2: () => {
      selector = readSelector(reader);
    },
    3: () => {
      statement.sql = reader.string();
    },
    4: () => {
      readStruct(reader, statement.params);
    },
    5: () => {
      readTypeEntry(reader, statement.paramTypes);
    },
    7: () => {
      queryMode = reader.int32();
    },
    9: () => {
      sequence = String(reader.int64());
    },
  });
  return { session, selector, statement, sequence, queryMode };
}

export function decodeBatchDmlRequest(bytes: Uint8Array): BatchDmlRequest {
  const reader = protobuf.Reader.create(bytes);
  const statements: Statement[] = [];
  let session = "";
  let selector = SINGLE_STRONG;
  let sequence = "0";
  readFields(reader, reader.len, {
    1: () => {
      session = reader.string();
    },
    2: () => {
      selector = readSelector(reader);
    },
    3: () => {
      statements.push(readBatchStatement(reader));
    },
    4: () => {
      sequence = String(reader.int64());
    },
  });
  return { session, selector, statements, sequence };
}

interface MutableStatement {
  sql: string;
  readonly params: Map<string, Cell>;
  readonly paramTypes: Map<string, SpannerType>;
}

function emptyStatement(): MutableStatement {
  return { sql: "", params: new Map(), paramTypes: new Map() };
}

function readBatchStatement(reader: Reader): Statement {
  const statement = emptyStatement();
  readFields(reader, endOfField(reader), {
    1: () => {
      statement.sql = reader.string();
    },
    2: () => {
      readStruct(reader, statement.params);
    },
    3: () => {
      readTypeEntry(reader, statement.paramTypes);
    },
  });
  return statement;
}

export function decodeBeginRequest(bytes: Uint8Array): BeginRequest {
  const reader = protobuf.Reader.create(bytes);
  let session = "";
  let options: TransactionOptions = READ_WRITE;
  readFields(reader, reader.len, {
    1: () => {
      session = reader.string();
    },
    2: () => {
      options = readOptions(reader);
    },
  });
  return { session, options };
}

/** `google.protobuf.Struct`: 1 fields, a map. */
function readStruct(reader: Reader, fields: Map<string, Cell>): void {
  readFields(reader, endOfField(reader), {
    1: () => {
      let name = "";
      let value: Cell = null;
      readFields(reader, endOfField(reader), {
        1: () => {
          name = reader.string();
        },
        2: () => {
          value = readValue(reader);
        },
      });
      fields.set(name, value);
    },
  });
}
