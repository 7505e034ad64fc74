import { PubSub } from "@google-cloud/pubsub";
import { eventImports, localProject } from "../../shared/names.ts";
import { writeRecord } from "../../shared/wire/log-form/write-record.ts";
import { awaitDrained } from "../../workers/gavel/start/await-drained.ts";
import { Child } from "../../workers/gavel/start/children.ts";
import { randomBids } from "../support/builders.ts";
import { type LocalEmulators, startLocalEmulators } from "../support/local-emulators.ts";

let emulators: LocalEmulators;
const workers: Child[] = [];

beforeAll(async () => {
  emulators = await startLocalEmulators();
}, 60_000);

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await emulators.stop();
}, 30_000);

async function openImports(sources: readonly string[]): Promise<PubSub> {
  const apiEndpoint = emulators.addresses.pubsub.us ?? "";
  const pubsub = new PubSub({ projectId: localProject, apiEndpoint, emulatorMode: true });
  for (const source of sources) {
    const name = eventImports.nameOf(source);
    await pubsub.createTopic(name);
    await pubsub.topic(name).createSubscription(name);
  }
  return pubsub;
}

test("I5: what exchanges' own streams bring is counted as theirs, and what cannot be is kept with its reason", async () => {
  const pubsub = await openImports(["exchange-one", "exchange-two"]);
  workers.push(
    emulators.startWindowWorker("us"),
    new Child({
      name: "test-import",
      entry: "workers/import/main.ts",
      variables: {
        ...emulators.environment,
        GAVEL_REGION: "us",
        GAVEL_REGIONS: "us",
        GAVEL_IMPORTS: "exchange-one,exchange-two",
      },
    }),
  );
  const bids = randomBids(3, 400, 20);
  const send = (source: string, data: string): Promise<string> =>
    pubsub.topic(eventImports.nameOf(source)).publishMessage({ data: Buffer.from(data) });
  const records = bids.map(writeRecord);
  await send("exchange-one", `[${records.slice(0, 200).join(",")}]`);
  await Promise.all(records.slice(200).map((record) => send("exchange-two", record)));
  const foreign = records[0]?.replace(/"bid_id":"[^"]*"/, '"bid_id":"exchange-one/a/s/1"') ?? "";
  await send("exchange-two", foreign);
  const elsewhere = records[0]?.replace('"region":"us"', '"region":"eu"') ?? "";
  await send("exchange-one", `[${elsewhere},${records[1]}]`);
  await send("exchange-one", "<xml/>");
  await pubsub.close();
  const read = ["import-exchange-one", "import-exchange-two", "window-us"];
  await awaitDrained(emulators.addresses.control ?? "", new Set(read));
  const bigquery = emulators.bigquery();
  const [counts] = await bigquery.query(
    "SELECT CAST(SUM(bid_count) AS INT64) AS bids FROM gavel.auction_counts WHERE window_size_s = 60",
  );
  expect(counts).toEqual([{ bids: bids.length }]);
  const [sources] = await bigquery.query(
    "SELECT source, COUNT(DISTINCT bid_id) AS bids FROM gavel.events_raw GROUP BY source ORDER BY source",
  );
  expect(sources).toEqual([
    { source: "exchange-one", bids: 200 },
    { source: "exchange-two", bids: 200 },
  ]);
  const [dead] = await bigquery.query(
    "SELECT subscription, reason, detail, payload FROM gavel.dead_letters ORDER BY reason",
  );
  expect(dead.map(({ subscription, reason }) => [subscription, reason])).toEqual([
    ["import-exchange-two", "foreignBid"],
    ["import-exchange-one", "notAnEvent"],
    ["import-exchange-one", "unknownRegion"],
  ]);
  expect(dead[2].detail).toContain('1 of 2 events refused: region "eu"');
  expect(dead[1].payload.toString()).toBe("<xml/>");
}, 120_000);
