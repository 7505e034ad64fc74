import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { AuctionEvent } from "../core/auction/event.ts";
import type { Refusal } from "../core/auction/refusal.ts";
import { messageOf, UsageError } from "../core/errors.ts";
import { tooLarge } from "../wire/log-form/read-record.ts";
import { RecordSplitter } from "../wire/log-form/split-records.ts";

/** One record of a file, read or refused, and the line it starts on. */
export interface FileRecord {
  readonly line: number;
  readonly event: AuctionEvent | Refusal;
}

const GZIP_MAGIC = [0x1f, 0x8b];

/** Reads one record; a refusal where it is no event. */
export type RecordReader = (bytes: Uint8Array) => AuctionEvent | Refusal;

/**
 * Reads the events of a file in order, in constant memory: one a line or one JSON array, plain or gzip (told
 * by its first bytes, not by its name); `-` is standard input. Throws UsageError where the file cannot
 * be read, in one sentence. `onRead` is told the length of each part as it stands in the file.
 */
export async function* readEventFile(
  path: string,
  read: RecordReader,
  onRead: (bytes: number) => void = () => undefined,
): AsyncGenerator<FileRecord> {
  const splitter = new RecordSplitter();
  for await (const chunk of bytesOf(path, onRead)) yield* recordsOf(splitter.push(chunk), read);
  yield* recordsOf(splitter.end(), read);
}

function* recordsOf(
  split: ReturnType<RecordSplitter["push"]>,
  read: RecordReader,
): Generator<FileRecord> {
  for (const { line, bytes } of split) {
    yield { line, event: bytes === undefined ? tooLarge() : read(bytes) };
  }
}

async function* bytesOf(path: string, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  try {
    if (path !== "-" && (await stat(path)).isDirectory()) {
      throw new UsageError(`${path} is a directory: name a file of events.`);
    }
    const source = path === "-" ? process.stdin : createReadStream(path);
    yield* inflated(counted(source, onRead));
  } catch (error) {
    throw error instanceof UsageError
      ? error
      : new UsageError(faultOf(path, error), { cause: error });
  }
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  onRead: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    onRead(chunk.length);
    yield chunk;
  }
}

/** The stream's bytes, unpacked where they start as gzip does. */
async function* inflated(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const rest = async function* (): AsyncGenerator<Uint8Array> {
    yield first.value;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      yield next.value;
    }
  };
  if (GZIP_MAGIC.every((byte, index) => first.value[index] === byte)) {
    yield* Readable.from(rest()).pipe(createGunzip());
  } else yield* rest();
}

function faultOf(path: string, error: unknown): string {
  const hasCode = typeof error === "object" && error !== null && "code" in error;
  const code = hasCode ? String(error.code) : "";
  if (code === "ENOENT") return `${path} does not exist.`;
  if (code === "EACCES") return `${path} may not be read: check its permissions.`;
  if (code.startsWith("Z_")) return `${path} is a damaged gzip file (${code}): pack it again.`;
  return `${path} cannot be read: ${messageOf(error)}`;
}
