/** Emulators as processes of their own, so that their CPU time and memory can be told from the client's. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../emulator/google/google-emulators.ts";

export interface EmulatorProcess {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** User and system CPU time so far. */
  readonly cpuSeconds: () => number;
  /** Memory at the last look, and the longest event-loop pause since the start; ours only. */
  readonly vitals: () => { rssBytes: number; pauseMs: number };
  readonly stop: () => void;
}

/** Kernel clock ticks a second; Linux has 100 on every platform it shows them to programs. */
const TICKS_PER_SECOND = 100;

/** Starts this repository's emulator. */
export async function startOurs(nodeOptions: readonly string[] = []): Promise<EmulatorProcess> {
  const entry = join(import.meta.dirname, "pubsub-emulator-main.ts");
  const child = spawn(process.execPath, [...nodeOptions, entry], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await firstLine(child, /^\{.*\}$/m);
  const { port }: { port: number } = JSON.parse(line);
  return processOf("ours", port, child);
}

/** Starts Google's emulator; undefined where it or Java is not installed. */
export async function startGoogles(): Promise<EmulatorProcess | undefined> {
  const jar = googlesJar();
  if (jar === undefined) return undefined;
  const port = await freePort();
  const dataFolder = mkdtempSync(join(tmpdir(), "pubsub-bench-"));
  const child = spawn(
    "java",
    ["-jar", jar, "--host=127.0.0.1", `--port=${port}`, `--data-dir=${dataFolder}`],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  await firstLine(child, /Server started/);
  return processOf("Google's", port, child);
}

function googlesJar(): string | undefined {
  try {
    const root = execFileSync("gcloud", ["info", "--format=value(installation.sdk_root)"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    const jar = join(root, "platform/pubsub-emulator/lib/cloud-pubsub-emulator-0.8.20-all.jar");
    execFileSync("java", ["-version"], { stdio: "ignore" });
    return existsSync(jar) ? jar : undefined;
  } catch {
    return undefined;
  }
}

function processOf(name: string, port: number, child: ChildProcess): EmulatorProcess {
  const pid = child.pid ?? 0;
  let rssBytes = 0;
  let pauseMs = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    for (const match of chunk.toString("utf8").matchAll(/pauseMs=(\d+) rssBytes=(\d+)/g)) {
      pauseMs = Math.max(pauseMs, Number(match[1]));
      rssBytes = Number(match[2]);
    }
  });
  return {
    vitals: () => ({ rssBytes, pauseMs }),
    name,
    port,
    pid,
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    stop: () => child.kill(),
  };
}

/** The first match of the pattern in what the process prints. */
function firstLine(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const look = (chunk: Buffer) => {
      output += chunk.toString("utf8");
      const match = pattern.exec(output);
      if (match !== null) resolve(match[0]);
    };
    child.stdout?.on("data", look);
    child.stderr?.on("data", look);
    child.once("exit", (code) => reject(new Error(`the emulator ended with ${code}: ${output}`)));
  });
}
