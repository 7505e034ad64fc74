import { readdirSync, readFileSync } from "node:fs";
import { prng } from "./prng.ts";

/** A process as /proc shows it: its command line, and the group that a terminal's signals go to. */
export interface ProcessEntry {
  readonly command: string;
  readonly group: number;
}

/** The descendants of a process. Linux only: it reads /proc. */
export function descendantsOf(pid: number): Map<number, ProcessEntry> {
  const children = new Map<number, number[]>();
  const entries = new Map<number, ProcessEntry>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      const [, parentText, groupText] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const parent = Number(parentText);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
      const command = readFileSync(`/proc/${entry}/cmdline`, "utf8");
      entries.set(Number(entry), { command, group: Number(groupText) });
    } catch {
      // The process ended while it was read.
    }
  }
  const found = new Map<number, ProcessEntry>();
  const visit = (parent: number): void => {
    for (const child of children.get(parent) ?? []) {
      const known = entries.get(child);
      if (known !== undefined) found.set(child, known);
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
    const victims = [...descendantsOf(pid)].filter(([, { command }]) => command.includes(entry));
    const victim = victims[Math.floor(random() * victims.length)];
    if (victim === undefined || options.signal.aborted) continue;
    process.kill(victim[0], "SIGKILL");
    killed++;
  }
  return killed;
}
