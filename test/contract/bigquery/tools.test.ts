/** What tools other than our own programs ask: `bq` of the Cloud SDK, where installed, and INFORMATION_SCHEMA. */
import "../../support/google-env.ts";
import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { promisify } from "node:util";
import { BigQuery } from "@google-cloud/bigquery";
import { type BigQueryEmulator, startBigQueryEmulator } from "../../../emulator/bigquery/server.ts";

const run = promisify(execFile);
/** It is a Python program that takes seconds to start. */
const BQ_TEST_MS = 120_000;

let emulator: BigQueryEmulator;
let bigquery: BigQuery;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bq-test-"));
  emulator = await startBigQueryEmulator({ restPort: 0, storagePort: 0 });
  const apiEndpoint = `http://127.0.0.1:${emulator.restPort}`;
  bigquery = new BigQuery({ projectId: "p", apiEndpoint, retryOptions: { autoRetry: false } });
  await bigquery.createDataset("d");
  await bigquery.dataset("d").createTable("t", {
    schema: [
      { name: "id", type: "INTEGER", mode: "REQUIRED" },
      { name: "price", type: "NUMERIC" },
      { name: "tags", type: "STRING", mode: "REPEATED" },
    ],
    tableConstraints: { primaryKey: { columns: ["id"] } },
    clustering: { fields: ["id"] },
    description: "Three columns.",
  });
  await bigquery.dataset("d").createTable("v", { view: "SELECT id FROM d.t" });
});

afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true });
});

