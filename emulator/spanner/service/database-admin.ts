import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";
import type { Database } from "../catalog.ts";
import { printSchema } from "../schema/print-ddl.ts";
import type { Methods } from "./grpc-methods.ts";
import type { AdminContext } from "./instance-admin.ts";
import { pack, packTexts } from "./operations.ts";
import { protoTimestamp } from "./proto-time.ts";

const PACKAGE = "google.spanner.admin.database.v1";
const CREATE_STATEMENT = /^\s*CREATE\s+DATABASE\s+[`"]?([^`"\s;]+)[`"]?\s*;?\s*$/i;

interface CreateDatabaseRequest {
  readonly parent: string;
  readonly createStatement: string;
  readonly extraStatements: readonly string[];
  readonly databaseDialect: string;
}

/** `google.spanner.admin.database.v1.DatabaseAdmin`. */
export function databaseMethods(context: AdminContext): Methods {
  const { catalog, operations, now } = context;
  return {
    CreateDatabase: {
      answer: (request: CreateDatabaseRequest) => createDatabase(context, request),
    },
    UpdateDatabaseDdl: {
      answer: (request: { database: string; statements: string[] }) => updateDdl(context, request),
    },
    GetDatabaseDdl: {
      answer: ({ database }: { database: string }) => ({
        statements: printSchema(catalog.database(database).state.schema),
      }),
    },
    GetDatabase: {
      answer: ({ name }: { name: string }) => databaseMessage(catalog.database(name), now()),
    },
    ListDatabases: {
      answer: ({ parent }: { parent: string }) => ({
        databases: catalog
          .databases(catalog.instance(parent).name)
          .map((database) => databaseMessage(database, now())),
      }),
    },
    DropDatabase: {
      answer: ({ database }: { database: string }) => {
        catalog.removeDatabase(database);
        return {};
      },
    },
    ListDatabaseOperations: {
      answer: ({ parent }: { parent: string }) => ({
        operations: operations.list(`${parent}/databases/`),
      }),
    },
  };
}

function createDatabase(context: AdminContext, request: CreateDatabaseRequest): object {
  const { catalog, operations, now, serialize } = context;
  const id = CREATE_STATEMENT.exec(request.createStatement)?.[1];
  if (id === undefined) {
    throw new StatusError(
      status.INVALID_ARGUMENT,
      `Expected CREATE DATABASE \`name\` but got "${request.createStatement}".`,
    );
  }
  if (request.databaseDialect === "POSTGRESQL") {
    throw new StatusError(
      status.UNIMPLEMENTED,
      "The emulator has no PostgreSQL dialect; use GOOGLE_STANDARD_SQL.",
    );
  }
  const database = catalog.addDatabase(request.parent, id, now());
  try {
    database.state.applyDdl(request.extraStatements, now());
  } catch (error) {
    catalog.removeDatabase(database.name);
    throw error;
  }
  const metadata = packTexts(`${PACKAGE}.CreateDatabaseMetadata`, { 1: database.name });
  const response = pack(`${PACKAGE}.Database`, serialize(databaseMessage(database, now())));
  return operations.done(database.name, metadata, response);
}

/** Statements before the one that fails stay applied, as in the service; the operation then carries the error. */
function updateDdl(
  context: AdminContext,
  request: { database: string; statements: string[] },
): object {
  const { catalog, operations, now } = context;
  const database = catalog.database(request.database);
  const metadata = packTexts(`${PACKAGE}.UpdateDatabaseDdlMetadata`, {
    1: database.name,
    2: request.statements,
  });
  try {
    database.state.applyDdl(request.statements, now());
  } catch (error) {
    return operations.failed(database.name, metadata, error);
  }
  return operations.done(database.name, metadata, pack("google.protobuf.Empty", Buffer.alloc(0)));
}

function databaseMessage(database: Database, nowMs: number): object {
  const { versionRetentionMs } = database.state;
  return {
    name: database.name,
    state: "READY",
    createTime: protoTimestamp(database.createdMs),
    versionRetentionPeriod: `${versionRetentionMs / 1000}s`,
    earliestVersionTime: protoTimestamp(Math.max(database.createdMs, nowMs - versionRetentionMs)),
    databaseDialect: "GOOGLE_STANDARD_SQL",
  };
}
