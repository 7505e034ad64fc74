/**
 * Our Spanner emulator and Google's under the same load, each in its own process, one after the other.
 * `npm run bench:spanner [seconds]`
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import {
  findGoogleEmulator,
  GOOGLE_CLIENT_ENV,
  type RunningEmulator,
  startGoogleEmulator,
  stopChild,
} from "../contract/spanner/google-emulator.ts";
import type { LoadResult } from "./spanner-load.ts";

const LABELS: Readonly<Record<keyof LoadResult, string>> = {
  sequentialPerSecond: "read-modify-writes/s, one after the other",
  concurrent8PerSecond: "read-modify-writes/s, 8 at once",
  concurrent32PerSecond: "read-modify-writes/s, 32 at once",
  generated8PerSecond: "  by the generated client, 8 at once",
  generated32PerSecond: "  by the generated client, 32 at once",
  hotKeyPerSecond: "read-modify-writes/s of one key, 8 at once",
  hotKeyExact: "  its sum is exact",
  insertRowsPerSecond: "rows/s in insert-only commits of 500",
  rawInsertRowsPerSecond: "  as raw protobuf, one after the other",
};

const seconds = process.argv[2] ?? "3";
const ours = await underLoad(await startOurs(), {});
const path = findGoogleEmulator();
const googles =
  path === undefined
    ? undefined
    : await underLoad(await startGoogleEmulator(path), GOOGLE_CLIENT_ENV);
process.stdout.write(`${table(ours, googles)}\n`);

async function startOurs(): Promise<RunningEmulator> {
  const script = join(import.meta.dirname, "spanner-emulator-process.ts");
  const child: ChildProcess = spawn(process.execPath, ["--no-warnings", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = child.stdout === null ? [""] : await once(child.stdout, "data");
  return { address: String(line).trim(), stop: () => stopChild(child) };
}

async function underLoad(
  emulator: RunningEmulator,
  env: Readonly<Record<string, string>>,
): Promise<LoadResult> {
  const script = join(import.meta.dirname, "spanner-load.ts");
  try {
    const output = execFileSync(
      process.execPath,
      ["--no-warnings", script, seconds, emulator.address],
      {
        encoding: "utf8",
        env: { ...env, SPANNER_EMULATOR_HOST: emulator.address, METADATA_SERVER_DETECTION: "none" },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    return JSON.parse(output);
  } finally {
    await emulator.stop();
  }
}

function table(own: LoadResult, google: LoadResult | undefined): string {
  const lines = [
    `${"".padEnd(46)}${"ours".padStart(10)}${"Google's".padStart(10)}${"times".padStart(8)}`,
  ];
  for (const [key, label] of Object.entries(LABELS)) {
    const left = Reflect.get(own, key);
    const right = google === undefined ? undefined : Reflect.get(google, key);
    lines.push(
      `${label.padEnd(46)}${show(left).padStart(10)}${show(right).padStart(10)}${times(left, right)}`,
    );
  }
  return lines.join("\n");
}

function show(value: unknown): string {
  if (typeof value === "number") return Math.round(value).toLocaleString("en");
  return value === undefined ? "–" : String(value);
}

function times(left: unknown, right: unknown): string {
  if (typeof left !== "number" || typeof right !== "number") return "";
  return (left / right).toFixed(1).padStart(8);
}
