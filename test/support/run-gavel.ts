import { spawn } from "node:child_process";
import { join } from "node:path";
import { env } from "node:process";

const root = join(import.meta.dirname, "../..");

export interface GavelRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command line as a user does, leading a process group of its own as a shell's job does;
 * `during` gets its process id while it runs.
 */
export function runGavel(
  args: readonly string[],
  during: (pid: number, signal: AbortSignal) => void = () => undefined,
  options: {
    /** Variables beside this process's own. */
    readonly variables?: Readonly<Record<string, string>>;
    /** Gets what was written to stdout so far, each time that something is. */
    readonly onOutput?: (stdout: string) => void;
  } = {},
): Promise<GavelRun> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, "workers/gavel/bin.cjs"), ...args], {
      cwd: root,
      env: { ...env, ...options.variables },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const ended = new AbortController();
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text) => {
      stdout += text;
      options.onOutput?.(stdout);
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.on("close", (code) => {
      ended.abort();
      resolve({ code, stdout, stderr });
    });
    if (child.pid !== undefined) during(child.pid, ended.signal);
  });
}
