/**
 * Settles wins and payments on the Spanner emulator, in its own process: our store with many bids to a
 * transaction, then the plain way, one transaction an event with the high-level client and the same
 * decision, on the same database. `npm run bench:settlement [bids]`
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { BatchSize } from "../../shared/core/settlement/batch-size.ts";
import type { Notice } from "../../shared/core/settlement/settlement-event.ts";
import { systemClock } from "../../shared/io/clock.ts";
import { LedgerReader } from "../../shared/io/ledger-reader.ts";
import { MemoryMetrics } from "../../shared/io/metrics.ts";
import { settleBatches } from "../../shared/io/settle-batches.ts";
import { SettlementStore } from "../../shared/io/settlement-store.ts";
import { aPayment, aWin } from "../support/builders.ts";
import { createLedger, openLedger } from "../support/ledger-database.ts";
import { settlePlainly } from "./plain-settlement.ts";

const BIDS = Number(process.argv[2] ?? "8000");
/** The plain way is slow: a tenth of the bids tells its speed. */
const PLAIN_BIDS = Math.ceil(BIDS / 10);
const EVENTS_A_TRANSACTION = 500;
const EVENTS_A_BUNDLE = 2000;
const PLAIN_AT_ONCE = 8;

interface Speed {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

const script = join(import.meta.dirname, "spanner-emulator-process.ts");
const emulator = spawn(process.execPath, ["--no-warnings", script], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const [line] = await once(emulator.stdout, "data");
  const address = String(line).trim();
  await createLedger(address);
  const { database, close } = openLedger(address);
  const rules = { billOnBilling: new Set<string>(), toleranceNanos: new Map<string, bigint>() };
  const store = new SettlementStore(database, { rules, shard: 1 });
  const metrics = new MemoryMetrics();
  const options = {
    size: new BatchSize(EVENTS_A_TRANSACTION),
    clock: systemClock,
    metrics,
    random: Math.random,
  };
  const settleOurs = async (events: readonly Notice[]): Promise<void> => {
    for (let from = 0; from < events.length; from += EVENTS_A_BUNDLE) {
      const bundle = events.slice(from, from + EVENTS_A_BUNDLE);
      const timed = bundle.map((event) => ({ event, publishTimeMs: Date.now() }));
      await settleBatches(store, timed, options);
    }
  };
  await settleOurs(noticesOf("warm", 500));
  await settlePlainly(database, noticesOf("warmed", 50), PLAIN_AT_ONCE);
  const ours = await timed(noticesOf("ours", BIDS), settleOurs);
  const plain = await timed(noticesOf("plain", PLAIN_BIDS), (events) =>
    settlePlainly(database, events, PLAIN_AT_ONCE),
  );
  const findings = await LedgerReader.with(database, countFindings);
  await close();
  const commits = metrics.snapshot().histograms["commit_ms"];
  process.stdout.write(
    `${[
      row("", "ours", "plain", "times"),
      compared("notices settled/s", ours.perSecond, plain.perSecond),
      compared("notices settled/s of client CPU", ours.perCpuSecond, plain.perCpuSecond),
      `ours: ${commits?.count} commits, p50 ${commits?.p50.toFixed(0)} ms, p99 ${commits?.p99.toFixed(0)} ms; audit of both: ${findings} findings`,
    ].join("\n")}\n`,
  );
} finally {
  emulator.kill();
}

/** Each bid won, then paid. */
function noticesOf(prefix: string, bids: number): Notice[] {
  return Array.from({ length: bids }, (_, index) => {
    const bid = { bidId: `${prefix}-${index}-0123456789abcdef`, seat: `seat-${index % 40}` };
    return [aWin(bid), aPayment({ ...bid, paymentId: `pay-${prefix}-${index}` })];
  }).flat();
}

async function timed(
  events: readonly Notice[],
  settle: (events: readonly Notice[]) => Promise<void>,
): Promise<Speed> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await settle(events);
  const seconds = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: events.length / seconds,
    perCpuSecond: (events.length * 1_000_000) / (user + system),
  };
}

async function countFindings(reader: LedgerReader): Promise<number> {
  let findings = -1;
  for await (const _ of reader.audit()) findings++;
  return findings;
}

function compared(label: string, ours: number, plain: number): string {
  return row(label, ours.toFixed(0), plain.toFixed(0), (ours / plain).toFixed(1));
}

function row(label: string, ...cells: string[]): string {
  return label.padEnd(34) + cells.map((cell) => cell.padStart(10)).join("");
}
