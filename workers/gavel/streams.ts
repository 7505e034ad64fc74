/** Where a command writes: results to `stdout`, everything said to the user to `stderr`. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

/** A command: takes its arguments, resolves to the exit code. Throws UsageError on bad arguments. */
export type Command = (args: readonly string[], streams: Streams) => Promise<number>;
