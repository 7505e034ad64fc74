import { setImmediate } from "node:timers/promises";
import { Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";
import { assert } from "../../shared/core/assert.ts";
import { SECOND_MS } from "../../shared/core/time.ts";
import { FaultPlan } from "../faults/fault-plan.ts";
import { serviceOf } from "../grpc/proto-services.ts";
import { Catalog } from "./catalog.ts";
import type { DatabaseState } from "./database-state.ts";
import { type DataServiceContext, dataMethods } from "./service/data-service.ts";
import { databaseMethods } from "./service/database-admin.ts";
import { FaultPoints } from "./service/fault-points.ts";
import { addMethods } from "./service/grpc-methods.ts";
import { instanceMethods } from "./service/instance-admin.ts";
import { Operations } from "./service/operations.ts";
import { sessionMethods } from "./service/session-service.ts";
import { sqlMethods } from "./service/sql-service.ts";
import { SqlReplicas } from "./sql/replicas.ts";

export interface SpannerEmulatorOptions {
  /** TCP port on the loopback interface; 0 takes a free one. Spanner's emulators use 9010. */
  readonly port: number;
  /** Seeds the drawing of faults. Default 1. */
  readonly faultSeed?: number;
}

export interface SpannerEmulator {
  readonly port: number;
  /** What to export as SPANNER_EMULATOR_HOST. */
  readonly address: string;
  /** Kinds: aborted, unavailable, outcomeUnknown, replyLost, slowCommit, cutOff. Targets: databases' names. */
  readonly faults: FaultPlan;
  /** Deletes, in all databases, the rows that their tables' row deletion policies call expired at `nowMs`. */
  deleteExpired(nowMs: number): number;
  close(): Promise<void>;
}

/** How often idle transactions and old versions are looked for. */
const SWEEP_MS = SECOND_MS;
/** How often row deletion policies run. The service takes up to 72 hours. */
const EXPIRY_MS = 60 * SECOND_MS;

/** Serves Spanner on loopback to the real clients. */
export async function startSpannerEmulator(
  options: SpannerEmulatorOptions,
): Promise<SpannerEmulator> {
  const now = () => Date.now();
  const catalog = new Catalog();
  const faults = new FaultPlan(options.faultSeed ?? 1);
  const server = new Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    "grpc.enable_channelz": 0,
  });
  const replicas = new SqlReplicas();
  addServices(server, { catalog, faults: new FaultPoints(faults, now), replicas, now });
  const port = await listen(server, options.port);
  const deleteExpired = (nowMs: number) =>
    catalog.allDatabases().reduce((count, { state }) => count + state.deleteExpired(nowMs), 0);
  const timers = [
    every(SWEEP_MS, () => catalog.allDatabases().map(({ state }) => sweeps(state, now))),
    every(EXPIRY_MS, () => catalog.allDatabases().map(({ state }) => state.expirySteps(now()))),
  ];
  const close = () => {
    for (const timer of timers) clearInterval(timer);
    server.forceShutdown();
    return replicas.close();
  };
  return { port, address: `127.0.0.1:${port}`, faults, deleteExpired, close };
}

/**
 * Does work of many steps at intervals. Between two steps calls are answered; work that takes longer than
 * the interval is not begun again meanwhile.
 */
function every(intervalMs: number, begin: () => Iterable<Iterable<unknown>>): NodeJS.Timeout {
  let isRunning = false;
  const run = async () => {
    isRunning = true;
    for (const steps of begin()) for (const _ of steps) await setImmediate();
    isRunning = false;
  };
  const timer = setInterval(() => {
    if (!isRunning) void run();
  }, intervalMs);
  return timer.unref();
}

function* sweeps(state: DatabaseState, now: () => number): Generator<boolean> {
  while (state.sweep(now())) yield true;
}

function addServices(server: Server, context: DataServiceContext): void {
  const { catalog, now } = context;
  const service = (name: string) => serviceOf("@google-cloud/spanner-api", `google.${name}`);
  const operations = new Operations();
  const spanner = service("spanner.v1.Spanner");
  addMethods(server, spanner, {
    ...sessionMethods(context),
    ...dataMethods(context),
    ...sqlMethods(context),
  });
  const instances = service("spanner.admin.instance.v1.InstanceAdmin");
  const databases = service("spanner.admin.database.v1.DatabaseAdmin");
  const admin = { catalog, operations, now };
  addMethods(
    server,
    instances,
    instanceMethods({ ...admin, serialize: serializerOf(instances, "GetInstance") }),
  );
  addMethods(
    server,
    databases,
    databaseMethods({ ...admin, serialize: serializerOf(databases, "GetDatabase") }),
  );
  addMethods(server, service("longrunning.Operations"), operations.methods());
}

/** The bytes of the message that a method answers with. */
function serializerOf(service: ServiceDefinition, method: string): (message: object) => Buffer {
  const definition = service[method];
  assert(definition !== undefined, `the service has the method ${method}`);
  return definition.responseSerialize;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
}
