import type { Database, Spanner } from "@google-cloud/spanner";
import { type SpannerEmulator, startSpannerEmulator } from "../../../emulator/spanner/server.ts";
import { CASES } from "./cases.ts";
import { connect, createDatabase, createInstance, FIXTURE_DDL, outcomeOf } from "./fixture.ts";
import { QUERY_CASES } from "./query-cases.ts";
import { TRANSACTION_CASES } from "./transaction-cases.ts";

let emulator: SpannerEmulator;
let spanner: Spanner;
let database: Database;

beforeAll(async () => {
  emulator = await startSpannerEmulator({ port: 0 });
  spanner = connect(emulator.address, {});
  database = await createDatabase(await createInstance(spanner, "contract"), "cases", FIXTURE_DDL);
});

afterAll(async () => {
  await database.close();
  await Promise.resolve(spanner.close());
  await emulator.close();
});

test.each([...CASES, ...TRANSACTION_CASES, ...QUERY_CASES])("$name", async ({ run, expected }) => {
  expect(await outcomeOf(() => run(database))).toEqual(expected);
});
