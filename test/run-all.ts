/**
 * `npm test`: types, lint, schema, then every jest suite. Shows what each prints, closes with one plain
 * line of counts, `N passed, N failed`, and ends with 1 where anything failed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface JestResults {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "gavel-test-"));
const resultsFile = join(folder, "jest.json");

const checks: readonly [string, readonly string[]][] = [
  ["node_modules/typescript/bin/tsc", []],
  ["node_modules/@biomejs/biome/bin/biome", ["check", "--error-on-warnings", "."]],
  ["test/check-schema.ts", []],
];
const failedChecks = checks.filter(([script, args]) => !succeeds(script, args)).length;
const jestFlags = [
  "--experimental-vm-modules",
  "--no-warnings",
  "node_modules/jest/bin/jest.js",
  // jest's own choice is one worker fewer than there are cores: half of a machine of two.
  "--maxWorkers=2",
  "--json",
  `--outputFile=${resultsFile}`,
];
const jestPassed = spawnSync(process.execPath, jestFlags, {
  cwd: root,
  stdio: ["ignore", "ignore", "inherit"],
});
const results = readResults();
rmSync(folder, { recursive: true });

const failed = failedChecks + results.numFailedTests + results.numRuntimeErrorTestSuites;
const passed = checks.length - failedChecks + results.numPassedTests;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && jestPassed.status === 0 ? 0 : 1;

function succeeds(script: string, args: readonly string[]): boolean {
  process.stdout.write(`${script} ${args.join(" ")}\n`);
  const { status } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    stdio: "inherit",
  });
  return status === 0;
}

/** Without a results file jest did not get as far as running: counted as one failure. */
function readResults(): JestResults {
  if (!existsSync(resultsFile)) {
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 1 };
  }
  return JSON.parse(readFileSync(resultsFile, "utf8"));
}
