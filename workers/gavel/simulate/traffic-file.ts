import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { stdout } from "node:process";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { messageOf, UsageError } from "../../../shared/core/errors.ts";
import { writeRecord } from "../../../shared/wire/log-form/write-record.ts";
import type { TrafficSink } from "./pace-traffic.ts";

/** Writes traffic as NDJSON, packed where the name ends in `.gz`; `-` is standard output. */
export function openTrafficFile(path: string): TrafficSink {
  const file = path === "-" ? stdout : createWriteStream(path);
  const fails = new Promise<never>((_resolve, reject) => {
    file.once("error", (cause) => {
      reject(new UsageError(`${path} cannot be written: ${messageOf(cause)}`, { cause }));
    });
  });
  fails.catch(() => undefined);
  const stream: Writable = path.endsWith(".gz") ? createGzip() : file;
  if (stream !== file) stream.pipe(file);
  return {
    send: async (events) => {
      const text = events.map((event) => `${writeRecord(event)}\n`).join("");
      if (!stream.write(text)) await Promise.race([once(stream, "drain"), fails]);
    },
    close: async () => {
      if (path === "-") return;
      stream.end();
      await Promise.race([finished(file), fails]);
    },
  };
}
