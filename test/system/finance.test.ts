/** Finance's commands on a running system: workers of three regions, the archive, the copies in BigQuery. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { DuckDBInstance } from "@duckdb/node-api";
import { BigQuery } from "@google-cloud/bigquery";
import type { AuctionEvent } from "../../shared/core/auction/event.ts";
import { messageOf, UsageError } from "../../shared/core/errors.ts";
import { createPublisher } from "../../shared/io/create-publisher.ts";
import { readAging, readBreaches, readStateSums } from "../../shared/io/finance-queries.ts";
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
import { awaitDrained } from "../../workers/gavel/start/await-drained.ts";
import { type LocalSystem, startLocalSystem } from "../../workers/gavel/start/local-system.ts";
import type { Command } from "../../workers/gavel/streams.ts";
import { aBid, aPayment, aWin } from "../support/builders.ts";

let system: LocalSystem;
let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gavel-finance-"));
  system = await startLocalSystem({ freePorts: true });
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

async function publish(events: readonly AuctionEvent[]): Promise<void> {
  const publisher = createPublisher(system.addresses);
  await publisher.publish(events);
  await publisher.close();
  const settling = regions.map((region) => subscriptionOf("settlement", region).name);
  await awaitDrained(system.addresses.control ?? "", new Set([...settling, "events-raw"]));
}

function bigqueryOf({ addresses }: LocalSystem): BigQuery {
  return new BigQuery({
    projectId: addresses.project,
    apiEndpoint: addresses.bigqueryRest ?? "",
  });
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
    "SELECT CAST(SUM(owed) AS STRING) AS owed, CAST(SUM(paid) AS STRING) AS paid, CAST(SUM(disputed) AS STRING) AS disputed, SUM(bids) AS bids FROM `gavel.finance_daily`",
  );
  const { stdout } = await gavel(runReport, "daily", "--json");
  const [{ owed, paid, disputed, bids }] = JSON.parse(stdout).totals;
  expect(view).toEqual([{ owed, paid, disputed, bids }]);
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

test("a copy in BigQuery that differs from the ledger, or that it does not know, is listed", async () => {
  const { project, storageWrite } = system.addresses;
  const client = createWriterClient(project, storageWrite);
  const table = tableOf("ledger");
  const writer = await TableWriter.open(client, `projects/${project}/datasets/gavel`, table);
  const line = { bid_id: "sound", account: "cash", seat: "seat-1", currency: "USD" };
  const rest = { cause: "payment:p-sound", period: "2026-01", commit_timestamp: 0 };
  await writer.upsert([
    { row: { entry_id: "sound/2/1", ...line, amount: "0.000208", ...rest }, sequence: "1" },
    { row: { entry_id: "sound/9/0", ...line, amount: "1", ...rest }, sequence: "1" },
  ]);
  writer.close();
  const { code, stdout } = await gavel(runReconcile, "--grace", "0");
  expect(code).toBe(1);
  expect(stdout).toContain(
    "differsInWarehouse sound: entry sound/2/1, amount: expected 0.000207, found 0.000208\n",
  );
  expect(stdout).toContain(
    "unknownInWarehouse sound: entry sound/9/0: expected no row, found a row\n",
  );
}, 60_000);
