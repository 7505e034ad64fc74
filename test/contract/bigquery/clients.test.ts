import "../../support/google-env.ts";
import { BigQuery } from "@google-cloud/bigquery";
import { adapt, managedwriter } from "@google-cloud/bigquery-storage";
import { credentials } from "@grpc/grpc-js";
import { type BigQueryEmulator, startBigQueryEmulator } from "../../../emulator/bigquery/server.ts";

const schema = [
  { name: "id", type: "INTEGER", mode: "REQUIRED" },
  { name: "name", type: "STRING" },
  { name: "price", type: "NUMERIC" },
  { name: "seen", type: "TIMESTAMP" },
  { name: "tags", type: "STRING", mode: "REPEATED" },
];
const destinationTable = "projects/p/datasets/d/tables/t";

let emulator: BigQueryEmulator;
let bigquery: BigQuery;
let writers: managedwriter.WriterClient;

beforeEach(async () => {
  emulator = await startBigQueryEmulator({ restPort: 0, storagePort: 0 });
  bigquery = new BigQuery({
    projectId: "p",
    apiEndpoint: `http://127.0.0.1:${emulator.restPort}`,
    retryOptions: { autoRetry: false },
  });
  await bigquery.createDataset("d");
  const tableConstraints = { primaryKey: { columns: ["id"] } };
  const maxStaleness = "0-0 0 0:15:0";
  const clustering = { fields: ["id"] };
  await bigquery
    .dataset("d")
    .createTable("t", { schema, tableConstraints, maxStaleness, clustering });
  writers = new managedwriter.WriterClient({
    projectId: "p",
    apiEndpoint: "127.0.0.1",
    port: emulator.storagePort,
    sslCreds: credentials.createInsecure(),
  });
});

afterEach(async () => {
  writers.close();
  await emulator.close();
});

async function openWriter(streamId: string, rowKind: "changes" | "plain" = "changes") {
  const storageSchema = adapt.convertBigQuerySchemaToStorageTableSchema({ fields: schema });
  const options =
    rowKind === "plain" ? [] : [adapt.withChangeType(), adapt.withChangeSequenceNumber()];
  const protoDescriptor = adapt.convertStorageSchemaToProto2Descriptor(
    storageSchema,
    "root",
    ...options,
  );
  const connection = await writers.createStreamConnection({ streamId, destinationTable });
  return new managedwriter.JSONWriter({ connection, protoDescriptor });
}

async function rows(query: string): Promise<unknown> {
  const [found] = await bigquery.query(query);
  return found;
}

function upsert(id: number, name: string, sequence: string) {
  return { id, name, _CHANGE_TYPE: "UPSERT", _CHANGE_SEQUENCE_NUMBER: sequence };
}

test("the newest change of a key is what a query sees, whatever the order of arrival", async () => {
  const writer = await openWriter(managedwriter.DefaultStream);
  const result = await writer
    .appendRows([upsert(1, "new", "A/1"), upsert(1, "old", "9/F"), upsert(2, "gone", "1")])
    .getResult();
  expect(result.error).toBeUndefined();
  expect(await rows("SELECT id, name FROM d.t ORDER BY id")).toEqual([
    { id: 1, name: "new" },
    { id: 2, name: "gone" },
  ]);
  await writer
    .appendRows([{ id: 2, _CHANGE_TYPE: "DELETE", _CHANGE_SEQUENCE_NUMBER: "2" }])
    .getResult();
  await writer.appendRows([upsert(2, "late", "1")]).getResult();
  expect(await rows("SELECT id FROM d.t")).toEqual([{ id: 1 }]);
});

test("DML is refused on a table that change data capture writes", async () => {
  const writer = await openWriter(managedwriter.DefaultStream);
  await writer.appendRows([upsert(1, "a", "1")]).getResult();
  await expect(bigquery.query("DELETE FROM d.t WHERE TRUE")).rejects.toThrow("change data capture");
});

test("one bad row refuses the batch and names the row", async () => {
  const writer = await openWriter(managedwriter.DefaultStream);
  const result = await writer.appendRows([upsert(1, "a", "1"), upsert(2, "b", "xyz")]).getResult();
  expect(result.rowErrors).toMatchObject([{ index: "1", code: "FIELDS_ERROR" }]);
  expect(await rows("SELECT id FROM d.t")).toEqual([]);
});

