import type { Log, LogFields } from "./ports.ts";

/** Writes one JSON object a line to stderr, in the form that Cloud Logging reads (`severity`, `message`). */
export function createLog(worker: string): Log {
  const write = (severity: string, message: string, fields: LogFields = {}): void => {
    const time = new Date().toISOString();
    process.stderr.write(`${JSON.stringify({ severity, time, worker, message, ...fields })}\n`);
  };
  return {
    info: (event, fields) => write("INFO", event, fields),
    warn: (event, fields) => write("WARNING", event, fields),
    error: (event, fields) => write("ERROR", event, fields),
  };
}
