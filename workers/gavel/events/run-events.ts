import { type Refusal, refusalText } from "../../../shared/core/auction/refusal.ts";
import { UsageError } from "../../../shared/core/errors.ts";
import { readEventFile } from "../../../shared/io/event-file.ts";
import { timestampOf } from "../../../shared/wire/log-form/write-record.ts";
import { readCommandLine } from "../command-line.ts";
import { EVENT_ARGUMENTS, EVENT_USAGE, recordReaderOf } from "../event-arguments.ts";
import type { Streams } from "../streams.ts";

const USAGE = `usage: gavel events check FILE... [--json] [--max-refusals N] ${EVENT_USAGE}`;
const ARGUMENTS = {
  allowPositionals: true,
  options: {
    json: { type: "boolean" },
    "max-refusals": { type: "string" },
    ...EVENT_ARGUMENTS,
  },
} as const;
const DEFAULT_MAX_REFUSALS = 10;

/** What checking files found. Counts are of all files together. */
interface CheckReport {
  accepted: number;
  refused: number;
  readonly byType: Record<string, number>;
  readonly byReason: Record<string, number>;
  readonly unknownFields: Set<string>;
  readonly refusals: (Refusal & { readonly file: string; readonly line: number })[];
  firstEventUs: number;
  lastEventUs: number;
}

/** `gavel events check FILE...`: 0 when every event is accepted, 1 when one is refused. */
export async function runEvents(args: readonly string[], streams: Streams): Promise<number> {
  const { files, isJson, maxRefusals, eventArguments } = readArgs(args);
  const report: CheckReport = {
    accepted: 0,
    refused: 0,
    byType: {},
    byReason: {},
    unknownFields: new Set(),
    refusals: [],
    firstEventUs: Number.POSITIVE_INFINITY,
    lastEventUs: Number.NEGATIVE_INFINITY,
  };
  const read = recordReaderOf(eventArguments, (name) => {
    if (report.unknownFields.size < UNKNOWN_FIELDS_MAX) report.unknownFields.add(name);
  });
  for (const file of files) {
    for await (const { line, event } of readEventFile(file, read)) {
      if ("kind" in event) {
        report.refused++;
        count(report.byReason, event.reason);
        if (report.refusals.length < maxRefusals) report.refusals.push({ ...event, file, line });
      } else {
        report.accepted++;
        count(report.byType, event.type);
        report.firstEventUs = Math.min(report.firstEventUs, event.eventTimeUs);
        report.lastEventUs = Math.max(report.lastEventUs, event.eventTimeUs);
      }
    }
  }
  streams.stdout.write(isJson ? `${JSON.stringify(plain(report))}\n` : written(report));
  return report.refused === 0 ? 0 : 1;
}

/** Names beyond so many are noise that no one reads. */
const UNKNOWN_FIELDS_MAX = 100;

function readArgs(args: readonly string[]) {
  const { values, positionals } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  const [verb, ...files] = positionals;
  if (verb !== "check" || files.length === 0) throw new UsageError(USAGE);
  const text = values["max-refusals"] ?? String(DEFAULT_MAX_REFUSALS);
  if (!/^\d{1,6}$/.test(text)) {
    throw new UsageError(`--max-refusals "${text}": give a whole number up to 999999`);
  }
  return {
    files,
    isJson: values.json === true,
    maxRefusals: Number(text),
    eventArguments: values,
  } as const;
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function plain(report: CheckReport): object {
  const { firstEventUs, lastEventUs, unknownFields, ...rest } = report;
  const hasEvents = report.accepted > 0;
  return {
    ...rest,
    unknownFields: [...unknownFields],
    firstEventTime: hasEvents ? timestampOf(firstEventUs) : null,
    lastEventTime: hasEvents ? timestampOf(lastEventUs) : null,
  };
}

function written(report: CheckReport): string {
  const lines = [`accepted ${report.accepted}${listed(report.byType)}`];
  lines.push(`refused  ${report.refused}${listed(report.byReason)}`);
  if (report.accepted > 0) {
    const { firstEventUs, lastEventUs } = report;
    lines.push(`event time ${timestampOf(firstEventUs)} to ${timestampOf(lastEventUs)}`);
  }
  if (report.unknownFields.size > 0) {
    lines.push(`unknown fields, not kept: ${[...report.unknownFields].join(", ")}`);
  }
  for (const refusal of report.refusals) {
    lines.push(`${refusal.file}:${refusal.line}: ${refusalText(refusal)}`);
  }
  const hidden = report.refused - report.refusals.length;
  if (hidden > 0) lines.push(`and ${hidden} more: --max-refusals shows more`);
  return `${lines.join("\n")}\n`;
}

function listed(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([name, number]) => `${name} ${number}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
