import type { Streams } from "../../workers/gavel/streams.ts";

/** Keeps what a command writes, as text. */
class TextSink {
  text = "";

  write(part: string): boolean {
    this.text += part;
    return true;
  }
}

/** Streams for a command under test. */
export function textStreams() {
  return { stdout: new TextSink(), stderr: new TextSink() } satisfies Streams;
}
