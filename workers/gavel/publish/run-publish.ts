import type { Region } from "../../../shared/core/auction/event.ts";
import { refusalText } from "../../../shared/core/auction/refusal.ts";
import { UsageError } from "../../../shared/core/errors.ts";
import { readAddresses } from "../addresses.ts";
import { readCommandLine, readRegion } from "../command-line.ts";
import type { Streams } from "../streams.ts";
import { createPublisher } from "./create-publisher.ts";
import { type PublishProgress, publishFile } from "./publish-file.ts";

const USAGE = "usage: gavel publish FILE [--region us|eu|apac]";
const ARGUMENTS = { allowPositionals: true, options: { region: { type: "string" } } } as const;

/** `gavel publish FILE`: 0 when every event is at Pub/Sub, 1 when one was refused. */
export async function runPublish(args: readonly string[], streams: Streams): Promise<number> {
  const { file, defaultRegion } = readArgs(args);
  const publisher = createPublisher(readAddresses());
  const startMs = Date.now();
  const report = (progress: PublishProgress): void => {
    const rate = Math.round((progress.published * 1000) / Math.max(1, Date.now() - startMs));
    streams.stderr.write(`${progress.published} published, ${rate}/s\n`);
  };
  const { published, refused, refusals } = await publishFile(file, publisher, {
    defaultRegion,
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

function readArgs(args: readonly string[]): { file: string; defaultRegion: Region } {
  const { values, positionals } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new UsageError(USAGE);
  return { file, defaultRegion: readRegion(values.region) };
}
