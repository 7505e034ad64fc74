import { REGIONS } from "../../shared/core/auction/event.ts";
import { UsageError } from "../../shared/core/errors.ts";
import type { RecordReader } from "../../shared/io/event-file.ts";
import { readRecord } from "../../shared/wire/log-form/read-record.ts";
import { NOTICE_TYPES, readNoticeRecord } from "../../shared/wire/openrtb-notice.ts";
import { readOneOf } from "./command-line.ts";

/** The arguments by which a command is told what form a file of events has, for `parseArgs`. */
export const EVENT_ARGUMENTS = {
  region: { type: "string" },
  notice: { type: "string" },
  source: { type: "string" },
} as const;

/** How a usage line shows {@link EVENT_ARGUMENTS}. */
export const EVENT_USAGE = "[--region us|eu|apac] [--notice win|billing|loss --source NAME]";

interface EventArguments {
  readonly region?: string | undefined;
  readonly notice?: string | undefined;
  readonly source?: string | undefined;
}

/**
 * How to read the records of a file: the JSON log form, or with `--notice` OpenRTB notices of one type
 * (query strings, URLs or JSON), `--source` naming the exchange that sent them. An event that names no
 * region is of `--region`, us where that is not given.
 */
export function recordReaderOf(
  { region = "us", notice, source }: EventArguments,
  onUnknownField: (name: string) => void = () => undefined,
): RecordReader {
  const defaultRegion = readOneOf("--region", region, REGIONS);
  if (notice === undefined) {
    if (source !== undefined) throw new UsageError("--source goes with --notice");
    return (bytes) => readRecord(bytes, { defaultRegion, onUnknownField });
  }
  const type = readOneOf("--notice", notice, NOTICE_TYPES);
  if (source === undefined || source === "") {
    throw new UsageError("--notice needs --source: the exchange that sent the notices");
  }
  const options = { source, defaultRegion, receivedTimeUs: undefined };
  return (bytes) => readNoticeRecord(type, bytes, options);
}
