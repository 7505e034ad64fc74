/**
 * `npm run fuzz:notices -- [N] [--bids N] [--seed S]`: N forged, replayed, altered, foreign and contradicting
 * notices (default 200,000) about bids that were won and paid (default 2,000), through ingest with signing
 * on, Pub/Sub and the settlement workers. Ends with 1 where a forged notice is accepted or an honest one
 * refused; where a bid changes that nobody with its exchange's key contradicted; where one that was
 * contradicted is not disputed with nothing posted; where any balance is another than the bids' own sum, or
 * than before once each dispute is resolved in favour of what was said first; or where the audit finds
 * anything.
 */
import { parseArgs } from "node:util";
import { fuzzLedger } from "./fuzz-ledger.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bids: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
  },
});
const report = await fuzzLedger({
  notices: Number(positionals[0] ?? 200_000),
  bids: Number(values.bids),
  seed: Number(values.seed),
});
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
const { misjudged, changed, undisputed, balances, balancesResolved, findings, unbalanced } = report;
const faults = [misjudged, changed, undisputed, balances, balancesResolved, findings, unbalanced];
if (faults.some((found) => found.length > 0)) process.exitCode = 1;
