import { refusalText } from "../../../shared/core/auction/refusal.ts";
import { UsageError } from "../../../shared/core/errors.ts";
import type { RecordReader } from "../../../shared/io/event-file.ts";
import { readAddresses } from "../addresses.ts";
import { readCommandLine } from "../command-line.ts";
import { EVENT_ARGUMENTS, EVENT_USAGE, recordReaderOf } from "../event-arguments.ts";
import type { Streams } from "../streams.ts";
import { createPublisher } from "./create-publisher.ts";
import { type PublishProgress, publishFile } from "./publish-file.ts";

const USAGE = `usage: gavel publish FILE ${EVENT_USAGE}`;
const ARGUMENTS = { allowPositionals: true, options: EVENT_ARGUMENTS } as const;

/** `gavel publish FILE`: 0 when every event is at Pub/Sub, 1 when one was refused. */
export async function runPublish(args: readonly string[], streams: Streams): Promise<number> {
  const { file, read } = readArgs(args);
  const publisher = createPublisher(readAddresses());
  const startMs = Date.now();
  const report = (progress: PublishProgress): void => {
    const rate = Math.round((progress.published * 1000) / Math.max(1, Date.now() - startMs));
    streams.stderr.write(`${progress.published} published, ${rate}/s\n`);
  };
  const { published, refused, refusals } = await publishFile(file, publisher, {
    read,
    onProgress: report,
  });
  await publisher.close();
  streams.stdout.write(`published ${published}, refused ${refused}\n`);
  for (const refusal of refusals) {
    streams.stderr.write(`${file}:${refusal.line}: ${refusalText(refusal)}
`);
  }
  return refused === 0 ? 0 : 1;
}

function readArgs(args: readonly string[]): { file: string; read: RecordReader } {
  const { values, positionals } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new UsageError(USAGE);
  return { file, read: recordReaderOf(values) };
}
