/** What the Review page shows beside a flag, from rows of BigQuery whose figures are worked out by hand. */
import "../../support/google-env.ts";
import { BigQuery } from "@google-cloud/bigquery";
import { type BigQueryEmulator, startBigQueryEmulator } from "../../../emulator/bigquery/server.ts";
import { FlagEvidence } from "../../../shared/io/flag-evidence.ts";
import { dataset } from "../../../shared/names.ts";
import { tableOf } from "../../../shared/schema/warehouse.ts";

const MINUTE_MS = 60_000;
const startMs = Date.UTC(2026, 0, 2, 12);
/** Ten minutes that are flagged. */
const span = { segment: "s1", startMs, endMs: startMs + 10 * MINUTE_MS };

let emulator: BigQueryEmulator;
let evidence: FlagEvidence;

type EventSketch = readonly [bidId: string, minute: number, price: number, user: string];

/** A bid so many minutes after the span's start, at a price in thousandths, by a user at `seat-<user>`. */
function bid([bidId, minute, price, user]: EventSketch, overrides: object = {}) {
  return {
    type: "bid",
    event_id: `bid:${bidId}`,
    bid_id: bidId,
    auction_id: "a",
    event_time: new Date(startMs + minute * MINUTE_MS).toISOString(),
    region: "us",
    segment: "s1",
    user_key: user,
    seat: `seat-${user}`,
    publisher: "p1",
    price_nanos: price * 1_000_000,
    currency: "USD",
    ...overrides,
  };
}

const events = [
  bid(["b1", 0, 2, "bot"]),
  bid(["b1", 0, 2, "bot"]),
  bid(["b2", 5, 2, "bot"]),
  bid(["b3", 9, 4, "ann"]),
  bid(["b4", 9, 300, "ann"], { currency: "JPY" }),
  bid(["b5", -1, 4, "ann"]),
  bid(["b6", -10, 4, "bob"], { seat: null }),
  bid(["outside before", -11, 4, "bob"]),
  bid(["outside after", 10, 4, "bob"]),
  bid(["other segment", 5, 4, "bob"], { segment: "s2" }),
  bid(["b3", 9, 3, "ann"], { type: "win", event_id: "win:b3" }),
  bid(["b3", 9, 3, "ann"], { type: "win", event_id: "win:b3" }),
];

function flagRow(flagId: string, minute: number, overrides: object) {
  const time = new Date(startMs + minute * MINUTE_MS).toISOString();
  return {
    flag_id: flagId,
    segment: "s2",
    start_time: time,
    end_time: time,
    detected_at: time,
    is_closed: true,
    severity: "low",
    score: 12,
    reasons: JSON.stringify([{ code: "activity-volume" }, { code: "automated-timing" }]),
    bid_count: 10,
    expected_bids: 2,
    review_state: "open",
    version: 1,
    ...overrides,
  };
}

function windowRow(minute: number, bidCount: number, segment = "s1") {
  return {
    segment,
    slice_start: new Date(startMs + minute * MINUTE_MS).toISOString(),
    slice_ms: MINUTE_MS,
    bid_count: bidCount,
    expected_bids: 10,
    expected_spread: 0.1,
    nats: 1,
    is_learning: false,
    fleet_nats: 0,
    regions: ["us"],
  };
}

const rows: Readonly<Record<string, readonly object[]>> = {
  events_raw: events,
  segment_windows: [
    windowRow(-121, 1),
    windowRow(-120, 2),
    windowRow(0, 3),
    windowRow(0, 99, "s2"),
    windowRow(129, 4),
    windowRow(130, 5),
  ],
  bot_flags: [
    flagRow("same segment", -60, {
      segment: "s1",
      reasons: JSON.stringify([{ code: "automated-timing" }]),
      review_state: "dismissed",
      decision_reason: "a load test",
    }),
    flagRow("same reason", -30, {}),
    flagRow("other reason", -30, { reasons: JSON.stringify([{ code: "automated-timing" }]) }),
    flagRow("later", 1, { segment: "s1" }),
  ],
};

beforeAll(async () => {
  emulator = await startBigQueryEmulator({ restPort: 0, storagePort: 0 });
  const bigquery = new BigQuery({
    projectId: "p",
    apiEndpoint: `http://127.0.0.1:${emulator.restPort}`,
  });
  await bigquery.createDataset(dataset.name);
  for (const [name, of] of Object.entries(rows)) {
    const schema = { fields: tableOf(name).columns.map((column) => ({ ...column })) };
    const [table] = await bigquery.dataset(dataset.name).createTable(name, { schema });
    await table.insert([...of]);
  }
  evidence = new FlagEvidence(bigquery);
}, 60_000);

afterAll(() => emulator.close());

test("the series is the segment's slices from two hours before the span to two hours after it", async () => {
  const series = await evidence.series(span);
  expect(series.map(({ slice }) => slice.bidCount)).toEqual([2, 3, 4]);
  expect(series[1]).toMatchObject({ expectedBids: 10, expectedSpread: 0.1 });
});

test("top users and seats count each bid of the span once, against as long a time before", async () => {
  expect(await evidence.topNames(span, "user")).toEqual([
    { name: "ann", bids: 2, bidsBefore: 1 },
    { name: "bot", bids: 2, bidsBefore: 0 },
    { name: "bob", bids: 0, bidsBefore: 1 },
  ]);
  const seats = await evidence.topNames(span, "seat");
  expect(seats.at(-1)).toEqual({ name: "", bids: 0, bidsBefore: 1 });
  expect(await evidence.topNames(span, "publisher")).toEqual([
    { name: "p1", bids: 4, bidsBefore: 2 },
  ]);
});

test("a price lies in its bar of the histogram, each currency by itself", async () => {
  const bars = await evidence.priceHistogram(span);
  expect(bars.map(({ currency, bids, bidsBefore }) => [currency, bids, bidsBefore])).toEqual([
    ["JPY", 1, 0],
    ["USD", 2, 0],
    ["USD", 1, 2],
  ]);
  const prices = [0.3, 0.002, 0.004];
  for (const [index, { from, to }] of bars.entries()) {
    expect(from).toBeLessThanOrEqual(prices[index] ?? 0);
    expect(to).toBeGreaterThan(prices[index] ?? 0);
  }
});

test("money at stake is exact, by currency: what the span's bids offered, and what they won", async () => {
  expect(await evidence.moneyAtStake(span)).toEqual([
    { currency: "JPY", bids: 1, bidValue: "0.3", wins: 0, wonValue: "0" },
    { currency: "USD", bids: 3, bidValue: "0.008", wins: 1, wonValue: "0.003" },
  ]);
});

test("similar flags are earlier ones of the segment first, then those of the same first reason, with what became of them", async () => {
  const similar = await evidence.similar(span, "activity-volume");
  expect(similar.map(({ flagId }) => flagId)).toEqual(["same segment", "same reason"]);
  expect(similar[0]).toMatchObject({ reviewState: "dismissed", decisionReason: "a load test" });
  expect(similar[1]?.decisionReason).toBeUndefined();
});
