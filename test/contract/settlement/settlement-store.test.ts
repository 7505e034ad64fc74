/** The store through the official client against the emulator: races, unknown outcomes, bids at fault. */
import { type SpannerEmulator, startSpannerEmulator } from "../../../emulator/spanner/server.ts";
import { REGIONS } from "../../../shared/core/auction/event.ts";
import { BatchSize } from "../../../shared/core/settlement/batch-size.ts";
import type { Notice } from "../../../shared/core/settlement/settlement-event.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import { LedgerReader } from "../../../shared/io/ledger-reader.ts";
import { MemoryMetrics } from "../../../shared/io/metrics.ts";
import { type SettledEvents, settleBatches } from "../../../shared/io/settle-batches.ts";
import { SettlementStore } from "../../../shared/io/settlement-store.ts";
import { aPayment, aWin } from "../../support/builders.ts";
import {
  createLedger,
  ledgerPath,
  type OpenLedger,
  openLedger,
} from "../../support/ledger-database.ts";
import { prng } from "../../support/prng.ts";
import { aBilling, config } from "../../unit/shared/core/settlement/settlement-story.ts";

let emulator: SpannerEmulator;
let ledger: OpenLedger;

beforeEach(async () => {
  emulator = await startSpannerEmulator({ port: 0 });
  await createLedger(emulator.address);
  ledger = openLedger(emulator.address);
});

afterEach(async () => {
  emulator.faults.clear();
  await ledger.close();
  await emulator.close();
});

/** A writer of its own: what one worker process is. */
function aWriter(shard: number, sizeMax = 40) {
  const store = new SettlementStore(ledger.database, { rules: config, shard });
  const metrics = new MemoryMetrics();
  const size = new BatchSize(sizeMax);
  const clock = { ...systemClock, sleep: () => systemClock.sleep(1) };
  const options = { size, clock, metrics, random: prng(shard) };
  const settle = (notices: readonly Notice[]): Promise<SettledEvents> =>
    settleBatches(
      store,
      notices.map((event) => ({ event, publishTimeMs: event.eventTimeUs / 1000 })),
      options,
    );
  return { store, settle, metrics, size };
}

function winsAndPayments(count: number): Notice[] {
  return Array.from({ length: count }, (_, index) => {
    const bid = {
      bidId: `b${index}`,
      seat: `seat-${index % 5}`,
      region: REGIONS[index % 3] ?? "us",
    };
    return [aWin(bid), aPayment({ ...bid, paymentId: `p${index}` })];
  }).flat();
}

async function audited(): Promise<readonly unknown[]> {
  const reader = await LedgerReader.open(ledger.database);
  const found: unknown[] = [];
  for await (const each of reader.audit()) found.push(each);
  reader.close();
  return found;
}

async function stateOf(bidId: string) {
  const reader = await LedgerReader.open(ledger.database);
  const bid = await reader.bid(bidId);
  reader.close();
  return bid;
}

test("S1, S3: writers that race for the same bids through aborts and unknown outcomes post each once", async () => {
  const notices = winsAndPayments(60);
  const writers = [1, 2, 3].map((shard) => aWriter(shard, 10));
  emulator.faults.add({ kind: "outcomeUnknown", target: ledgerPath, probability: 0.5, limit: 6 });
  emulator.faults.add({ kind: "aborted", target: ledgerPath, probability: 0.5, limit: 6 });
  await Promise.all(
    writers.map(({ settle }, index) => settle([...notices.slice(index * 20), ...notices])),
  );
  const struck = Object.keys(emulator.faults.counts());
  expect(struck).toEqual(
    expect.arrayContaining([`outcomeUnknown ${ledgerPath}`, `aborted ${ledgerPath}`]),
  );
  expect(await audited()).toEqual([{ bids: 60, entries: 120 }]);
  expect((await stateOf("b7"))?.settlement).toMatchObject({ state: "settled", version: 2 });
}, 60_000);

