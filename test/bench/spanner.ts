/**
 * Our Spanner emulator and Google's under the same loads, in turns, so that what else the machine does
 * falls on both. Each runs in its own process, and so do the clients. `npm run bench:spanner [seconds]`
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  findGoogleEmulator,
  GOOGLE_CLIENT_ENV,
  type RunningEmulator,
  startGoogleEmulator,
  stopChild,
} from "../contract/spanner/google-emulator.ts";
import type { Done, Order } from "./spanner-client-process.ts";
import { ROWS_A_COMMIT } from "./spanner-raw-client.ts";

interface Load {
  readonly label: string;
  readonly task: Order["task"];
  readonly clients: number;
  readonly workers: number;
  /** What one turn counts as. */
  readonly rows: number;
}

const loads: readonly Load[] = [
  load("read-modify-writes/s, one after the other", "increment", 1, 1),
  load("  8 at once in one client process", "increment", 1, 8),
  load("  8 at once in four client processes", "increment", 4, 2),
  load("  32 at once in four client processes", "increment", 4, 8),
  load("  one hot key, 8 at once", "incrementHot", 1, 8),
  load("  as raw protobuf, one after the other", "rawIncrement", 1, 1),
  load("  as raw protobuf, 8 at once", "rawIncrement", 1, 8),
  load("  as raw protobuf, 32 at once", "rawIncrement", 1, 32),
  load("rows/s read and written, 500 a transaction", "incrementMany", 1, 2, ROWS_A_COMMIT),
  load("rows/s in insert-only commits of 500", "insert", 1, 1, ROWS_A_COMMIT),
  load("  from four client processes", "insert", 4, 1, ROWS_A_COMMIT),
  load("  as raw protobuf, one after the other", "rawInsert", 1, 1, ROWS_A_COMMIT),
];

interface Figure {
  readonly perSecond: number;
  readonly emulatorCpuMicros: number;
  readonly clientCpuMicros: number;
}

const CLIENTS = 4;
/** The kernel counts processor time in these. */
const TICK_MICROS = 10_000;

interface Side {
  readonly emulator: RunningEmulator;
  readonly clients: readonly ChildProcess[];
  readonly figures: Map<Load, Figure>;
}

const seconds = Number(process.argv[2] ?? "2");
const path = findGoogleEmulator();
const sides = [await startSide(await startOurs(), {})];
if (path !== undefined) {
  sides.push(await startSide(await startGoogleEmulator(path), GOOGLE_CLIENT_ENV));
}
try {
  for (const each of loads) {
    for (const side of sides) side.figures.set(each, await measure(side, each));
  }
} finally {
  for (const { clients, emulator } of sides) {
    for (const client of clients) client.disconnect();
    await emulator.stop();
  }
}
process.stdout.write(`${table(sides[0]?.figures, sides[1]?.figures)}\n`);

function load(
  label: string,
  task: Load["task"],
  clients: number,
  ...[workers = 1, rows = 1]: readonly number[]
): Load {
  return { label, task, clients, workers, rows };
}

async function startOurs(): Promise<RunningEmulator> {
  const script = join(import.meta.dirname, "spanner-emulator-process.ts");
  const child: ChildProcess = spawn(process.execPath, ["--no-warnings", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = child.stdout === null ? [""] : await once(child.stdout, "data");
  return { address: String(line).trim(), pid: child.pid ?? 0, stop: () => stopChild(child) };
}

async function startSide(
  emulator: RunningEmulator,
  env: Readonly<Record<string, string>>,
): Promise<Side> {
  const clients = Array.from({ length: CLIENTS }, () => startClient(emulator.address, env));
  await Promise.all(clients.map((client) => once(client, "message")));
  await perform(clients, { task: "prepare", workers: 1, seconds: 0 });
  await perform(clients, { task: "increment", workers: 2, seconds: 0.5 }, CLIENTS);
  return { emulator, clients, figures: new Map() };
}

function startClient(address: string, env: Readonly<Record<string, string>>): ChildProcess {
  return fork(join(import.meta.dirname, "spanner-client-process.ts"), [address], {
    execArgv: ["--no-warnings"],
    env: { ...env, SPANNER_EMULATOR_HOST: address, METADATA_SERVER_DETECTION: "none" },
  });
}

async function measure(
  { emulator, clients }: Side,
  { task, clients: count, workers, rows }: Load,
): Promise<Figure> {
  const hotBefore = task === "incrementHot" ? await hotKey(clients) : 0;
  const ticks = cpuTicks(emulator.pid);
  const done = await perform(clients, { task, workers, seconds }, count);
  const turns = sum(done.map((each) => each.count));
  if (task === "incrementHot" && (await hotKey(clients)) - hotBefore !== turns) {
    throw new Error(`the hot key does not hold the sum of ${turns} increments`);
  }
  return {
    perSecond: sum(done.map((each) => (each.count * rows) / each.seconds)),
    emulatorCpuMicros: ((cpuTicks(emulator.pid) - ticks) * TICK_MICROS) / (turns * rows),
    clientCpuMicros: (sum(done.map((each) => each.cpuSeconds)) * 1_000_000) / (turns * rows),
  };
}

async function hotKey(clients: readonly ChildProcess[]): Promise<number> {
  const [done] = await perform(clients, { task: "readHot", workers: 1, seconds: 0 });
  return done?.count ?? 0;
}

function perform(
  clients: readonly ChildProcess[],
  order: Omit<Order, "client">,
  count = 1,
): Promise<Done[]> {
  return Promise.all(
    clients.slice(0, count).map(async (child, client) => {
      child.send({ ...order, client });
      const [answer] = await once(child, "message");
      if ("failure" in answer) throw new Error(answer.failure);
      return answer;
    }),
  );
}

/** User and system time of a process: fields 14 and 15 of its stat, counted behind its name's bracket. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function table(
  own: ReadonlyMap<Load, Figure> | undefined,
  google: ReadonlyMap<Load, Figure> | undefined,
): string {
  const heads = ["ours", "Google's", "times", "CPU", "Google's", "client"];
  const lines = loads.map((each) => {
    const [left, right] = [own?.get(each), google?.get(each)];
    const times = left && right ? (left.perSecond / right.perSecond).toFixed(1) : "–";
    const cells = [
      show(left?.perSecond),
      show(right?.perSecond),
      times,
      show(left?.emulatorCpuMicros),
      show(right?.emulatorCpuMicros),
      show(left?.clientCpuMicros),
    ];
    return row(each.label, cells);
  });
  const legend =
    "CPU: µs of the emulator a transaction or row; client: of the client, against ours";
  return [row("", heads), ...lines, legend].join("\n");
}

function row(label: string, cells: readonly string[]): string {
  return `${label.padEnd(44)}${cells.map((cell) => cell.padStart(10)).join("")}`;
}

function show(value: number | undefined): string {
  return value === undefined ? "–" : Math.round(value).toLocaleString("en");
}
