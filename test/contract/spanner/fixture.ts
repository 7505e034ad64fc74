import { env } from "node:process";
import { type Database, type Instance, Spanner } from "@google-cloud/spanner";

/** Tables that between them have every feature of the schema that cases ask about. */
export const FIXTURE_DDL = [
  `CREATE TABLE AuctionLog (
    auction_id STRING(64) NOT NULL,
    revision INT64 NOT NULL,
    totals JSON,
    fingerprints BYTES(MAX),
    committed_at TIMESTAMP OPTIONS (allow_commit_timestamp = true),
  ) PRIMARY KEY (auction_id, revision)`,
  `CREATE TABLE Everything (
    id INT64 NOT NULL,
    flag BOOL,
    ratio FLOAT64,
    amount NUMERIC,
    name STRING(10),
    raw BYTES(4),
    day DATE,
    at_time TIMESTAMP,
    doc JSON,
    numbers ARRAY<INT64>,
    names ARRAY<STRING(MAX)>,
    doubled INT64 AS (id * 2) STORED,
    note STRING(MAX) DEFAULT ("none"),
    CONSTRAINT positive_id CHECK (id > 0),
  ) PRIMARY KEY (id)`,
  "CREATE TABLE Seat (seat STRING(20) NOT NULL, credit NUMERIC) PRIMARY KEY (seat)",
  `CREATE TABLE Bid (
    seat STRING(20) NOT NULL, bid_id STRING(36) NOT NULL, price INT64, state STRING(20),
  ) PRIMARY KEY (seat, bid_id), INTERLEAVE IN PARENT Seat ON DELETE CASCADE`,
  `CREATE TABLE Audit (
    seat STRING(20) NOT NULL, number INT64 NOT NULL,
  ) PRIMARY KEY (seat, number DESC), INTERLEAVE IN PARENT Seat ON DELETE NO ACTION`,
  "CREATE INDEX BidByState ON Bid(state, price DESC)",
  "CREATE TABLE Person (id INT64 NOT NULL, email STRING(100), alias STRING(100), age INT64) PRIMARY KEY (id)",
  "CREATE UNIQUE INDEX PersonByEmail ON Person(email) STORING (age)",
  "CREATE UNIQUE NULL_FILTERED INDEX PersonByAlias ON Person(alias)",
  "CREATE TABLE Tally (id INT64 NOT NULL, email STRING(100), age INT64) PRIMARY KEY (id)",
  "CREATE TABLE Owner (id INT64 NOT NULL) PRIMARY KEY (id)",
  `CREATE TABLE Pet (
    id INT64 NOT NULL, owner_id INT64,
    CONSTRAINT pet_owner FOREIGN KEY (owner_id) REFERENCES Owner (id),
  ) PRIMARY KEY (id)`,
];

/** Points the official client, with default settings but for `clientEnv`, at an emulator. */
export function connect(address: string, clientEnv: Readonly<Record<string, string>>): Spanner {
  Object.assign(env, clientEnv, {
    SPANNER_EMULATOR_HOST: address,
    METADATA_SERVER_DETECTION: "none",
  });
  return new Spanner({ projectId: "contract" });
}

export async function createInstance(spanner: Spanner, id: string): Promise<Instance> {
  const [instance, creation] = await spanner.createInstance(id, {
    config: "emulator-config",
    nodes: 1,
    displayName: id,
  });
  await creation.promise();
  return instance;
}

export async function createDatabase(
  instance: Instance,
  id: string,
  schema: readonly string[],
): Promise<Database> {
  const [database, creation] = await instance.createDatabase(id, { schema: [...schema] });
  await creation.promise();
  return database;
}

export type Plain = Readonly<Record<string, unknown>>;

/** Rows as plain objects: wrapped numbers and timestamps as their text. */
export function plainRows(rows: readonly object[]): Plain[] {
  return rows.map((row) => plain(asJson(row)));
}

function asJson(row: object): object {
  const toJson: unknown = "toJSON" in row ? row.toJSON : undefined;
  return typeof toJson === "function" ? toJson.call(row, { wrapNumbers: true }) : row;
}

function plain(value: object): Plain {
  return JSON.parse(JSON.stringify(value, (_, each) => flatten(each)));
}

/** Wrappers of numbers hold their text in `value`. */
function flatten(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("value" in value)) return value;
  return Object.keys(value).length === 1 ? value.value : value;
}

/** What a case came to: its value, or the code and sentence of its error. */
export async function outcomeOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = Reflect.get(error, "code");
    const details = Reflect.get(error, "details");
    return { code, message: typeof details === "string" ? details : error.message };
  }
}
