/**
 * Settles a file while everything goes wrong that the emulators can make go wrong, and compares every
 * settlement and account with the tally. The file is sent twice, shuffled, with a tenth of its lines
 * repeated; meanwhile settlement workers are killed, a tenth of all commits is applied and reported as
 * timed out, storms of aborts come and go, the ledger is out of reach for moments, and each region is cut
 * off for a while. At the end the balances are read at the commit timestamps and must add up to zero.
 * Usage: settlement-chaos-run.ts FILE [--kills N] [--seed N]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createPublisher } from "../../shared/io/create-publisher.ts";
import { readRecord } from "../../shared/wire/log-form/read-record.ts";
import { startLocalSystem } from "../../workers/gavel/start/local-system.ts";
import { runOnce } from "../../workers/gavel/start/run-once.ts";
import { readChaosInput } from "../support/chaos-input.ts";
import { killWorkers } from "../support/kill-workers.ts";
import { ledgerPath, openLedger } from "../support/ledger-database.ts";
import {
  settlementDifferences,
  settlementExportsOf,
  settlementTallyOf,
} from "./settlement-tally.ts";
import { checkBalanceHistory } from "./trial-balance-history.ts";

const REGIONS = ["us", "eu", "apac"] as const;
const SLICES = 30;
const KILL_PAUSE_MS = 1500;
const STORM_MS = 3000;
const CUT_MS = 5000;
const CHECKS_MAX = 400;

const { text, sent, kills, seed, random } = readChaosInput("chaos:settlement", { kills: 50 });
const folder = mkdtempSync(join(tmpdir(), "gavel-chaos-"));
const system = await startLocalSystem({});
await Promise.race([system.ready, system.broken]);
try {
  const strikes = await sendThroughFaults();
  const found = await compare();
  process.stdout.write(
    `${JSON.stringify({ sent: sent.length, ...strikes, differ: found.length })}\n`,
  );
  process.exitCode = found.length === 0 ? 0 : 1;
} finally {
  await system.stop();
  rmSync(folder, { recursive: true });
}

/** Sends all but the last slice while the faults are on; resolves when they are healed. */
async function sendThroughFaults() {
  const ended = new AbortController();
  const options = {
    times: kills,
    pauseMs: KILL_PAUSE_MS,
    seed,
    signal: ended.signal,
  };
  const killing = killWorkers(process.pid, "workers/settlement/main.ts", options);
  await fault({ kind: "outcomeUnknown", target: ledgerPath, probability: 0.1 });
  await fault({ kind: "replyLost", target: ledgerPath, probability: 0.05 });
  const storming = storms(ended.signal);
  const publisher = createPublisher(system.addresses);
  const size = Math.ceil(sent.length / SLICES);
  for (let slice = 0; slice < SLICES - 1; slice++) {
    await publishSlice(publisher, sent.slice(slice * size, (slice + 1) * size));
    await delay(random() * KILL_PAUSE_MS);
  }
  await publisher.close();
  const killed = await killing;
  ended.abort();
  const { storms: stormCount, cuts } = await storming;
  const struck = await control("GET", "/spanner/faults/counts");
  await control("DELETE", "/spanner/faults");
  return { killed, storms: stormCount, cuts, struck };
}

/** A producer keeps what its region does not take, and sends it again: once more than needed at worst. */
async function publishSlice(
  publisher: ReturnType<typeof createPublisher>,
  lines: readonly string[],
): Promise<void> {
  const events = lines.flatMap((line) => {
    const event = readRecord(Buffer.from(line), { defaultRegion: "us" });
    return "kind" in event ? [] : [event];
  });
  for (let isSent = false; !isSent; ) {
    isSent = await publisher.publish(events).then(
      () => true,
      () => false,
    );
  }
}

async function storms(signal: AbortSignal): Promise<{ storms: number; cuts: number }> {
  const done = { storms: 0, cuts: 0 };
  while (!signal.aborted || done.cuts < REGIONS.length) {
    const untilMs = Date.now() + STORM_MS;
    await fault({ kind: "aborted", target: ledgerPath, probability: 0.8, untilMs });
    await fault({ kind: "unavailable", target: ledgerPath, probability: 0.1, untilMs });
    done.storms++;
    await delay(STORM_MS);
    const region = REGIONS[done.cuts % REGIONS.length] ?? "us";
    await control("POST", `/pubsub/regions/${region}/cut`);
    await delay(CUT_MS);
    await control("POST", `/pubsub/regions/${region}/heal`);
    done.cuts++;
  }
  return done;
}

async function compare(): Promise<string[]> {
  const input = join(folder, "rest.ndjson");
  writeFileSync(input, sent.slice(Math.ceil(sent.length / SLICES) * (SLICES - 1)).join("\n"));
  const summary = await runOnce(system, { input, exportFolder: folder });
  const [settlements, ledger] = ["settlements", "ledger"].map((name) =>
    readFileSync(join(folder, `${name}.ndjson`), "utf8"),
  );
  const exported = settlementExportsOf(settlements ?? "", ledger ?? "");
  const differing = settlementDifferences(settlementTallyOf(text), exported);
  const { database, close } = openLedger(system.addresses.spanner ?? "");
  const history = await checkBalanceHistory(database, CHECKS_MAX);
  await close();
  const found = [...differing, ...history.faults];
  for (const each of found.slice(0, 20)) process.stdout.write(`${each}\n`);
  process.stdout.write(
    `${exported.settlements.size} bids, ${summary.restarts} restarts, balances zero and equal to the entries at ${history.timestamps} commit timestamps: ${history.faults.length === 0}\n`,
  );
  return found;
}

async function fault(rule: object): Promise<void> {
  await control("POST", "/spanner/faults", rule);
}

async function control(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${system.addresses.control}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return await response.json();
}