test("a pending stream checks offsets and shows its rows at the commit", async () => {
  const streamType = managedwriter.PendingStream;
  const { name } = await writers.createWriteStreamFullResponse({ streamType, destinationTable });
  const writer = await openWriter(name ?? "", "plain");
  const codes: (number | null | undefined)[] = [];
  for (const offset of [0, 0, 5]) {
    const { error } = await writer.appendRows([{ id: offset, name: "p" }], offset).getResult();
    codes.push(error?.code);
  }
  expect(codes).toEqual([undefined, 6, 11]);
  expect(await rows("SELECT id FROM d.t")).toEqual([]);
  await writers.getClient().finalizeWriteStream({ name: name ?? "" });
  const writeStreams = [name ?? ""];
  await writers.batchCommitWriteStream({ parent: destinationTable, writeStreams });
  expect(await rows("SELECT id FROM d.t")).toEqual([{ id: 0 }]);
});

test("a bad row stops the others of its insertAll, and each hears why", async () => {
  const table = bigquery.dataset("d").table("t");
  const rowsBefore = await rows("SELECT COUNT(*) FROM d.t");
  const refused = await table
    .insert([{ id: 7 }, { id: "x" }])
    .catch((error: { errors: unknown }) => error.errors);
  expect(refused).toMatchObject([
    { errors: [{ reason: "stopped" }], row: { id: 7 } },
    { errors: [{ reason: "invalid" }], row: { id: "x" } },
  ]);
  expect(await rows("SELECT COUNT(*) FROM d.t")).toEqual(rowsBefore);
});

test("STRUCT parameters, alone and in an array", async () => {
  const [found] = await bigquery.query({
    query: "SELECT @one.x + each.x AS sum, each.y AS y FROM UNNEST(@many) AS each ORDER BY sum",
    params: {
      one: { x: 1 },
      many: [
        { x: 10, y: "a" },
        { x: 20, y: "b" },
      ],
    },
  });
  expect(found).toEqual([
    { sum: 11, y: "a" },
    { sum: 21, y: "b" },
  ]);
});

test("insertAll, parameters, views and paging work through the REST client", async () => {
  const table = bigquery.dataset("d").table("t");
  await table.insert([
    { id: 1, name: "a", price: "1.5", seen: "2026-01-01T00:00:00.5Z", tags: ["x", "y"] },
    { id: 2, name: "b" },
  ]);
  const [found] = await bigquery.query({
    query: "SELECT * FROM d.t WHERE id = @id AND name IN UNNEST(@names)",
    params: { id: 1, names: ["a"] },
  });
  expect(JSON.parse(JSON.stringify(found))).toEqual([
    {
      id: 1,
      name: "a",
      price: "1.5",
      seen: { value: "2026-01-01T00:00:00.500Z" },
      tags: ["x", "y"],
    },
  ]);
  const view = { query: "SELECT COUNT(*) AS n FROM d.t", useLegacySql: false };
  await bigquery.dataset("d").createTable("v", { view });
  expect(await rows("SELECT n FROM d.v")).toEqual([{ n: 2 }]);
  const [page] = await table.getRows({ maxResults: 1, autoPaginate: false });
  expect(page).toHaveLength(1);
});

test("a bad row of insertAll, a bad query and an unknown table are refused in Google's form", async () => {
  const table = bigquery.dataset("d").table("t");
  await expect(table.insert([{ id: 1, nope: 2 }])).rejects.toMatchObject({
    errors: [{ errors: [{ message: "no such field: nope.", reason: "invalid" }] }],
  });
  await expect(bigquery.query("SELECT 1 / 0")).rejects.toThrow("division by zero");
  await expect(bigquery.query("SELECT 1 FROM d.absent")).rejects.toMatchObject({ code: 400 });
  await expect(bigquery.dataset("d").table("absent").getMetadata()).rejects.toMatchObject({
    code: 404,
  });
});

test("an append whose reply is lost was applied", async () => {
  emulator.faults.add({ kind: "appendLost", target: destinationTable, probability: 1, limit: 1 });
  const writer = await openWriter(managedwriter.DefaultStream);
  await writer
    .appendRows([upsert(1, "a", "1")])
    .getResult()
    .catch(() => undefined);
  expect(await rows("SELECT id FROM d.t")).toEqual([{ id: 1 }]);
  expect(emulator.faults.counts()).toEqual({ [`appendLost ${destinationTable}`]: 1 });
});