test("S2: a commit that was applied and reported as failed is found by its rows, and told whole", async () => {
  const { settle, metrics } = aWriter(1);
  emulator.faults.add({ kind: "outcomeUnknown", target: ledgerPath, probability: 1, limit: 1 });
  const { bids } = await settle(winsAndPayments(3));
  expect(metrics.snapshot().counters).toMatchObject({ commits_unknown: 1, commits_committed: 1 });
  expect(bids.map(({ entries }) => entries.length)).toEqual([2, 2, 2]);
  expect(bids.every(({ entries }) => entries.every(({ committedUs }) => committedUs > 0))).toBe(
    true,
  );
  expect(await audited()).toEqual([{ bids: 3, entries: 6 }]);
}, 30_000);

test("a storm of aborts halves the batches, and they grow again after it", async () => {
  const { settle, metrics, size } = aWriter(1);
  emulator.faults.add({ kind: "aborted", target: ledgerPath, probability: 1, limit: 3 });
  await settle(winsAndPayments(10));
  expect(metrics.snapshot().counters).toMatchObject({ commits_aborted: 3 });
  expect(size.size).toBeGreaterThan(5);
  await settle(winsAndPayments(60));
  expect(size.size).toBe(40);
}, 30_000);

test("a database that aborts without end fails the bundle once the budget is spent", async () => {
  const { settle, metrics } = aWriter(1);
  emulator.faults.add({ kind: "aborted", target: ledgerPath, probability: 1 });
  await expect(settle(winsAndPayments(2))).rejects.toThrow(/12 transactions in a row failed/);
  expect(metrics.snapshot().counters).toMatchObject({ retry_budgets_spent: 1 });
}, 60_000);

test("a bid whose stored row cannot be read fails alone", async () => {
  const { settle } = aWriter(1);
  await settle(winsAndPayments(12));
  await ledger.database.table("Settlements").update({ bid_id: "b5", posted: '[["seat-0"]]' });
  const more = winsAndPayments(12).map((event) => ({
    ...event,
    eventTimeUs: event.eventTimeUs - 1,
  }));
  const { bids, refused } = await settle(more);
  expect(new Set(bids.map(({ settlement }) => settlement.bidId)).size).toBe(11);
  expect(refused.map(({ events }) => events.map(({ event }) => event.bidId))).toEqual([
    ["b5", "b5"],
  ]);
}, 30_000);

test("S9: one payment id on two bids, settled by two regions, makes both disputed", async () => {
  const shared = [1, 2, 3].map((number) => aPayment({ bidId: `b${number}`, paymentId: "p" }));
  for (const [index, payment] of shared.entries()) await aWriter(index).settle([payment]);
  for (const { bidId } of shared) {
    expect((await stateOf(bidId))?.settlement).toMatchObject({
      state: "disputed",
      disputeReasons: ["challenged"],
      posted: [],
    });
  }
  expect(await audited()).toEqual([expect.objectContaining({ bids: 3 })]);
}, 30_000);

test("what belongs to a closed month is posted in the month after", async () => {
  const closed = {
    currency: "USD",
    closed_through: "2026-01",
    committed_at: "spanner.commit_timestamp()",
  };
  await ledger.database.table("Books").insert(closed);
  await aWriter(1).settle([aWin()]);
  expect((await stateOf("b1"))?.entries.map(({ entry }) => entry.period)).toEqual(["2026-02"]);
}, 30_000);

test("a reservation that nobody billed in time is found and ends, and a late billing notice outranks that", async () => {
  const { store, settle } = aWriter(1);
  const reserved = aWin({ source: "burl" });
  await settle([reserved, aWin({ bidId: "b2" })]);
  const dueMs = reserved.eventTimeUs / 1000 + 60_000;
  const expiries = (nowMs: number) =>
    store.expiries("us", { nowMs, reservationMs: 60_000, limit: 10 });
  expect(await expiries(dueMs - 1)).toEqual([]);
  const due = await expiries(dueMs);
  expect(due.map(({ event }) => event)).toMatchObject([{ type: "expiry", bidId: "b1" }]);
  await store.settle(due);
  expect((await stateOf("b1"))?.settlement.state).toBe("void");
  expect(await expiries(dueMs)).toEqual([]);
  await settle([aBilling({ source: "burl" })]);
  expect((await stateOf("b1"))?.settlement.state).toBe("awaitingPayment");
}, 30_000);
