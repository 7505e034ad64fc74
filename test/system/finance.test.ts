/** Finance's commands on a running system: workers of three regions, the archive, the copies in BigQuery. */
import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { DuckDBInstance } from "@duckdb/node-api";
import { BigQuery } from "@google-cloud/bigquery";
import type { AuctionEvent } from "../../shared/core/auction/event.ts";
import { messageOf, UsageError } from "../../shared/core/errors.ts";
import { systemClock } from "../../shared/io/clock.ts";
import { createPublisher } from "../../shared/io/create-publisher.ts";
import {
  readAging,
  readBreaches,
  readDiscrepantBids,
  readStateSums,
} from "../../shared/io/finance-queries.ts";
import { LedgerReader } from "../../shared/io/ledger-reader.ts";
import { resolveDispute } from "../../shared/io/settle-reviews.ts";
import { SettlementStore } from "../../shared/io/settlement-store.ts";
import { TableWriter } from "../../shared/io/table-writer.ts";
import { createWriterClient } from "../../shared/io/writer-client.ts";
import { regions, subscriptionOf } from "../../shared/names.ts";
import { tableOf } from "../../shared/schema/warehouse.ts";
import { runAudit } from "../../workers/gavel/finance/run-audit.ts";
import { runDispute } from "../../workers/gavel/finance/run-dispute.ts";
import { runExplain } from "../../workers/gavel/finance/run-explain.ts";
import { runPeriod } from "../../workers/gavel/finance/run-period.ts";
import { runReconcile } from "../../workers/gavel/finance/run-reconcile.ts";
import { runReport } from "../../workers/gavel/finance/run-report.ts";
import { plainRow } from "../../workers/gavel/query/plain-value.ts";
import { awaitDrained } from "../../workers/gavel/start/await-drained.ts";
import { type LocalSystem, startLocalSystem } from "../../workers/gavel/start/local-system.ts";
import type { Command } from "../../workers/gavel/streams.ts";
import { aBid, aPayment, aWin } from "../support/builders.ts";
import { openLedger } from "../support/ledger-database.ts";
import { until } from "../support/until.ts";
import { aBilling } from "../unit/shared/core/settlement/settlement-story.ts";

let system: LocalSystem;
let folder = "";
let trafficId = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gavel-finance-"));
  // Settings of the workers and of the commands that settle, as an operator gives them.
  Object.assign(env, { GAVEL_BILL_ON_BILLING: "burl", GAVEL_RESERVATION_MS: "1000" });
  system = await startLocalSystem({});
  await Promise.race([system.ready, system.broken]);
  Object.assign(env, system.environment, { METADATA_SERVER_DETECTION: "none" });
  await publish([
    ...["sound", "above", "conflict"].map((bidId) => aBid({ bidId, priceNanos: 300_000n })),
    aWin({ bidId: "sound" }),
    aPayment({ bidId: "sound", paymentId: "p-sound" }),
    aWin({ bidId: "above", region: "eu", priceNanos: 400_000n }),
    aWin({ bidId: "alone", region: "apac", seat: "=1+1" }),
    aWin({ bidId: "conflict" }),
    aWin({ bidId: "conflict", priceNanos: 250_000n }),
    aWin({ bidId: "future", eventTimeUs: (Date.now() + 3_600_000) * 1000 }),
  ]);
}, 120_000);

afterAll(async () => {
  await system.stop();
  rmSync(folder, { recursive: true });
});

/** Publishes bids that are won and paid, without a pause, while `work` runs. */
async function underTraffic<Result>(work: () => Promise<Result>): Promise<Result> {
  const publisher = createPublisher(system.addresses);
  const ended = new AbortController();
  const send = async (): Promise<void> => {
    for (let round = 0; !ended.signal.aborted; round++) {
      const bids = Array.from(
        { length: 50 },
        (_, index) => `live-${trafficId++}-${round}-${index}`,
      );
      const events = bids.map((bidId, index) => ({ bidId, region: regions[index % 3] ?? "us" }));
      await publisher.publish(
        events.flatMap((at) => [aBid({ ...at, priceNanos: 300_000n }), aWin(at)]),
      );
      await publisher.publish(events.map((at) => aPayment({ ...at, paymentId: `p-${at.bidId}` })));
    }
  };
  const sending = send();
  try {
    return await work();
  } finally {
    ended.abort();
    await sending;
    await publisher.close();
  }
}

async function publish(events: readonly AuctionEvent[]): Promise<void> {
  const publisher = createPublisher(system.addresses);
  await publisher.publish(events);
  await publisher.close();
  const settling = regions.map((region) => subscriptionOf("settlement", region).name);
  await awaitDrained(system.addresses.control ?? "", new Set([...settling, "events-raw"]));
}

