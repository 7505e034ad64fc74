/**
 * Runs a file through the whole system while window workers are killed at random, and compares every count
 * with the tally. The file is sent twice, shuffled, with a tenth of its lines repeated.
 * Usage: chaos-run.ts FILE [--kills N] [--seed N]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readChaosInput } from "../support/chaos-input.ts";
import { killWorkers } from "../support/kill-workers.ts";
import { runGavel } from "../support/run-gavel.ts";
import { differences, exportedOf, tallyOf } from "./count-tally.ts";

const { text, sent, kills, seed } = readChaosInput("chaos", { kills: 20 });
const folder = mkdtempSync(join(tmpdir(), "gavel-chaos-"));
const input = join(folder, "events.ndjson");
writeFileSync(input, sent.join("\n"));
let killed: Promise<number> = Promise.resolve(0);
const run = await runGavel(
  ["start", "--input", input, "--once", "--export", folder],
  (pid, signal) => {
    killed = killWorkers(pid, "workers/window/main.ts", {
      times: kills,
      pauseMs: 1500,
      seed,
      signal,
    });
  },
);
process.stdout.write(run.stdout + run.stderr);
const exported = exportedOf(readFileSync(join(folder, "auction_counts.ndjson"), "utf8"));
const found = differences(tallyOf(text), exported);
for (const difference of found.slice(0, 10)) process.stdout.write(`${difference}\n`);
process.stdout.write(
  `${sent.length} lines sent, ${await killed} workers killed, ${exported.size} rows, ${found.length} differ\n`,
);
rmSync(folder, { recursive: true });
process.exitCode = run.code === 0 && found.length === 0 ? 0 : 1;
