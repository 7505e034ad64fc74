import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { UsageError } from "../../../shared/core/errors.ts";
import type { Streams } from "../streams.ts";
import { startLocalSystem } from "./local-system.ts";
import { type OnceSummary, runOnce } from "./run-once.ts";

const USAGE = "usage: gavel start --input FILE --once [--export DIR] [--json]";

/** `gavel start`: 0 when a run is whole, 1 when an event of the file was refused. */
export async function runStart(args: readonly string[], streams: Streams): Promise<number> {
  const { input, exportFolder, isJson } = await readArgs(args);
  const system = await startLocalSystem({ freePorts: true });
  try {
    const run = runOnce(system, { input, exportFolder });
    const summary = await Promise.race([run, system.broken]);
    streams.stdout.write(isJson ? `${JSON.stringify(summary)}\n` : written(summary));
    return summary.refused === 0 ? 0 : 1;
  } finally {
    await system.stop();
  }
}

async function readArgs(args: readonly string[]) {
  const { values } = parsed(args);
  const { input, once } = values;
  if (input === undefined || once !== true) throw new UsageError(USAGE);
  const found = await stat(input).catch(() => undefined);
  if (found?.isFile() !== true) throw new UsageError(`--input ${input}: there is no such file`);
  return { input, exportFolder: values.export, isJson: values.json === true };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        input: { type: "string" },
        once: { type: "boolean" },
        export: { type: "string" },
        json: { type: "boolean" },
      },
    });
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${fault}\n${USAGE}`, { cause: error });
  }
}

function written(summary: OnceSummary): string {
  const { published, refused, seconds, counters, restarts, files } = summary;
  const lines = [
    `${published} events published, ${refused} refused, all processed in ${seconds.toFixed(1)} s`,
    `counted ${counters["events_counted"] ?? 0}, duplicates ${counters["events_duplicate"] ?? 0}, late ${counters["events_late"] ?? 0}, dead letters ${counters["dead_letters"] ?? 0}, workers restarted ${restarts}`,
    ...summary.refusals.map(
      ({ line, reason, field, value, mend }) =>
        `line ${line}: ${reason} ${field} "${value}". ${mend}`,
    ),
    ...files.map(
      ({ file, rows, sha256 }) => `${file}: ${rows} rows, sha256 ${sha256.slice(0, 16)}…`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}
