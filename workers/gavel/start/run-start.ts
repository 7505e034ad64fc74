import { stat } from "node:fs/promises";
import { refusalText } from "../../../shared/core/auction/refusal.ts";
import { UsageError } from "../../../shared/core/errors.ts";
import { readCommandLine } from "../command-line.ts";
import type { Streams } from "../streams.ts";
import { type LocalSystem, startLocalSystem } from "./local-system.ts";
import { runLive } from "./run-live.ts";
import { type OnceSummary, runOnce } from "./run-once.ts";

const USAGE =
  "usage: gavel start [--rate N] | gavel start --input FILE --once [--export DIR] [--json]";
const ARGUMENTS = {
  options: {
    input: { type: "string" },
    once: { type: "boolean" },
    export: { type: "string" },
    json: { type: "boolean" },
    rate: { type: "string" },
  },
} as const;
const DEFAULT_RATE = 500;
const RATE_MAX = 100_000;

/**
 * `gavel start`: live traffic until Ctrl-C, or a file from beginning to end: 0 when it is whole, 1 when
 * an event of the file was refused.
 */
export async function runStart(args: readonly string[], streams: Streams): Promise<number> {
  const { input, exportFolder, isJson, eventsPerSecond } = await readArgs(args);
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort());
  process.once("SIGTERM", () => stopping.abort());
  const system = await startLocalSystem({ freePorts: input !== undefined });
  try {
    if (input === undefined) {
      streams.stdout.write(`${portsTable(system)}\n`);
      const live = runLive(system, { eventsPerSecond, signal: stopping.signal, streams });
      await Promise.race([live, system.broken]);
      return 0;
    }
    const run = runOnce(system, { input, exportFolder });
    const summary = await Promise.race([run, system.broken]);
    streams.stdout.write(isJson ? `${JSON.stringify(summary)}\n` : written(summary));
    return summary.refused === 0 ? 0 : 1;
  } finally {
    await system.stop();
  }
}

function portsTable({ environment }: LocalSystem): string {
  const width = Math.max(...Object.keys(environment).map((name) => name.length));
  const lines = Object.entries(environment).map(
    ([name, value]) => `${name.padEnd(width)}  ${value}`,
  );
  return [
    ...lines,
    "",
    "Next: export these variables, then  npx gavel publish FILE",
    "      npx gavel events check FILE   checks a file of events",
    "      Ctrl-C                        drains and ends",
    "",
  ].join("\n");
}

async function readArgs(args: readonly string[]) {
  const { values } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  const { input, once, rate = String(DEFAULT_RATE) } = values;
  if ((input === undefined) !== (once !== true)) throw new UsageError(USAGE);
  const eventsPerSecond = Number(rate);
  if (!/^\d{1,6}$/.test(rate) || eventsPerSecond < 1 || eventsPerSecond > RATE_MAX) {
    throw new UsageError(`--rate "${rate}": give events per second, 1 to ${RATE_MAX}`);
  }
  if (input !== undefined) {
    const found = await stat(input).catch(() => undefined);
    if (found?.isFile() !== true) throw new UsageError(`--input ${input}: there is no such file`);
  }
  return { input, exportFolder: values.export, isJson: values.json === true, eventsPerSecond };
}

function written(summary: OnceSummary): string {
  const { published, refused, seconds, counters, restarts, files } = summary;
  const lines = [
    `${published} events published, ${refused} refused, all processed in ${seconds.toFixed(1)} s`,
    `counted ${counters["events_counted"] ?? 0}, duplicates ${counters["events_duplicate"] ?? 0}, late ${counters["events_late"] ?? 0}, dead letters ${counters["dead_letters"] ?? 0}, workers restarted ${restarts}`,
    ...summary.refusals.map((refusal) => `line ${refusal.line}: ${refusalText(refusal)}`),
    ...files.map(
      ({ file, rows, sha256 }) => `${file}: ${rows} rows, sha256 ${sha256.slice(0, 16)}…`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}
