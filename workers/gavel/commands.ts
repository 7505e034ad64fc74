import { EVENT_USAGE } from "./event-arguments.ts";
import type { Command } from "./streams.ts";

interface CommandEntry {
  readonly usage: string;
  readonly does: string;
  /** Loaded when it is called, so that no command waits for another's libraries. */
  readonly load: () => Promise<Command>;
}

/** Every command by its first word. */
export const commands: ReadonlyMap<string, CommandEntry> = new Map([
  [
    "start",
    {
      usage: "start [--rate N] | start --input FILE --once [--export DIR] [--json]",
      does: "Runs the system here: emulators and workers of three regions, on live traffic or a file.",
      load: async () => (await import("./start/run-start.ts")).runStart,
    },
  ],
  [
    "events",
    {
      usage: `events check FILE... [--json] [--max-refusals N] ${EVENT_USAGE}`,
      does: "Checks event files: what is accepted, what is refused, and how to mend it.",
      load: async () => (await import("./events/run-events.ts")).runEvents,
    },
  ],
  [
    "publish",
    {
      usage: `publish FILE ${EVENT_USAGE}`,
      does: "Sends the events of a file (NDJSON, JSON, gzip) to the topic.",
      load: async () => (await import("./publish/run-publish.ts")).runPublish,
    },
  ],
  [
    "simulate",
    {
      usage:
        "simulate [--rate N] [--seconds S | --events N] [--seed N] [--regions us,eu,apac] [--start TIME] [--unpaced] [--out FILE] [--attack KIND [--strength X] [--segment S] [--labels FILE]]",
      does: "Sends made-up traffic of three exchanges to the topic or a file, with a bot attack if asked for.",
      load: async () => (await import("./simulate/run-simulate.ts")).runSimulate,
    },
  ],
]);
