import "../../support/google-env.ts";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { BigQuery, type JobLoadMetadata } from "@google-cloud/bigquery";
import { type BigQueryEmulator, startBigQueryEmulator } from "../../../emulator/bigquery/server.ts";

const schema = {
  fields: [
    { name: "id", type: "INTEGER", mode: "REQUIRED" },
    { name: "name", type: "STRING" },
    { name: "price", type: "NUMERIC" },
    { name: "seen", type: "TIMESTAMP" },
  ],
};

let emulator: BigQueryEmulator;
let bigquery: BigQuery;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "load-test-"));
  emulator = await startBigQueryEmulator({ restPort: 0, storagePort: 0 });
  const apiEndpoint = `http://127.0.0.1:${emulator.restPort}`;
  // Without credentials the client cannot upload: it sets a header of headers that are not there.
  const authClient = {
    getRequestHeaders: () => Promise.resolve(new Headers({ authorization: "Bearer local" })),
  } as never;
  const options = { useAuthWithCustomEndpoint: true, retryOptions: { autoRetry: false } };
  bigquery = new BigQuery({ projectId: "p", apiEndpoint, authClient, ...options });
  await bigquery.createDataset("d");
});

afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true });
});

async function load(table: string, text: string, options: JobLoadMetadata): Promise<void> {
  const file = join(folder, `${table}.txt`);
  await writeFile(file, text);
  await bigquery.dataset("d").table(table).load(file, options);
}

async function rows(query: string): Promise<unknown> {
  const [found] = await bigquery.query(query);
  return JSON.parse(JSON.stringify(found));
}

test("an NDJSON file creates its table and fills it", async () => {
  const lines = ['{"id":1,"name":"a","price":1.5,"seen":"2026-01-01T00:00:00Z"}', '{"id":"2"}', ""];
  await load("json", lines.join("\n"), { sourceFormat: "NEWLINE_DELIMITED_JSON", schema });
  expect(await rows("SELECT * FROM d.json ORDER BY id")).toEqual([
    { id: 1, name: "a", price: "1.5", seen: { value: "2026-01-01T00:00:00.000Z" } },
    { id: 2, name: null, price: null, seen: null },
  ]);
});

test("in a CSV file quotes hold delimiters and lines, and an empty cell is NULL but of a STRING", async () => {
  const text = 'id,name,price,seen\n1,"x, ""y""\nz",2.25,2026-01-01 00:00:00\n2,,,\n';
  await load("csv", text, { sourceFormat: "CSV", schema, skipLeadingRows: 1 });
  expect(await rows("SELECT id, name, price FROM d.csv ORDER BY id")).toEqual([
    { id: 1, name: 'x, "y"\nz', price: "2.25" },
    { id: 2, name: "", price: null },
  ]);
});

test("a CSV file may end its lines as Windows does, and separate cells otherwise", async () => {
  const text = "1;a;2.5;\r\n2;b;;\r\n";
  await load("crlf", text, { sourceFormat: "CSV", schema, fieldDelimiter: ";" });
  expect(await rows("SELECT id, name, price FROM d.crlf ORDER BY id")).toEqual([
    { id: 1, name: "a", price: "2.5" },
    { id: 2, name: "b", price: null },
  ]);
});

test.each(["1,a,2.5\n", "1,a,2.5,,x\n", '1,"a,2.5,\n'])(
  "a CSV line that is not of the schema's cells refuses the file: %j",
  async (text) => {
    await expect(load("ragged", text, { sourceFormat: "CSV", schema })).rejects.toThrow(
      "Error while reading data",
    );
    await expect(bigquery.dataset("d").table("ragged").getMetadata()).rejects.toMatchObject({
      code: 404,
    });
  },
);

test("a Parquet file brings its own schema, and one that does not fit changes nothing", async () => {
  const file = join(folder, "rows.parquet");
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(
    `COPY (SELECT 7::INTEGER AS id, ['x', 'y'] AS tags, 1.5::DECIMAL(38, 9) AS price,
       TIMESTAMPTZ '2026-01-01 00:00:00+00' AS seen) TO '${file}' (FORMAT parquet)`,
  );
  await bigquery.dataset("d").table("parquet").load(file, { sourceFormat: "PARQUET" });
  const [{ schema: found }] = await bigquery.dataset("d").table("parquet").getMetadata();
  expect(found.fields).toMatchObject([
    { name: "id", type: "INTEGER" },
    { name: "tags", type: "STRING", mode: "REPEATED" },
    { name: "price", type: "NUMERIC" },
    { name: "seen", type: "TIMESTAMP" },
  ]);
  const expected = [{ id: 7, tags: ["x", "y"], price: "1.5" }];
  expect(await rows("SELECT id, tags, price FROM d.parquet")).toEqual(expected);
  await connection.run(`COPY (SELECT 'x' AS id) TO '${file}' (FORMAT parquet)`);
  const writeDisposition = "WRITE_TRUNCATE";
  await expect(
    bigquery
      .dataset("d")
      .table("parquet")
      .load(file, { sourceFormat: "PARQUET", writeDisposition }),
  ).rejects.toThrow("Error while reading data");
  expect(await rows("SELECT id, tags, price FROM d.parquet")).toEqual(expected);
});

test("a file with a bad row is refused whole, and names the row", async () => {
  const options = { sourceFormat: "CSV", schema } as const;
  await expect(load("bad", "1,a,,\nx,b,,\n", options)).rejects.toThrow(
    "Row 2: Could not convert value 'x' to INTEGER. Field: id",
  );
  await expect(bigquery.dataset("d").table("bad").getMetadata()).rejects.toMatchObject({
    code: 404,
  });
  await load("bad", "1,a,,\nx,b,,\n", { ...options, maxBadRecords: 1 });
  expect(await rows("SELECT id FROM d.bad")).toEqual([{ id: 1 }]);
});

test("write dispositions append, replace or refuse", async () => {
  const options = { sourceFormat: "CSV", schema } as const;
  await load("again", "1,a,,\n", options);
  await load("again", "2,b,,\n", options);
  expect(await rows("SELECT COUNT(*) AS n FROM d.again")).toEqual([{ n: 2 }]);
  await expect(
    load("again", "3,c,,\n", { ...options, writeDisposition: "WRITE_EMPTY" }),
  ).rejects.toThrow("Already Exists: Table p:d.again");
  await load("again", "4,d,,\n", { ...options, writeDisposition: "WRITE_TRUNCATE" });
  expect(await rows("SELECT id FROM d.again")).toEqual([{ id: 4 }]);
});

test("a query job writes its rows to the table it names", async () => {
  const destination = bigquery.dataset("d").table("copied");
  const query = "SELECT n, CONCAT('v', CAST(n AS STRING)) AS v FROM UNNEST([1, 2]) AS n";
  const [job] = await bigquery.createQueryJob({ query, destination });
  await job.getQueryResults();
  expect(await rows("SELECT n, v FROM d.copied ORDER BY n")).toEqual([
    { n: 1, v: "v1" },
    { n: 2, v: "v2" },
  ]);
  await expect(bigquery.createQueryJob({ query, destination })).rejects.toThrow(
    "Already Exists: Table p:d.copied",
  );
});