async function openTable(name: string): Promise<TableWriter> {
  const { project, storageWrite } = system.addresses;
  const client = createWriterClient(project, storageWrite);
  return await TableWriter.open(client, `projects/${project}/datasets/gavel`, tableOf(name));
}

function bigqueryOf({ addresses }: LocalSystem): BigQuery {
  return new BigQuery({
    projectId: addresses.project,
    apiEndpoint: addresses.bigqueryRest ?? "",
  });
}

/** The report rounds percents to the millionth of what is owed, the view does not. */
function withoutPercent({ discrepancy_pct: _percent, ...row }: Readonly<Record<string, unknown>>) {
  return row;
}

/** Runs a command as the command line does, in this process. */
async function gavel(command: Command, ...args: string[]) {
  const said = { stdout: "", stderr: "" };
  const streams = {
    stdout: { write: (text: string) => (said.stdout += text) },
    stderr: { write: (text: string) => (said.stderr += text) },
  };
  try {
    return { code: await command(args, streams), ...said };
  } catch (error) {
    return { ...said, code: error instanceof UsageError ? 2 : 1, stderr: messageOf(error) };
  }
}

test("what every worker settled passes the audit, and the archive bears out all but two wins", async () => {
  expect(await gavel(runAudit)).toMatchObject({
    code: 0,
    stdout: "",
    stderr: "4 bids and 6 entries audited, 0 findings\n",
  });
  const found = await gavel(runReconcile, "--grace", "0");
  expect(found.code).toBe(1);
  expect(found.stdout).toBe(
    [
      "winAboveBid above: USD|400000|6|seat-1|win:above: expected bid 0.0003 USD, found 0.0004 USD",
      "winWithoutBid alone: USD|207000|4|=1+1|win:alone: expected a bid in USD, found a win of 0.000207 USD alone",
      "",
    ].join("\n"),
  );
}, 60_000);

test("a notice from the future settles nothing and is kept whole as a dead letter", async () => {
  const [dead] = await bigqueryOf(system).query(
    "SELECT subscription, reason FROM `gavel.dead_letters` WHERE subscription LIKE 'settlement-%'",
  );
  expect(dead).toEqual([{ subscription: "settlement-us", reason: "tooFarInFuture" }]);
}, 30_000);

test("the daily view in BigQuery comes to the same as the report off the ledger", async () => {
  const bigquery = bigqueryOf(system);
  const [view] = await bigquery.query(
    "SELECT * FROM `gavel.finance_daily` ORDER BY day, seat, region",
  );
  const { stdout } = await gavel(runReport, "daily", "--json");
  const { rows, totals } = JSON.parse(stdout);
  expect(view.map(plainRow).map(withoutPercent)).toEqual(rows.map(withoutPercent));
  expect(totals).toMatchObject([
    { owed: "0.000814", paid: "0.000207", disputed: "0.00025", bids: 4 },
  ]);
  expect(await readStateSums(bigquery)).toEqual([
    { currency: "USD", state: "awaitingPayment", bids: 2, owed: "0.000607", paid: "0" },
    { currency: "USD", state: "disputed", bids: 1, owed: "0.00025", paid: "0" },
    { currency: "USD", state: "settled", bids: 1, owed: "0.000207", paid: "0.000207" },
  ]);
  const breaches = await readBreaches(bigquery, 10);
  expect(breaches.map((row) => [row.seat, row.region, row.discrepancy_pct])).toEqual([
    ["seat-1", "eu", "-100"],
    ["=1+1", "apac", "-100"],
  ]);
  expect((await readAging(bigquery, 10)).map((row) => [row.seat, row.days_91])).toEqual([
    ["seat-1", "0.0004"],
    ["=1+1", "0.000207"],
  ]);
}, 60_000);

test("a report has totals by currency, its own hash, and no text that a spreadsheet would run", async () => {
  const { stdout, stderr } = await gavel(runReport, "daily", "--csv");
  expect(stdout.split("\r\n")).toEqual([
    "day,seat,region,currency,bids,won,billed,owed,paid,outstanding,disputed,disputed_bids,discrepancy_pct,is_tolerance_breached",
    "2026-01-01,'=1+1,apac,USD,1,0.000207,0,0.000207,0,0.000207,0,0,-100,true",
    "2026-01-01,seat-1,eu,USD,1,0.0004,0,0.0004,0,0.0004,0,0,-100,true",
    "2026-01-01,seat-1,us,USD,2,0.000207,0,0.000207,0.000207,0,0.00025,1,0,false",
    "TOTAL,,,USD,4,0.000814,0,0.000814,0.000207,0.000607,0.00025,1,-74.57,true",
    "",
  ]);
  const sha256 = createHash("sha256").update(stdout).digest("hex");
  expect(stderr).toContain(`3 rows, sha256 ${sha256}\n`);
  expect(stderr).toContain("USD is open: no month closed");
}, 60_000);

