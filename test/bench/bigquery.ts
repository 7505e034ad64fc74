/**
 * CDC upserts through the official writer, with and without queries meanwhile, and a dashboard query over five million rows. The
 * emulator runs in a process of its own, as it does beside a worker.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { BigQuery } from "@google-cloud/bigquery";
import { adapt, managedwriter } from "@google-cloud/bigquery-storage";
import { credentials } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import { startBigQueryEmulator } from "../../emulator/bigquery/server.ts";

const rowsPerRequest = 2000;
const requests = 200;
const keys = 100_000;
const scanRows = 5_000_000;
const project = "bench";
const schema = [
  { name: "window_size_s", type: "INTEGER" },
  { name: "auction_id", type: "STRING" },
  { name: "window_start", type: "TIMESTAMP" },
  { name: "region", type: "STRING" },
  { name: "bid_count", type: "INTEGER" },
  { name: "sum_nanos", type: "NUMERIC" },
  { name: "pane", type: "STRING" },
  { name: "top_bid_id", type: "STRING" },
];

interface Ports {
  readonly restPort: number;
  readonly storagePort: number;
}

async function serve(): Promise<void> {
  const { restPort, storagePort } = await startBigQueryEmulator({ restPort: 0, storagePort: 0 });
  process.send?.({ restPort, storagePort });
}

async function measure({ restPort, storagePort }: Ports, pid: number): Promise<void> {
  const bigquery = new BigQuery({
    projectId: project,
    apiEndpoint: `http://127.0.0.1:${restPort}`,
  });
  await bigquery.createDataset("d");
  const primaryKey = { columns: ["window_size_s", "auction_id", "window_start"] };
  await bigquery.dataset("d").createTable("counts", { schema, tableConstraints: { primaryKey } });
  await measureUpserts(storagePort);
  const streaming = measureUpserts(storagePort);
  await pollUntil(bigquery, streaming);
  process.stdout.write(`resident memory of the emulator: ${residentMegabytes(pid)} MB\n`);
  const start = performance.now();
  const [[row]] = await bigquery.query(
    "SELECT COUNT(*) AS n, SUM(bid_count) AS bids FROM d.counts",
  );
  report(`first query after the upserts, ${JSON.stringify(row)}`, start);
  await bigquery.dataset("d").createTable("scan", { schema });
  await bigquery.query(
    `INSERT INTO d.scan SELECT 60, CONCAT('a', CAST(MOD(n, 100000) AS STRING)),
       TIMESTAMP_SECONDS(1767225600 + DIV(n, 50)), IF(MOD(n, 3) = 0, 'us', 'eu'), MOD(n, 40), NUMERIC '1.25', 'onTime', 'b'
     FROM UNNEST(GENERATE_ARRAY(1, ${scanRows})) AS n`,
  );
  await measureDashboard(bigquery);
}

async function measureUpserts(storagePort: number): Promise<void> {
  const storageSchema = adapt.convertBigQuerySchemaToStorageTableSchema({ fields: schema });
  const descriptor = adapt.convertStorageSchemaToProto2Descriptor(
    storageSchema,
    "root",
    adapt.withChangeType(),
    adapt.withChangeSequenceNumber(),
  );
  const client = new managedwriter.WriterClient({
    projectId: project,
    apiEndpoint: "127.0.0.1",
    port: storagePort,
    sslCreds: credentials.createInsecure(),
  });
  const destinationTable = `projects/${project}/datasets/d/tables/counts`;
  const connection = await client.createStreamConnection({
    streamId: managedwriter.DefaultStream,
    destinationTable,
  });
  const writer = new managedwriter.Writer({ connection, protoDescriptor: descriptor });
  const type = rowType(descriptor);
  const sizeBytes = type.encode(rowAt(0)).finish().length;
  const start = performance.now();
  const pending: Promise<unknown>[] = [];
  for (let request = 0; request < requests; request++) {
    const serializedRows = Array.from({ length: rowsPerRequest }, (_, index) =>
      type.encode(rowAt(request * rowsPerRequest + index)).finish(),
    );
    pending.push(writer.appendRows({ serializedRows }).getResult());
    if (pending.length >= 8) await pending.shift();
  }
  await Promise.all(pending);
  const rows = requests * rowsPerRequest;
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(
    `CDC upserts of ${sizeBytes} B: ${Math.round(rows / seconds)} rows/s (${rows} rows, ${keys} keys)\n`,
  );
  connection.close();
  client.close();
}

/** What a console that looks once a quarter of a second waits for, while rows stream in. */
async function pollUntil(bigquery: BigQuery, streaming: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = streaming.then(() => {
    isOver = true;
  });
  const latenciesMs: number[] = [];
  while (!isOver) {
    const start = performance.now();
    await bigquery.query("SELECT region, SUM(bid_count) AS bids FROM d.counts GROUP BY region");
    latenciesMs.push(performance.now() - start);
    await delay(250);
  }
  await over;
  const sorted = latenciesMs.sort((left, right) => left - right);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  process.stdout.write(
    `queries while they stream in: ${at(0.5)} ms median, ${at(1)} ms at most, ${sorted.length} queries\n`,
  );
}

function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

interface ProtoField {
  readonly name?: string | null;
  readonly number?: number | null;
}

function rowType(descriptor: { readonly field?: readonly ProtoField[] | null }): protobuf.Type {
  const type = new protobuf.Type("Row");
  const integers = new Set(["window_size_s", "window_start", "bid_count"]);
  for (const { name, number } of descriptor.field ?? []) {
    const kind = integers.has(name ?? "") ? "int64" : "string";
    type.add(new protobuf.Field(name ?? "", number ?? 0, kind));
  }
  return type;
}

function rowAt(index: number): Record<string, string | number> {
  const key = index % keys;
  return {
    window_size_s: 60,
    auction_id: `auction-${String(key).padStart(12, "0")}-us-east4`,
    window_start: 1_767_225_600_000_000,
    region: "us-east4",
    bid_count: index,
    sum_nanos: "12345.678901234",
    pane: "onTime",
    top_bid_id: `bid-${String(index).padStart(24, "0")}-0000`,
    _CHANGE_TYPE: "UPSERT",
    _CHANGE_SEQUENCE_NUMBER: index.toString(16),
  };
}

async function measureDashboard(bigquery: BigQuery): Promise<void> {
  const query = `SELECT TIMESTAMP_TRUNC(window_start, HOUR, 'America/New_York') AS hour, region,
      SUM(bid_count) AS bids, SUM(sum_nanos) AS amount, APPROX_COUNT_DISTINCT(auction_id) AS auctions
    FROM d.scan WHERE pane = 'onTime' GROUP BY hour, region ORDER BY hour DESC, region LIMIT 48`;
  for (const run of ["first", "second"]) {
    const start = performance.now();
    const [rows] = await bigquery.query(query);
    report(`dashboard query over ${scanRows} rows, ${run} run, ${rows.length} groups`, start);
  }
}

function report(what: string, startMs: number): void {
  process.stdout.write(`${what}: ${Math.round(performance.now() - startMs)} ms\n`);
}

if (process.argv[2] === "serve") {
  await serve();
} else {
  const child = fork(import.meta.filename, ["serve"]);
  const [ports] = await once(child, "message");
  await measure(ports, child.pid ?? 0);
  child.kill();
}
