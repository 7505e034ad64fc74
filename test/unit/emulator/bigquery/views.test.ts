/** The views over our own tables, on rows whose results are worked out by hand. */
import { Warehouse } from "../../../../emulator/bigquery/warehouse.ts";
import { views } from "../../../../shared/schema/views.ts";
import { tables } from "../../../../shared/schema/warehouse.ts";

const scope = { projectId: "p", datasetId: "d" };

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await Warehouse.open(":memory:");
  warehouse.datasets.set("p.d", {});
  for (const { name, columns } of tables) {
    await warehouse.createTable({ ...scope, tableId: name }, { schema: { fields: columns } }, 0);
  }
  for (const { name, queryOf } of views) {
    const view = { query: queryOf((table) => `\`p.d.${table}\``) };
    await warehouse.createTable({ ...scope, tableId: name }, { view }, 0);
  }
  await rows(`INSERT INTO d.settlements (bid_id, auction_id, seat, region, currency, state, won, billed, owed, paid, version, first_event_time) VALUES
    ('b1', 'a', 's1', 'us', 'USD', 'settled', 1.5, 1.5, 1.5, 1.5, 2, TIMESTAMP '2026-03-01 00:00:00+00'),
    ('b2', 'a', 's1', 'us', 'USD', 'underpaid', 2, 2, 2, 0.5, 2, TIMESTAMP '2026-03-01 23:59:59+00'),
    ('b3', 'a', 's1', 'us', 'USD', 'disputed', 4, 4, 4, 1, 3, TIMESTAMP '2026-03-01 12:00:00+00'),
    ('b4', 'a', 's1', 'us', 'USD', 'void', 8, 0, 0, 0, 2, TIMESTAMP '2026-03-01 12:00:00+00'),
    ('b5', 'a', 's2', 'eu', 'EUR', 'awaitingPayment', 0.000000001, 0, 0.000000001, 0, 1, TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 8 DAY)),
    ('b6', 'a', 's2', 'eu', 'EUR', 'awaitingWin', 0, 0, 0, 3, 1, TIMESTAMP '2026-03-02 00:00:00+00')`);
  await rows(`INSERT INTO d.ledger (entry_id, bid_id, account, seat, currency, amount, cause, period, commit_timestamp) VALUES
    ('b1/1/1', 'b1', 'receivable', 's1', 'USD', 1.5, 'c', '2026-03', TIMESTAMP '2026-03-01'),
    ('b1/1/2', 'b1', 'revenue', 's1', 'USD', -1.5, 'c', '2026-03', TIMESTAMP '2026-03-01'),
    ('b1/2/1', 'b1', 'cash', 's1', 'USD', 1.5, 'c', '2026-03', TIMESTAMP '2026-03-01'),
    ('b1/2/2', 'b1', 'receivable', 's1', 'USD', -1.5, 'c', '2026-03', TIMESTAMP '2026-03-01'),
    ('b5/1/1', 'b5', 'receivable', 's2', 'EUR', 0.000000001, 'c', '2026-03', TIMESTAMP '2026-03-01'),
    ('b5/1/2', 'b5', 'revenue', 's2', 'EUR', -0.000000001, 'c', '2026-03', TIMESTAMP '2026-03-01')`);
});

afterAll(() => warehouse.close());

test("auction_windows calls a row final once its end is behind what its region's watermark finished, and no other", async () => {
  await rows(`INSERT INTO d.region_watermarks (region, watermark, final_before, held_by) VALUES
    ('us', TIMESTAMP '2026-03-01 00:02:10+00', TIMESTAMP '2026-03-01 00:00:10+00', '')`);
  const bids =
    "NUMERIC '1', NUMERIC '1', NUMERIC '1', TIMESTAMP '2026-03-01', TIMESTAMP '2026-03-01', 5, 'early'";
  await rows(`INSERT INTO d.auction_counts (window_size_s, window_slide_s, auction_id, window_start, window_end, region, bid_count,
      price_sum, price_min, price_max, first_bid_time, last_bid_time, revision, pane_timing) VALUES
    (10, 10, 'a', TIMESTAMP '2026-03-01 00:00:00+00', TIMESTAMP '2026-03-01 00:00:10+00', 'us', 3, ${bids}),
    (10, 10, 'a', TIMESTAMP '2026-03-01 00:00:10+00', TIMESTAMP '2026-03-01 00:00:20+00', 'us', 1, ${bids}),
    (10, 10, 'b', TIMESTAMP '2026-03-01 00:00:00+00', TIMESTAMP '2026-03-01 00:00:10+00', 'eu', 2, ${bids})`);
  const query =
    "SELECT auction_id, EXTRACT(SECOND FROM window_start), bid_count, is_final FROM d.auction_windows ORDER BY 1, 2";
  expect(await rows(query)).toEqual([
    ["a", "0", "3", "true"],
    ["a", "10", "1", "false"],
    // No watermark of its region is known.
    ["b", "0", "2", "false"],
  ]);
});

async function rows(query: string): Promise<string[][]> {
  const { rows: found } = await warehouse.query(query, scope);
  return found.map((row) => row.map(String));
}

test("finance_daily leaves disputed and void bids out of what is owed, and counts disputes apart", async () => {
  const query = `SELECT seat, bids, won, billed, owed, paid, outstanding, disputed, disputed_bids, discrepancy_pct, is_tolerance_breached
    FROM d.finance_daily WHERE day BETWEEN DATE '2026-03-01' AND DATE '2026-03-02' ORDER BY day`;
  expect(await rows(query)).toEqual([
    // 1.5 + 2 owed, 1.5 + 0.5 paid: 1.5 short of 3.5 is 42.857142857 %.
    ["s1", "4", "3.5", "3.5", "3.5", "2.0", "1.5", "4", "1", "-42.857142900", "true"].map(numeric),
    ["s2", "1", "0", "0", "0", "3", "0", "0", "0", "null", "true"].map(numeric),
  ]);
});

test("finance_aging puts what is open into the bucket of its age", async () => {
  const query =
    "SELECT seat, bids, outstanding, days_0_7, days_8_30 FROM d.finance_aging ORDER BY seat";
  const [first, second] = await rows(query);
  expect(first?.slice(0, 3)).toEqual(["s1", "1", "1.500000000"]);
  expect(second).toEqual(["s2", "1", "0.000000001", "0.000000000", "0.000000001"]);
});

test("each currency's balances in trial_balance add up to zero", async () => {
  expect(
    await rows(
      "SELECT currency, account, balance, debit, credit FROM d.trial_balance ORDER BY 1, 2",
    ),
  ).toEqual([
    ["EUR", "receivable", "0.000000001", "0.000000001", "0.000000000"],
    ["EUR", "revenue", "-0.000000001", "0.000000000", "0.000000001"],
    ["USD", "cash", "1.500000000", "1.500000000", "0.000000000"],
    ["USD", "receivable", "0.000000000", "0.000000000", "0.000000000"],
    ["USD", "revenue", "-1.500000000", "0.000000000", "1.500000000"],
  ]);
  expect(
    await rows("SELECT currency FROM d.trial_balance GROUP BY currency HAVING SUM(balance) <> 0"),
  ).toEqual([]);
});

/** NUMERIC columns show all nine decimals. */
function numeric(text: string, column: number): string {
  const isMoney = column >= 2 && column <= 7;
  return isMoney ? Number(text).toFixed(9) : text;
}
