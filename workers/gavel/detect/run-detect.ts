import { readFile, writeFile } from "node:fs/promises";
import { messageOf, UsageError } from "../../../shared/core/errors.ts";
import { readCommandLine } from "../command-line.ts";
import type { Streams } from "../streams.ts";
import { detectSeries, seriesCsv } from "./detect-series.ts";
import { detectSlices } from "./detect-slices.ts";
import { readSeries } from "./read-series.ts";
import { readSlices } from "./read-slices.ts";
import { seriesPlot } from "./series-plot.ts";
import { sliceEvents } from "./slice-events.ts";

const USAGE = `usage: gavel detect FILE.csv [--kind count|value|auto] [--plot FILE.svg] [--out FILE]
       gavel detect --slices FILE [--slice-seconds 60]
       gavel detect --events FILE [--slice-seconds 60]
       each with [--false-alarms-per-segment-week 0.5]`;
const OPTIONS = {
  events: { type: "string" },
  slices: { type: "string" },
  "slice-seconds": { type: "string" },
  "false-alarms-per-segment-week": { type: "string" },
  kind: { type: "string" },
  plot: { type: "string" },
  out: { type: "string" },
} as const;
const DEFAULT_FALSE_ALARMS = "0.5";
const KINDS = ["count", "value", "auto"] as const;

/** `gavel detect`: the detector over a plain series, a file of slice statistics, or an event log. */
export async function runDetect(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = readCommandLine(
    { args: [...args], options: OPTIONS, allowPositionals: true },
    USAGE,
  );
  const sources = [positionals[0], values.slices, values.events].filter(
    (each) => each !== undefined,
  );
  if (sources.length !== 1 || positionals.length > 1) throw new UsageError(USAGE);
  const falseAlarmsPerSegmentWeek = readRate(
    values["false-alarms-per-segment-week"] ?? DEFAULT_FALSE_ALARMS,
  );
  if (positionals[0] !== undefined) {
    return await runSeries(positionals[0], { ...values, falseAlarmsPerSegmentWeek }, streams);
  }
  for (const name of ["kind", "plot", "out"] as const) {
    if (values[name] !== undefined) throw new UsageError(`--${name} is for a FILE.csv.\n${USAGE}`);
  }
  const sliceMs = readSliceMs(values["slice-seconds"] ?? "60");
  const slices =
    values.slices === undefined
      ? sliceEvents(values.events ?? "", sliceMs, streams.stderr)
      : readSlices(values.slices, sliceMs);
  return await detectSlices(slices, { sliceMs, falseAlarmsPerSegmentWeek }, streams);
}

async function runSeries(
  path: string,
  options: {
    readonly kind?: string | undefined;
    readonly plot?: string | undefined;
    readonly out?: string | undefined;
    readonly falseAlarmsPerSegmentWeek: number;
  },
  { stdout, stderr }: Streams,
): Promise<number> {
  const kind = KINDS.find((each) => each === (options.kind ?? "auto"));
  if (kind === undefined)
    throw new UsageError(`--kind "${options.kind}": give ${KINDS.join(", ")}`);
  const { rows, notices } = readSeries(await textOf(path), path);
  const { falseAlarmsPerSegmentWeek } = options;
  const result = detectSeries(rows, { kind, falseAlarmsPerSegmentWeek });
  const csv = seriesCsv(result.rows);
  if (options.out === undefined) stdout.write(csv);
  else await write(options.out, csv);
  if (options.plot !== undefined) await write(options.plot, seriesPlot(result.rows, path));
  for (const notice of notices) stderr.write(`${path}: ${notice}\n`);
  const flagged = result.rows.filter(({ scored }) => scored?.isFlagged === true).length;
  const silent = Math.min(result.silentRows, rows.length);
  stderr.write(
    `${rows.length} rows read as ${result.kind}s, the first ${silent} learned in silence: ${flagged} flagged\n`,
  );
  if (rows.length <= result.silentRows) {
    stderr.write(`${path}: too few rows to say anything; give more than ${result.silentRows}\n`);
  }
  return 0;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

function readRate(text: string): number {
  const rate = text.trim() === "" ? Number.NaN : Number(text);
  if (!(rate >= 1e-6 && rate <= 1000)) {
    throw new UsageError(
      `--false-alarms-per-segment-week "${text}": give a number from 0.000001 to 1000`,
    );
  }
  return rate;
}

function readSliceMs(text: string): number {
  const seconds = Number(text);
  if (!(Number.isInteger(seconds) && seconds >= 1 && 86_400 % seconds === 0)) {
    throw new UsageError(`--slice-seconds "${text}": give whole seconds that divide a day`);
  }
  return seconds * 1000;
}