test("Parquet keeps amounts exact, and a full disk leaves nothing but a clear sentence", async () => {
  const file = join(folder, "aging.parquet");
  expect(await gavel(runReport, "aging", "--parquet", "--out", file)).toMatchObject({ code: 0 });
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const rows = await connection.runAndReadAll(
    `SELECT seat, outstanding::VARCHAR, days_91::VARCHAR FROM '${file}' ORDER BY seat`,
  );
  expect(rows.getRows()).toEqual([
    ["=1+1", "0.000207000", "0.000207000"],
    ["seat-1", "0.000400000", "0.000400000"],
  ]);
  const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
  expect(readFileSync(`${file}.sha256`, "utf8")).toBe(`${hash}  aging.parquet\n`);
  const full = join(folder, "full.parquet");
  symlinkSync("/dev/full", `${full}.partial`);
  const failed = await gavel(runReport, "aging", "--parquet", "--out", full);
  expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining("the disk is full") });
}, 60_000);

test("wins that the archive does not bear out are disputed on demand, and a person ends a dispute", async () => {
  expect(await gavel(runReconcile, "--grace", "0", "--dispute")).toMatchObject({ code: 1 });
  expect(await gavel(runReconcile, "--grace", "0")).toMatchObject({ code: 0, stdout: "" });
  const { stdout } = await gavel(runDispute, "list", "--json");
  const listed = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(listed.map((each) => [each.bid_id, each.at_stake, ...each.reasons])).toEqual([
    ["alone", "0.000207", "challenged"],
    ["above", "0.0004", "challenged"],
    ["conflict", "0.00025", "conflictingNotice"],
  ]);
  const claim = "USD|207000|6|seat-1|win:conflict";
  const who = ["--by", "ann", "--reason", "the exchange's log says so"];
  expect(await gavel(runDispute, "resolve", "conflict", "--accept", "x", ...who)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no claim "x"'),
  });
  expect(await gavel(runDispute, "resolve", "conflict", "--accept", claim, ...who)).toMatchObject({
    code: 0,
    stdout: "conflict is awaitingPayment, version 3\n",
  });
  expect(await gavel(runDispute, "resolve", "sound", "--write-off", ...who)).toMatchObject({
    code: 1,
    stderr: "sound is not disputed: there is nothing to resolve\n",
  });
  const story = await gavel(runExplain, "conflict");
  expect(story.stdout).toMatch(/^conflict: awaitingPayment, won 0.000207, .*\n/);
  expect(story.stdout).toMatch(/decided .* dispute.accept by ann: the exchange's log says so/);
  expect(await gavel(runAudit)).toMatchObject({ code: 0 });
}, 60_000);

test("reconciling a system that goes on settling lists nothing that is only on its way", async () => {
  await underTraffic(async () => {
    for (let turn = 0; turn < 3; turn++) {
      const { code, stdout, stderr } = await gavel(runReconcile);
      expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
      expect(stderr).toMatch(
        /^\d+ bids compared, 0 differences; \d+ notices and rows of the last 60 s/,
      );
    }
  });
}, 120_000);

test("an unknown bid is said to be one", async () => {
  expect(await gavel(runExplain, "nobody")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^there is no bid "nobody"/),
  });
}, 30_000);

test("of two closes at once one closes the month, and what comes late is posted in the next", async () => {
  const close = (by: string) =>
    gavel(runPeriod, "close", "USD", "2026-01", "--by", by, "--reason", "month's end");
  const closes = await Promise.all([close("ann"), close("bob")]);
  expect(closes.map(({ code }) => code).sort()).toEqual([0, 1]);
  const [closed] = closes.filter(({ code }) => code === 0);
  const [refused] = closes.filter(({ code }) => code === 1);
  expect(refused?.stderr).toMatch(
    /^USD 2026-01 is closed already: 2026-01 was closed by (ann|bob) at /,
  );
  const report = await gavel(
    runReport,
    "trial-balance",
    "--to",
    "2026-01",
    "--currency",
    "USD",
    "--csv",
  );
  expect(closed?.stdout).toContain(createHash("sha256").update(report.stdout).digest("hex"));
  expect(report.stderr).not.toContain("is open");
  await publish([aWin({ bidId: "late" })]);
  expect((await gavel(runExplain, "late")).stdout).toMatch(/posted .* for win:late in 2026-02\n/);
}, 60_000);

