/**
 * Our Spanner emulator and Google's under the same loads, in turns, so that what else the machine does
 * falls on both; each figure is the median of three rounds. Each emulator runs in its own process, and so
 * do the clients, which retry as the official client does. `npm run bench:spanner [seconds a round]`
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
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
  readonly order: Pick<Order, "task" | "workers" | "turns">;
  readonly clients: number;
  /** What one turn counts as. */
  readonly rows: number;
}

/** Tasks of which a turn is a commit of many rows. */
const ROW_TASKS: ReadonlySet<string> = new Set(["incrementMany", "insert", "rawInsert"]);

const loads: readonly Load[] = [
  load("read-modify-writes/s, one after the other", { task: "increment", workers: 1 }),
  load("  8 at once in one client process", { task: "increment", workers: 8 }),
  load("  8 at once, 100 each, until all are done", { task: "increment", workers: 8, turns: 100 }),
  load("  8 at once in four client processes", { task: "increment", workers: 2 }, 4),
  load("  32 at once in four client processes", { task: "increment", workers: 8 }, 4),
  load("  one hot key, 8 at once", { task: "incrementHot", workers: 8 }),
  load("  as raw protobuf, one after the other", { task: "rawIncrement", workers: 1 }),
  load("  as raw protobuf, 8 at once", { task: "rawIncrement", workers: 8 }),
  load("  as raw protobuf, 32 at once", { task: "rawIncrement", workers: 32 }),
  load("rows/s read and written, 500 a transaction", { task: "incrementMany", workers: 2 }),
  load("rows/s in insert-only commits of 500", { task: "insert", workers: 1 }),
  load("  2 at once in one client process", { task: "insert", workers: 2 }),
  load("  from four client processes", { task: "insert", workers: 1 }, 4),
  load("  as raw protobuf, one after the other", { task: "rawInsert", workers: 1 }),
  load("  as raw protobuf, 2 at once", { task: "rawInsert", workers: 2 }),
];

interface Figure {
  readonly perSecond: number;
  readonly slowestMs: number;
  readonly emulatorCpuMicros: number;
  readonly clientCpuMicros: number;
}

const ROUNDS = 3;
const WARM_UP_SECONDS = 0.5;
const CLIENTS = 4;
/** The kernel counts processor time in these. */
const TICK_MICROS = 10_000;

interface Side {
  readonly emulator: RunningEmulator;
  readonly clients: readonly ChildProcess[];
}

const seconds = Number(process.argv[2] ?? "1");
const path = findGoogleEmulator();
const sides = [await startSide(await startOurs(), {})];
if (path !== undefined) {
  sides.push(await startSide(await startGoogleEmulator(path), GOOGLE_CLIENT_ENV));
}
try {
  const heads = ["ours", "Google's", "times", "client's most", "slowest", "Google's"];
  print(row("", [...heads, "CPU", "Google's", "client"]));
  for (const each of loads) {
    const [own, google] = await measureRounds(each);
    print(row(each.label, cellsOf(each, own, google)));
  }
} finally {
  for (const { clients, emulator } of sides) {
    for (const client of clients) client.disconnect();
    await emulator.stop();
  }
}
print(`client's most: what these clients' own CPU would allow here, if the emulator cost nothing
slowest: ms that the slowest transaction or commit took, retries and their waits included
CPU: µs of the emulator a transaction or row; client: of the client, against ours`);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function load(label: string, order: Load["order"], clients = 1): Load {
  return { label, order, clients, rows: ROW_TASKS.has(order.task) ? ROWS_A_COMMIT : 1 };
}

/** The sides in turns; before the first, each does the same untimed, so that engines have compiled it. */
async function measureRounds(each: Load): Promise<Figure[]> {
  const rounds = sides.map((): Figure[] => []);
  const { task, workers } = each.order;
  for (const { clients } of sides) {
    await perform(clients, { task, workers, seconds: WARM_UP_SECONDS }, each.clients);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, side] of sides.entries()) rounds[index]?.push(await measure(side, each));
  }
  return rounds.map(medianOf);
}

function medianOf(figures: readonly Figure[]): Figure {
  const median = (pick: (figure: Figure) => number) =>
    figures.map(pick).sort((left, right) => left - right)[figures.length >> 1] ?? 0;
  return {
    perSecond: median((figure) => figure.perSecond),
    slowestMs: median((figure) => figure.slowestMs),
    emulatorCpuMicros: median((figure) => figure.emulatorCpuMicros),
    clientCpuMicros: median((figure) => figure.clientCpuMicros),
  };
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
  return { emulator, clients };
}

function startClient(address: string, env: Readonly<Record<string, string>>): ChildProcess {
  return fork(join(import.meta.dirname, "spanner-client-process.ts"), [address], {
    execArgv: ["--no-warnings"],
    env: { ...env, SPANNER_EMULATOR_HOST: address, METADATA_SERVER_DETECTION: "none" },
  });
}

async function measure(
  { emulator, clients }: Side,
  { order, clients: count, rows }: Load,
): Promise<Figure> {
  const isHot = order.task === "incrementHot";
  const hotBefore = isHot ? await hotKey(clients) : 0;
  const ticks = cpuTicks(emulator.pid);
  const done = await perform(clients, { ...order, seconds }, count);
  const turns = sum(done.map((each) => each.count));
  if (isHot && (await hotKey(clients)) - hotBefore !== turns) {
    throw new Error(`the hot key does not hold the sum of ${turns} increments`);
  }
  return {
    perSecond: sum(done.map((each) => (each.count * rows) / each.seconds)),
    slowestMs: Math.max(...done.map((each) => each.slowestMs)),
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

function cellsOf(each: Load, own: Figure | undefined, google: Figure | undefined): string[] {
  return [
    show(own?.perSecond),
    show(google?.perSecond),
    own && google ? (own.perSecond / google.perSecond).toFixed(1) : "–",
    show(own && mostOfClients(own, each.clients)),
    show(own?.slowestMs),
    show(google?.slowestMs),
    show(own?.emulatorCpuMicros),
    show(google?.emulatorCpuMicros),
    show(own?.clientCpuMicros),
  ];
}

/** A client runs on one core, and all of them have the machine's. */
function mostOfClients({ clientCpuMicros }: Figure, clients: number): number {
  return (Math.min(clients, availableParallelism()) * 1_000_000) / clientCpuMicros;
}

function row(label: string, cells: readonly string[]): string {
  return `${label.padEnd(44)}${cells.map((cell) => cell.padStart(14)).join("")}`;
}

function show(value: number | undefined): string {
  return value === undefined ? "–" : Math.round(value).toLocaleString("en");
}
