import { stat } from "node:fs/promises";
import { refusalText } from "../../../shared/core/auction/refusal.ts";
import { UsageError } from "../../../shared/core/errors.ts";
import { createPublisher } from "../../../shared/io/create-publisher.ts";
import type { RecordReader } from "../../../shared/io/event-file.ts";
import { readCommandLine } from "../command-line.ts";
import { EVENT_ARGUMENTS, EVENT_USAGE, recordReaderOf } from "../event-arguments.ts";
import { durationText, ProgressLine } from "../progress-line.ts";
import { reachSystem } from "../reach-system.ts";
import type { Streams } from "../streams.ts";
import { type PublishProgress, publishFile } from "./publish-file.ts";

const USAGE = `usage: gavel publish FILE ${EVENT_USAGE}`;
const ARGUMENTS = { allowPositionals: true, options: EVENT_ARGUMENTS } as const;

/** `gavel publish FILE`: 0 when every event is at Pub/Sub, 1 when one was refused or it was stopped. */
export async function runPublish(args: readonly string[], streams: Streams): Promise<number> {
  const { file, read } = readArgs(args);
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort());
  process.once("SIGTERM", () => stopping.abort());
  const found = file === "-" ? undefined : await stat(file).catch(() => undefined);
  const publisher = createPublisher(await reachSystem(["pubsub"]));
  const startMs = Date.now();
  const line = new ProgressLine(streams.stderr, startMs);
  let confirmed = 0;
  try {
    const progress = await publishFile(file, publisher, {
      read,
      signal: stopping.signal,
      onProgress: ({ published }, bytesRead) => {
        confirmed = published;
        const seconds = (Date.now() - startMs) / 1000;
        const state = { published, bytesRead, seconds, bytes: found?.size };
        line.show(() => progressText(state), Date.now());
      },
    });
    line.end();
    return report(file, progress, stopping.signal.aborted, streams);
  } catch (error) {
    line.end();
    streams.stderr.write(`${confirmed} events were confirmed before it failed. ${AGAIN}\n`);
    throw error;
  } finally {
    await publisher.close();
  }
}

const AGAIN = "The next run sends the file from its beginning; what arrives twice counts once.";

function report(
  file: string,
  { published, refused, refusals }: PublishProgress,
  wasStopped: boolean,
  { stdout, stderr }: Streams,
): number {
  stdout.write(`published ${published}, refused ${refused}\n`);
  for (const refusal of refusals) {
    stderr.write(`${file}:${refusal.line}: ${refusalText(refusal)}\n`);
  }
  const hidden = refused - refusals.length;
  if (hidden > 0) stderr.write(`and ${hidden} more: gavel events check ${file} shows them\n`);
  if (wasStopped) stderr.write(`stopped before the end of ${file}. ${AGAIN}\n`);
  return refused === 0 && !wasStopped ? 0 : 1;
}

/** `12000 published, 4000/s, 25 %, 9 s left`; without a file's size, no share and no end. */
export function progressText(state: {
  readonly published: number;
  readonly seconds: number;
  readonly bytesRead: number;
  /** Size of the file, undefined for standard input. */
  readonly bytes: number | undefined;
}): string {
  const { published, seconds, bytesRead, bytes } = state;
  const rate = Math.round(published / Math.max(0.001, seconds));
  const text = `${published} published, ${rate}/s`;
  if (bytes === undefined || bytesRead === 0) return text;
  const share = Math.min(1, bytesRead / bytes);
  const leftS = (seconds * (1 - share)) / share;
  return `${text}, ${Math.floor(share * 100)} %, ${durationText(leftS)} left`;
}

function readArgs(args: readonly string[]): { file: string; read: RecordReader } {
  const { values, positionals } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new UsageError(USAGE);
  return { file, read: recordReaderOf(values) };
}
