/** Faults on purpose over the control port, as the official clients meet them, each counted. */
import "../../support/google-env.ts";
import { BigQuery } from "@google-cloud/bigquery";
import { adapt, managedwriter } from "@google-cloud/bigquery-storage";
import { credentials } from "@grpc/grpc-js";
import { type BigQueryEmulator, startBigQueryEmulator } from "../../../emulator/bigquery/server.ts";
import {
  type ControlServer,
  startControlServer,
} from "../../../emulator/control/control-server.ts";

const fields = [
  { name: "id", type: "INTEGER", mode: "REQUIRED" },
  { name: "name", type: "STRING" },
];
const table = "projects/p/datasets/d/tables/t";
const kinds = ["appendLost", "timeout", "quota", "schemaLag", "restUnavailable", "restQuota"];

let emulator: BigQueryEmulator;
let control: ControlServer;
let bigquery: BigQuery;
let writers: managedwriter.WriterClient;

beforeAll(async () => {
  emulator = await startBigQueryEmulator({ restPort: 0, storagePort: 0 });
  const service = { name: "bigquery", faults: emulator.faults, faultKinds: kinds };
  control = await startControlServer({ port: 0, services: [service] });
  const apiEndpoint = `http://127.0.0.1:${emulator.restPort}`;
  bigquery = new BigQuery({ projectId: "p", apiEndpoint });
  await bigquery.createDataset("d");
  const tableConstraints = { primaryKey: { columns: ["id"] } };
  await bigquery.dataset("d").createTable("t", { schema: fields, tableConstraints });
  writers = new managedwriter.WriterClient({
    projectId: "p",
    apiEndpoint: "127.0.0.1",
    port: emulator.storagePort,
    sslCreds: credentials.createInsecure(),
  });
});

afterEach(async () => {
  await fetch(`${root()}/faults`, { method: "DELETE" });
});

afterAll(async () => {
  writers.close();
  await control.close();
  await emulator.close();
});

function root(): string {
  return `http://127.0.0.1:${control.port}/bigquery`;
}

async function addFault(rule: object): Promise<void> {
  const body = JSON.stringify({ limit: 1, ...rule });
  const response = await fetch(`${root()}/faults`, { method: "POST", body });
  expect(response.status).toBe(200);
}

async function counted(key: string): Promise<unknown> {
  const counts = await (await fetch(`${root()}/faults/counts`)).json();
  return Object(counts)[key];
}

/** One upsert on a connection of its own; what its caller hears: the code of the error, or "ok". */
async function upsert(id: number): Promise<unknown> {
  const storageSchema = adapt.convertBigQuerySchemaToStorageTableSchema({ fields });
  const protoDescriptor = adapt.convertStorageSchemaToProto2Descriptor(
    storageSchema,
    "root",
    adapt.withChangeType(),
  );
  const connection = await writers.createStreamConnection({
    streamId: managedwriter.DefaultStream,
    destinationTable: table,
  });
  const failed = new Promise((resolve) => connection.onConnectionError((error) => resolve(error)));
  const writer = new managedwriter.JSONWriter({ connection, protoDescriptor });
  const appended = writer.appendRows([{ id, name: "n", _CHANGE_TYPE: "UPSERT" }]).getResult();
  const outcome = await Promise.race([
    appended.then(
      ({ error }) => error?.code ?? "ok",
      (error: unknown) => Object(error).code,
    ),
    failed.then((error) => Object(error).code),
  ]);
  connection.close();
  return outcome;
}

async function ids(): Promise<unknown> {
  const [rows] = await bigquery.query("SELECT id FROM d.t ORDER BY id");
  return rows.map((row: { id: number }) => row.id);
}

test.each([
  ["appendLost", 14, "applied"],
  ["timeout", 4, "not applied"],
  ["quota", 8, "not applied"],
  ["schemaLag", 3, "not applied"],
] as const)("%s: the writer hears code %i, and the append was %s", async (kind, code, effect) => {
  const id = kinds.indexOf(kind) * 10;
  await addFault({ kind, target: table });
  expect(await upsert(id)).toBe(code);
  const isThere = expect.arrayContaining([id]);
  if (effect === "applied") expect(await ids()).toEqual(isThere);
  else expect(await ids()).not.toEqual(isThere);
  expect(await upsert(id)).toBe("ok");
  expect(await ids()).toEqual(isThere);
  expect(await counted(`${kind} ${table}`)).toBe(1);
});

test("restUnavailable: the client asks again until the query goes through", async () => {
  const target = "projects/p/queries";
  await addFault({ kind: "restUnavailable", target });
  const [rows] = await bigquery.query("SELECT 1 AS one");
  expect(rows).toEqual([{ one: 1 }]);
  expect(await counted(`restUnavailable ${target}`)).toBe(1);
});

test("restQuota: the client leaves it to its caller, and the rows were not inserted", async () => {
  const target = "projects/p/datasets/d/tables/t/insertAll";
  await addFault({ kind: "restQuota", target });
  await expect(
    bigquery
      .dataset("d")
      .table("t")
      .insert([{ id: 99 }]),
  ).rejects.toMatchObject({
    code: 403,
    errors: [{ reason: "rateLimitExceeded" }],
  });
  expect(await ids()).not.toContain(99);
  expect(await counted(`restQuota ${target}`)).toBe(1);
});

test("a kind of fault that the emulator has not is refused with those it has", async () => {
  const body = JSON.stringify({ kind: "aborted" });
  const response = await fetch(`${root()}/faults`, { method: "POST", body });
  expect([response.status, await response.text()]).toEqual([
    400,
    expect.stringContaining(kinds.join(", ")),
  ]);
});
