/**
 * `npm run fuzz:ingest -- N [--notices M] [--seed S]`: N fuzzed bodies (default 100,000) and M forged
 * notices (default 0) through an ingest of its own. Ends with 1 where an answer is neither 2xx nor 4xx, an
 * event is lost or made up, a forged notice is accepted, or memory rises by 50 MB after a fifth of a run of
 * 100,000 and more; a shorter one is all warm-up.
 */
import { parseArgs } from "node:util";
import { type FuzzReport, fuzzBodies, fuzzNotices } from "./fuzz-ingest.ts";

const MEMORY_RISE_MAX_BYTES = 50_000_000;
const WARM_RUN_REQUESTS = 100_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    notices: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
  },
});
const seed = Number(values.seed);
const bodies = Number(positionals[0] ?? 100_000);
const notices = Number(values.notices);
if (bodies > 0) show("bodies", await fuzzBodies(bodies, seed));
if (notices > 0) show("notices", await fuzzNotices(notices, seed));

function show(what: string, report: FuzzReport): void {
  process.stdout.write(`${what}, seed ${seed}: ${JSON.stringify(report, null, 2)}\n`);
  const statuses = Object.keys(report.statuses).map((status) => Math.floor(Number(status) / 100));
  const isSound =
    statuses.every((hundreds) => hundreds === 2 || hundreds === 4) &&
    report.accepted === report.published &&
    report.errors.length === 0 &&
    report.misjudged === 0 &&
    (report.requests < WARM_RUN_REQUESTS || report.memoryRiseBytes < MEMORY_RISE_MAX_BYTES) &&
    report.exit.code === 0;
  if (!isSound) process.exitCode = 1;
}