/** Where the Cloud SDK keeps the description of the API that `bq` works from. */
function discoveryFile(): string | undefined {
  try {
    const args = ["info", "--format=value(installation.sdk_root)"];
    const root = execFileSync("gcloud", args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const file = join(root.trim(), "platform/bq/discovery_next/bigquery.json");
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}

const discovery = discoveryFile();
const withBq = discovery === undefined ? test.skip : test;

async function bq(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(
    "bq",
    [
      "--api",
      `http://127.0.0.1:${emulator.restPort}`,
      `--discovery_file=${discovery}`,
      "--oauth_access_token=local",
      "--project_id=p",
      "--quiet",
      "--format=json",
      ...args,
    ],
    { env: { ...env, HOME: folder, CLOUDSDK_CONFIG: folder } },
  );
  return stdout;
}

withBq(
  "bq loads a file, and reads it back with named and positional parameters",
  async () => {
    const file = join(folder, "rows.csv");
    await writeFile(file, 'id,name\n1,"a,b"\n2,c\n');
    await bq("load", "--skip_leading_rows=1", "d.loaded", file, "id:INTEGER,name:STRING");
    const named = await bq(
      "query",
      "--use_legacy_sql=false",
      "--parameter=least:INTEGER:2",
      "SELECT id, name FROM d.loaded WHERE id >= @least",
    );
    expect(JSON.parse(named)).toEqual([{ id: "2", name: "c" }]);
    const positional = await bq(
      "query",
      "--use_legacy_sql=false",
      "--parameter=:STRING:a,b",
      "SELECT id FROM d.loaded WHERE name = ?",
    );
    expect(JSON.parse(positional)).toEqual([{ id: "1" }]);
  },
  BQ_TEST_MS,
);

withBq(
  "bq lists and shows tables, and checks a query without running it",
  async () => {
    const listed: { tableReference: { tableId: string } }[] = JSON.parse(await bq("ls", "d"));
    expect(listed.map(({ tableReference }) => tableReference.tableId)).toEqual(
      expect.arrayContaining(["t", "v"]),
    );
    expect(JSON.parse(await bq("show", "d.t"))).toMatchObject({
      numRows: "0",
      schema: { fields: [{ name: "id", mode: "REQUIRED" }, { name: "price" }, { name: "tags" }] },
    });
    const dryRun = await bq("query", "--use_legacy_sql=false", "--dry_run", "SELECT id FROM d.t");
    expect(JSON.parse(dryRun)).toMatchObject({
      statistics: { query: { schema: { fields: [{ name: "id", type: "INTEGER" }] } } },
    });
  },
  BQ_TEST_MS,
);

test.each([
  [
    "SELECT table_name, table_type FROM d.INFORMATION_SCHEMA.TABLES WHERE table_name IN ('t', 'v') ORDER BY table_name",
    [
      { table_name: "t", table_type: "BASE TABLE" },
      { table_name: "v", table_type: "VIEW" },
    ],
  ],
  [
    "SELECT column_name, data_type, is_nullable, clustering_ordinal_position AS c FROM `p.d.INFORMATION_SCHEMA.COLUMNS` WHERE table_name = 't' ORDER BY ordinal_position",
    [
      { column_name: "id", data_type: "INT64", is_nullable: "NO", c: 1 },
      { column_name: "price", data_type: "NUMERIC", is_nullable: "YES", c: null },
      { column_name: "tags", data_type: "ARRAY<STRING>", is_nullable: "YES", c: null },
    ],
  ],
  ["SELECT schema_name FROM INFORMATION_SCHEMA.SCHEMATA", [{ schema_name: "d" }]],
  [
    "SELECT view_definition FROM `region-us`.INFORMATION_SCHEMA.VIEWS",
    [{ view_definition: "SELECT id FROM d.t" }],
  ],
  [
    "SELECT column_name FROM d.INFORMATION_SCHEMA.KEY_COLUMN_USAGE JOIN d.INFORMATION_SCHEMA.TABLE_CONSTRAINTS USING (constraint_name)",
    [{ column_name: "id" }],
  ],
  [
    "SELECT option_value FROM d.INFORMATION_SCHEMA.TABLE_OPTIONS WHERE option_name = 'description'",
    [{ option_value: '"Three columns."' }],
  ],
  [
    "SELECT field_path FROM d.INFORMATION_SCHEMA.COLUMN_FIELD_PATHS WHERE table_name = 'v'",
    [{ field_path: "id" }],
  ],
])("%s", async (query, expected) => {
  const [found] = await bigquery.query(query);
  expect(found).toEqual(expected);
});

test("a view of INFORMATION_SCHEMA that the emulator has not is refused by name", async () => {
  await expect(bigquery.query("SELECT * FROM d.INFORMATION_SCHEMA.JOBS")).rejects.toThrow(
    "Table not found: d.INFORMATION_SCHEMA.JOBS at [1:15]",
  );
});

test("an unknown column is named with its place", async () => {
  await expect(bigquery.query("SELECT id,\n  nope FROM d.t")).rejects.toThrow(
    "Unrecognized name: nope at [2:3]",
  );
});

test("positional parameters are bound in order, whatever their types", async () => {
  const [found] = await bigquery.query({
    query: "SELECT ? + ? AS n, ? AS name, ARRAY_LENGTH(?) AS items",
    params: [1, 2, "x", ["a", "b"]],
  });
  expect(found).toEqual([{ n: 3, name: "x", items: 2 }]);
});

test("a result comes in pages, all of them in order", async () => {
  const [job] = await bigquery.createQueryJob(
    "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 5)) AS n ORDER BY n",
  );
  const [first, next] = await job.getQueryResults({ maxResults: 2, autoPaginate: false });
  const [second] = await job.getQueryResults({ ...next, autoPaginate: false });
  expect([first, second]).toEqual([
    [{ n: 1 }, { n: 2 }],
    [{ n: 3 }, { n: 4 }],
  ]);
});

test("a dry run tells the schema and runs nothing", async () => {
  const query = "SELECT id, price FROM d.t WHERE id = @id";
  const [job] = await bigquery.createQueryJob({ query, params: { id: 1 }, dryRun: true });
  expect(job.metadata.statistics.query.schema.fields).toMatchObject([
    { name: "id", type: "INTEGER" },
    { name: "price", type: "NUMERIC" },
  ]);
});

test("the newest jobs are remembered, the oldest forgotten", async () => {
  const [job] = await bigquery.createQueryJob("SELECT 1 AS one");
  for (let round = 0; round < 3; round++) {
    await bigquery.query("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 400000)) AS n", { maxResults: 1 });
  }
  await expect(job.getMetadata()).rejects.toMatchObject({ code: 404 });
});

test("lists come in pages", async () => {
  const [first, next] = await bigquery
    .dataset("d")
    .getTables({ maxResults: 1, autoPaginate: false });
  expect(first).toHaveLength(1);
  const [rest] = await bigquery.dataset("d").getTables({ ...next, autoPaginate: false });
  expect(rest.map(({ id }) => id)).not.toContain(first[0]?.id);
});
