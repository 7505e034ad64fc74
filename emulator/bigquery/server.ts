import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { FaultPlan } from "../faults/fault-plan.ts";
import { messageOf } from "../grpc/message-of.ts";
import { ApiError } from "./api-error.ts";
import { Jobs } from "./jobs.ts";
import { matchPath, parseJson, type Route, readBody } from "./rest-call.ts";
import { datasetRoutes } from "./rest-datasets.ts";
import { strikeRest } from "./rest-faults.ts";
import { jobRoutes } from "./rest-jobs.ts";
import { tableRoutes } from "./rest-tables.ts";
import { type UploadAnswer, Uploads } from "./rest-uploads.ts";
import { createStorageServer, listen } from "./storage-write.ts";
import { Warehouse } from "./warehouse.ts";

export interface BigQueryEmulatorOptions {
  /** Port of the REST API. Default 9050; 0 takes a free one. */
  readonly restPort?: number;
  /** Port of the Storage Write API (gRPC). Default 9060; 0 takes a free one. */
  readonly storagePort?: number;
  /** DuckDB's database file. Default `:memory:`. */
  readonly databasePath?: string;
  /** Seed of the fault plan. Default 1. */
  readonly seed?: number;
  /** The emulator's clock, in milliseconds since the epoch. Default the system's. */
  readonly now?: () => number;
}

export interface BigQueryEmulator {
  readonly restPort: number;
  readonly storagePort: number;
  /** Kinds: `appendLost`, `timeout`, `quota`, `schemaLag` on tables; `restUnavailable`, `restQuota` on REST paths. */
  readonly faults: FaultPlan;
  readonly close: () => Promise<void>;
}

/** Serves BigQuery on loopback: REST for `@google-cloud/bigquery`, gRPC for the Storage Write API. */
export async function startBigQueryEmulator(
  options: BigQueryEmulatorOptions = {},
): Promise<BigQueryEmulator> {
  const now = options.now ?? Date.now;
  const faults = new FaultPlan(options.seed ?? 1);
  const warehouse = await Warehouse.open(options.databasePath ?? ":memory:");
  const jobs = new Jobs(warehouse);
  const routes = [...datasetRoutes(warehouse), ...tableRoutes(warehouse), ...jobRoutes(jobs)];
  const uploads = new Uploads(warehouse, jobs);
  const rest = createServer((request, response) => {
    void answer(request, { routes, uploads, faults, now }).then((result) => send(response, result));
  });
  rest.keepAliveTimeout = KEEP_ALIVE_MS;
  const storage = createStorageServer({ warehouse, faults, now });
  const restPort = await listenRest(rest, options.restPort ?? 9050);
  const storagePort = await listen(storage, options.storagePort ?? 9060);
  const close = async () => {
    storage.forceShutdown();
    rest.closeAllConnections();
    await new Promise((resolve) => rest.close(resolve));
    await warehouse.close();
  };
  return { restPort, storagePort, faults, close };
}

/** Longer than clients keep a connection that rests: none is closed under a request. */
const KEEP_ALIVE_MS = 600_000;

interface Rest {
  readonly routes: readonly Route[];
  readonly uploads: Uploads;
  readonly faults: FaultPlan;
  readonly now: () => number;
}

async function answer(
  request: IncomingMessage,
  { routes, uploads, faults, now }: Rest,
): Promise<UploadAnswer> {
  try {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const path = url.pathname.replace(/^\/bigquery\/v2/, "");
    const { method: verb = "GET", headers } = request;
    const bytes = await readBody(request);
    strikeRest(faults, verb, path, now());
    const uploaded = await uploads.answer({ method: verb, url, headers, bytes, nowMs: now() });
    if (uploaded !== undefined) return uploaded;
    const body = parseJson(bytes);
    for (const [method, pattern, run] of routes) {
      const parts = method === verb ? matchPath(pattern, path) : undefined;
      if (parts === undefined) continue;
      const result = await run({ parts, search: url.searchParams, body, nowMs: now() });
      return { status: result === undefined ? 204 : 200, body: result };
    }
    throw new ApiError(404, "notFound", `The emulator does not serve ${verb} ${url.pathname}`);
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown): UploadAnswer {
  const failure =
    error instanceof ApiError ? error : new ApiError(500, "internalError", messageOf(error));
  return { status: failure.httpStatus, body: failure.body() };
}

/** With its length told: clients take a connection that ends for the end of a body without one. */
function send(response: ServerResponse, result: UploadAnswer): void {
  const body = result.body === undefined ? undefined : JSON.stringify(result.body);
  response.writeHead(result.status, {
    "content-type": "application/json; charset=UTF-8",
    ...(body !== undefined && { "content-length": Buffer.byteLength(body) }),
    ...result.headers,
  });
  response.end(body);
}

function listenRest(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