test("S6: of two who resolve a dispute at once one does, and the other is told to look again", async () => {
  await publish([
    aBid({ bidId: "twice", priceNanos: 300_000n }),
    aWin({ bidId: "twice" }),
    aWin({ bidId: "twice", priceNanos: 250_000n }),
  ]);
  const { database, close } = openLedger(system.addresses.spanner ?? "");
  const seen = await LedgerReader.with(database, (reader) => reader.bid("twice"));
  const resolve = async (nanos: number) => {
    const [settlements, ledger] = [await openTable("settlements"), await openTable("ledger")];
    const rules = { billOnBilling: new Set("burl"), toleranceNanos: new Map() };
    const store = new SettlementStore(database, { rules, shard: 0 });
    const ports = {
      store,
      writers: { settlements, ledger },
      clock: systemClock,
      random: Math.random,
    };
    const who = { by: `who-${nanos}`, reason: "the log says so", resolutionId: randomUUID() };
    const choice = {
      choice: "accept",
      accept: [`USD|${nanos}|6|seat-1|win:twice`],
      reject: [],
    } as const;
    const request = { ...who, ...choice, eventTimeUs: Date.now() * 1000 };
    const resolved = await resolveDispute(seen, ports, request);
    const again =
      resolved.kind === "resolved" ? await resolveDispute(seen, ports, request) : resolved;
    settlements.close();
    ledger.close();
    return [resolved.kind, again.kind];
  };
  const kinds = await Promise.all([resolve(207_000), resolve(250_000)]);
  expect(kinds.sort()).toEqual([
    ["changed", "changed"],
    ["resolved", "resolved"],
  ]);
  const story = await LedgerReader.with(database, async (reader) => ({
    bid: await reader.bid("twice"),
    trail: await reader.trail("bid:twice"),
  }));
  await close();
  expect(story.bid?.settlement).toMatchObject({ state: "awaitingPayment", version: 3 });
  expect(story.trail.length).toBe(1);
}, 60_000);

test("a reservation that nobody billed in time is swept, one that is not due is not, and a late bill counts", async () => {
  const burl = { source: "burl", priceNanos: 207_000n };
  const youngUs = (Date.now() + 240_000) * 1000;
  await publish([
    ...["expired", "young"].map((bidId) => aBid({ ...burl, bidId })),
    aWin({ ...burl, bidId: "expired", region: "apac" }),
    aWin({ ...burl, bidId: "young", region: "apac", eventTimeUs: youngUs }),
  ]);
  const { database, close } = openLedger(system.addresses.spanner ?? "");
  const stateOf = async (bidId: string) => {
    const bid = await LedgerReader.with(database, (reader) => reader.bid(bidId));
    return [bid?.settlement.state, bid?.settlement.posted.length];
  };
  await until(async () => (await stateOf("expired"))[0] === "void");
  expect(await stateOf("young")).toEqual(["reserved", 0]);
  expect((await gavel(runExplain, "expired")).stdout).toMatch(/recorded +apac .* expiry:expired/);
  await until(async () => {
    const [rows] = await bigqueryOf(system).query(
      "SELECT state, CAST(version AS STRING) AS version FROM `gavel.settlements` WHERE bid_id = 'expired'",
    );
    return rows[0]?.state === "void" && rows[0]?.version === "2";
  });
  await publish([aBilling({ ...burl, bidId: "expired", region: "apac" })]);
  expect(await stateOf("expired")).toEqual(["awaitingPayment", 1]);
  await close();
  const part = { ...burl, bidId: "expired", region: "apac", paymentId: "p-part" } as const;
  await publish([aPayment({ ...part, priceNanos: 7000n })]);
  expect(await readDiscrepantBids(bigqueryOf(system), 10)).toMatchObject([
    {
      bid_id: "expired",
      state: "underpaid",
      owed: "0.000207",
      paid: "0.000007",
      difference: "-0.0002",
    },
  ]);
  expect(await gavel(runAudit)).toMatchObject({ code: 0 });
}, 60_000);

test("a copy in BigQuery that differs from the ledger, or that it does not know, is listed", async () => {
  const writer = await openTable("ledger");
  const line = { bid_id: "sound", account: "cash", seat: "seat-1", currency: "USD" };
  const rest = { cause: "payment:p-sound", period: "2026-01", commit_timestamp: 0 };
  await writer.upsert([
    { row: { entry_id: "sound/2/1", ...line, amount: "0.000208", ...rest }, sequence: "1" },
    { row: { entry_id: "sound/9/0", ...line, amount: "1", ...rest }, sequence: "1" },
  ]);
  writer.close();
  const { code, stdout, stderr } = await underTraffic(() => gavel(runReconcile));
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/ bids compared, 3 differences; /),
  });
  expect(stdout).not.toContain(" live-");
  expect(stdout).toContain(
    "differsInWarehouse sound: entry sound/2/1, amount: expected 0.000207, found 0.000208\n",
  );
  expect(stdout).toContain(
    "unknownInWarehouse sound: entry sound/9/0: expected no row, found a row\n",
  );
}, 60_000);
