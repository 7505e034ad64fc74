import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { env, kill, pid } from "node:process";
import { UsageError } from "../../shared/core/errors.ts";
import { type Addresses, readAddresses } from "./addresses.ts";

/** Where a running local system says how it is reached: lines of `export NAME=value`, for shells too. */
const ENV_FILE = join(import.meta.dirname, "../../.gavel/env");
const PID = "GAVEL_START_PID";
/** Variables that name a system: where one is set, nothing is guessed. */
const naming = [
  "GOOGLE_CLOUD_PROJECT",
  "PUBSUB_EMULATOR_HOST",
  "SPANNER_EMULATOR_HOST",
  "BIGQUERY_EMULATOR_REST",
  "GAVEL_CONTROL",
];

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Addresses of the system that a command is for: the one that the variables name, else the local one that
 * runs. Throws a UsageError where there is neither.
 */
export function findAddresses(variables: NodeJS.ProcessEnv = env, file = ENV_FILE): Addresses {
  if (naming.some((name) => (variables[name] ?? "") !== "")) return readAddresses(variables);
  const running = readRunningSystem(file);
  if (running !== undefined) {
    // Google's clients read their emulators' addresses themselves, and look for credentials elsewhere.
    Object.assign(variables, running, { METADATA_SERVER_DETECTION: "none" });
    return readAddresses(running);
  }
  throw new UsageError(
    "no system: `npm start` runs one here; for one in the cloud, set GOOGLE_CLOUD_PROJECT",
  );
}

/** Tells commands of this process's system. Returns how to take that back; of two systems the first stays. */
export function announceSystem(
  environment: Readonly<Record<string, string>>,
  file = ENV_FILE,
): () => void {
  if (readRunningSystem(file) !== undefined) return () => undefined;
  const variables = { ...environment, [PID]: String(pid) };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}\n`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, lines.join(""));
  return () => rmSync(file, { force: true });
}

/** The variables of the local system that runs; undefined where none does. */
function readRunningSystem(file: string): Variables | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const variables = Object.fromEntries(
    [...text.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  return isAlive(Number(variables[PID])) ? variables : undefined;
}

function isAlive(starter: number): boolean {
  try {
    return kill(starter, 0);
  } catch {
    return false;
  }
}
