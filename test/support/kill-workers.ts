import { readdirSync, readFileSync } from "node:fs";
import { prng } from "./prng.ts";

/** The descendants of a process by their command lines. Linux only: it reads /proc. */
function descendantsOf(pid: number): Map<number, string> {
  const children = new Map<number, number[]>();
  const commands = new Map<number, string>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
      commands.set(Number(entry), readFileSync(`/proc/${entry}/cmdline`, "utf8"));
    } catch {
      // The process ended while it was read.
    }
  }
  const found = new Map<number, string>();
  const visit = (parent: number): void => {
    for (const child of children.get(parent) ?? []) {
      found.set(child, commands.get(child) ?? "");
      visit(child);
    }
  };
  visit(pid);
  return found;
}

/**
 * Kills random processes below `pid` whose command line holds `entry`, `times` times, with pauses of up
 * to `pauseMs`, until `signal` is aborted. Resolves to the number of processes killed.
 */
export async function killWorkers(
  pid: number,
  entry: string,
  options: {
    readonly times: number;
    readonly pauseMs: number;
    readonly seed: number;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const random = prng(options.seed);
  let killed = 0;
  while (killed < options.times && !options.signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, random() * options.pauseMs));
    const victims = [...descendantsOf(pid)].filter(([, command]) => command.includes(entry));
    const victim = victims[Math.floor(random() * victims.length)];
    if (victim === undefined || options.signal.aborted) continue;
    process.kill(victim[0], "SIGKILL");
    killed++;
  }
  return killed;
}
