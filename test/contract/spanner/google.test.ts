/** The same cases against Google's emulator, where the Cloud SDK has it: what ours differs in is written down. */
import type { Database, Spanner } from "@google-cloud/spanner";
import { CASES, type ContractCase } from "./cases.ts";
import { connect, createDatabase, createInstance, FIXTURE_DDL, outcomeOf } from "./fixture.ts";
import {
  findGoogleEmulator,
  GOOGLE_CLIENT_ENV,
  type RunningEmulator,
  startGoogleEmulator,
} from "./google-emulator.ts";
import { QUERY_CASES } from "./query-cases.ts";
import { TRANSACTION_CASES } from "./transaction-cases.ts";

const path = findGoogleEmulator();
const shared = [...CASES, ...TRANSACTION_CASES, ...QUERY_CASES].filter(
  (contractCase) => contractCase.oursOnly === undefined,
);
const cases = path === undefined ? [] : shared;

let emulator: RunningEmulator;
let spanner: Spanner;
let database: Database;

beforeAll(async () => {
  if (path === undefined) return;
  emulator = await startGoogleEmulator(path);
  spanner = connect(emulator.address, GOOGLE_CLIENT_ENV);
  database = await createDatabase(await createInstance(spanner, "contract"), "cases", FIXTURE_DDL);
});

afterAll(async () => {
  if (path === undefined) return;
  // The client calls the session of a rolled back transaction leaked: that is no concern of this test.
  await database.close().catch(() => undefined);
  await Promise.resolve(spanner.close());
  await emulator.stop();
});

test("Google's emulator is compared with where it is installed", () => {
  expect(cases.length > 0).toBe(path !== undefined);
});

for (const contractCase of cases) {
  test(contractCase.name, async () => {
    const outcome = await outcomeOf(() => contractCase.run(database));
    expect(withoutSentences(outcome)).toEqual(withoutSentences(expectedOf(contractCase)));
  }, 20_000);
}

function expectedOf({ expected, google }: ContractCase): unknown {
  return google === undefined ? expected : google.expected;
}

/** Errors by their code alone. */
function withoutSentences(outcome: unknown): unknown {
  return JSON.parse(JSON.stringify(outcome ?? null, (_, value) => codeOnly(value)));
}

function codeOnly(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return "code" in value && "message" in value ? { code: value.code } : value;
}
