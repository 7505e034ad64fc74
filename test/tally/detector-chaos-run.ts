/**
 * Kills detectors at random while they judge slices, and compares every flag with the core's.
 * Usage: detector-chaos-run.ts [--kills N] [--slices N] [--seed N]
 */
import { parseArgs } from "node:util";
import { killDetectors } from "../support/kill-detectors.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    slices: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
  },
});
const run = await killDetectors({
  kills: Number(values.kills),
  slices: Number(values.slices),
  seed: Number(values.seed),
});
for (const difference of run.differences) process.stdout.write(`${difference}\n`);
process.stdout.write(
  `${run.kills} detectors killed, ${run.expectedFlags} flags, ${run.differences.length} differ\n`,
);
process.exit(run.differences.length === 0 && run.expectedFlags > 0 ? 0 : 1);
