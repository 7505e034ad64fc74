import { stat } from "node:fs/promises";
import { refusalText } from "../../../shared/core/auction/refusal.ts";
import { UsageError } from "../../../shared/core/errors.ts";
import { readEmulators } from "../addresses.ts";
import { readCommandLine } from "../command-line.ts";
import { announceSystem } from "../running-system.ts";
import type { Streams } from "../streams.ts";
import { choosePorts } from "./choose-ports.ts";
import { startLocalSystem } from "./local-system.ts";
import type { OnceSummary } from "./run-once.ts";
import { startedText } from "./started-text.ts";

const USAGE =
  "usage: gavel start [--rate N] [--warm-up-days N] | gavel start --input FILE --once [--export DIR] [--json]";
const ARGUMENTS = {
  options: {
    input: { type: "string" },
    once: { type: "boolean" },
    export: { type: "string" },
    json: { type: "boolean" },
    rate: { type: "string" },
    "warm-up-days": { type: "string" },
  },
} as const;
const DEFAULT_RATE = 500;
const RATE_MAX = 100_000;
const DEFAULT_WARM_UP_DAYS = 7;
const WARM_UP_DAYS_MAX = 28;

/**
 * `gavel start`: live traffic until Ctrl-C, or a file from beginning to end: 0 when it is whole, 1 when
 * an event of the file was refused.
 */
export async function runStart(args: readonly string[], streams: Streams): Promise<number> {
  const { input, exportFolder, isJson, eventsPerSecond, warmUpDays } = await readArgs(args);
  if (readEmulators() === "google" && input !== undefined) {
    throw new UsageError(
      "--once waits for an empty backlog, which Google's emulator does not show: unset GAVEL_EMULATORS",
    );
  }
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort());
  process.once("SIGTERM", () => stopping.abort());
  let forget: () => void = () => undefined;
  const system = await (input === undefined
    ? startLocalSystem({
        chosen: await choosePorts(),
        watched: { eventsPerSecond, warmUpDays },
        // What fails is told where it is needed.
        onServing: () => void loadLive().catch(() => undefined),
      })
    : startLocalSystem({}));
  for (const notice of system.notices) streams.stderr.write(`${notice}\n`);
  try {
    if (input === undefined) {
      const told = system.ready.then(() => {
        if (stopping.signal.aborted) return;
        forget = announceSystem({ ...system.environment, GAVEL_CONSOLE: system.consoleUrl ?? "" });
        streams.stdout.write(`${startedText(system)}\n`);
      });
      const { runLive } = await loadLive();
      const live = runLive(system, { eventsPerSecond, signal: stopping.signal, streams, told });
      await Promise.race([live, system.broken]);
      return 0;
    }
    await Promise.race([system.ready, system.broken]);
    const { runOnce } = await import("./run-once.ts");
    const run = runOnce(system, { input, exportFolder });
    const summary = await Promise.race([run, system.broken]);
    streams.stdout.write(isJson ? `${JSON.stringify(summary)}\n` : written(summary));
    return summary.refused === 0 ? 0 : 1;
  } finally {
    forget();
    await system.stop();
  }
}

function loadLive() {
  return import("./run-live.ts");
}

async function readArgs(args: readonly string[]) {
  const { values } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  const { input, once, rate = String(DEFAULT_RATE) } = values;
  if ((input === undefined) !== (once !== true)) throw new UsageError(USAGE);
  const eventsPerSecond = Number(rate);
  if (!/^\d{1,6}$/.test(rate) || eventsPerSecond < 1 || eventsPerSecond > RATE_MAX) {
    throw new UsageError(`--rate "${rate}": give events per second, 1 to ${RATE_MAX}`);
  }
  const warmUpDays = Number(values["warm-up-days"] ?? DEFAULT_WARM_UP_DAYS);
  if (!(Number.isInteger(warmUpDays) && warmUpDays >= 0 && warmUpDays <= WARM_UP_DAYS_MAX)) {
    throw new UsageError(`--warm-up-days: give whole days, 0 to ${WARM_UP_DAYS_MAX}`);
  }
  if (input !== undefined) {
    const found = await stat(input).catch(() => undefined);
    if (found?.isFile() !== true) throw new UsageError(`--input ${input}: there is no such file`);
  }
  return {
    input,
    exportFolder: values.export,
    isJson: values.json === true,
    eventsPerSecond,
    warmUpDays,
  };
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
