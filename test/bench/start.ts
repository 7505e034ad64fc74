/**
 * How long `npm start` takes to its first count on screen, and to the console's page: `npm run bench:start --
 * [--starts N] [--installed 1]`. With `--installed 1` each is the first start after an installation.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { readNumbers } from "../support/read-numbers.ts";
import { median, printFigures } from "./print-figures.ts";

const { starts, installed } = readNumbers("npm run bench:start -- [--starts N] [--installed 1]", {
  starts: { default: 5, min: 1, max: 100 },
  installed: { default: 0, min: 0, max: 1 },
});

const run = promisify(execFile);

interface Times {
  readonly firstCountS: number;
  readonly consoleS: number;
}

/** Code that was compiled is kept in `cache`, a folder; undefined: where `npm install` and earlier starts left it. */
async function measure(cache: string | undefined): Promise<Times> {
  const variables = { ...env, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }) };
  if (cache !== undefined) await run("npm", ["run", "postinstall"], { env: variables });
  const startMs = performance.now();
  const since = (): number => (performance.now() - startMs) / 1000;
  const system = spawn("npm", ["start"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: variables,
    detached: true,
  });
  let firstCountS = Number.NaN;
  let consoleS = Number.NaN;
  for await (const line of createInterface({ input: system.stdout })) {
    if (/ counted [1-9]/.test(line) && Number.isNaN(firstCountS)) firstCountS = since();
    if (line.startsWith("Console: ")) {
      const page = await fetch(line.slice("Console: ".length));
      if (!page.ok) throw new Error(`the console's page answered ${page.status}`);
      consoleS = since();
    }
    if (firstCountS > 0 && consoleS > 0) break;
  }
  await end(system);
  return { firstCountS, consoleS };
}

/** Ends it as Ctrl-C does, which reaches npm's whole process group. */
async function end(system: ChildProcess): Promise<void> {
  const ended = once(system, "exit");
  process.kill(-(system.pid ?? 0), "SIGINT");
  await ended;
}

const all: Times[] = [];
for (let start = 1; start <= starts; start++) {
  const cache = installed === 1 ? mkdtempSync(join(tmpdir(), "gavel-start-")) : undefined;
  const times = await measure(cache);
  if (cache !== undefined) rmSync(cache, { recursive: true });
  all.push(times);
  printFigures(`start ${start}`, {
    "first count s": times.firstCountS.toFixed(2),
    "console s": times.consoleS.toFixed(2),
  });
}
printFigures("median", {
  "first count s": median(all.map(({ firstCountS }) => firstCountS)).toFixed(2),
  "console s": median(all.map(({ consoleS }) => consoleS)).toFixed(2),
});
