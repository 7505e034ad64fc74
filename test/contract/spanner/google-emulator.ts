import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../../emulator/google/google-emulators.ts";

export interface RunningEmulator {
  readonly address: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** What the official client needs against Google's emulator, which answers no multiplexed sessions. */
export const GOOGLE_CLIENT_ENV = {
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false",
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: "false",
} as const;

/** Path of Google's Spanner emulator in the Cloud SDK, or undefined where it is not installed. */
export function findGoogleEmulator(): string | undefined {
  try {
    const args = ["info", "--format=value(installation.sdk_root)"];
    const root = execFileSync("gcloud", args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const path = join(root.trim(), "bin", "cloud_spanner_emulator", "emulator_main");
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Starts Google's emulator on a free port of the loopback interface. */
export async function startGoogleEmulator(path: string): Promise<RunningEmulator> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const child = spawn(path, [`--host_port=${address}`], { stdio: ["ignore", "ignore", "pipe"] });
  await listening(child, address);
  return { address, pid: child.pid ?? 0, stop: () => stopChild(child) };
}

async function listening(child: ChildProcess, address: string): Promise<void> {
  let log = "";
  child.stderr?.on("data", (piece: Buffer) => {
    log += piece.toString();
  });
  for (let attempt = 0; attempt < 200; attempt++) {
    if (log.includes(`${address}`)) return;
    await delay(50);
  }
  throw new Error(`Google's emulator did not come up on ${address}: ${log}`);
}

export async function stopChild(child: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await ended;
}
