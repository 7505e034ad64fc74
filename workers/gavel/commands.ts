import { EVENT_USAGE } from "./event-arguments.ts";
import { FLAGS_USAGE } from "./flags/flags-usage.ts";
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
    "compile-ahead",
    {
      usage: "compile-ahead",
      does: "Has Node compile what a start loads, so that the first is as quick as the next; npm runs it when it installs.",
      load: async () => (await import("./compile-ahead/run-compile-ahead.ts")).runCompileAhead,
    },
  ],
  [
    "emulators",
    {
      usage: "emulators [--env FILE]",
      does: "Runs the emulators of Pub/Sub, Spanner and BigQuery alone, and writes a file of variables to source.",
      load: async () => (await import("./emulators/run-emulators.ts")).runEmulators,
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
        "simulate [--rate N] [--seconds S | --events N] [--seed N] [--regions us,eu,apac] [--start TIME] [--unpaced] [--out FILE] [--attack KIND [--strength X] [--segment S] [--attack-only] [--labels FILE]] | simulate --slices [--seed N] [--segments N] [--days N] [--attack KIND] [--strength X] [--out FILE] [--labels FILE]",
      does: "Sends made-up traffic of three exchanges to the topic or a file, with a bot attack if asked for; or writes slice statistics of made-up segments.",
      load: async () => (await import("./simulate/run-simulate.ts")).runSimulate,
    },
  ],
  [
    "query",
    {
      usage: "query 'SELECT …' [--spanner counts-us|counts-eu|counts-apac|ledger] [--json | --csv]",
      does: "Asks BigQuery, or a Spanner database.",
      load: async () => (await import("./query/run-query.ts")).runQuery,
    },
  ],
  [
    "counts",
    {
      usage: "counts --auction ID [--window SECONDS] [--json | --csv]",
      does: "Shows the windows of an auction.",
      load: async () => (await import("./counts/run-counts.ts")).runCounts,
    },
  ],
  [
    "why-open",
    {
      usage: "why-open REGION START [--window SECONDS] [--json]",
      does: "Says what holds a window open, e.g. `why-open us 2026-01-01T00:00:00Z`.",
      load: async () => (await import("./why-open/run-why-open.ts")).runWhyOpen,
    },
  ],
  [
    "dead-letters",
    {
      usage: "dead-letters list | show ID | replay ID | replay --all  [--reason R]",
      does: "Shows what could not be counted, and publishes it again once its cause is mended.",
      load: async () => (await import("./dead-letters/run-dead-letters.ts")).runDeadLetters,
    },
  ],
  [
    "audit",
    {
      usage: "audit [--json]",
      does: "Checks every invariant of the ledger: entries, balances, settlements, payments.",
      load: async () => (await import("./finance/run-audit.ts")).runAudit,
    },
  ],
  [
    "report",
    {
      usage:
        "report daily|aging|trial-balance|discrepancies [--from DAY] [--to DAY] [--currency CODE] [--csv|--json|--parquet] [--out FILE]",
      does: "Finance's reports off the ledger, with totals and SHA-256.",
      load: async () => (await import("./finance/run-report.ts")).runReport,
    },
  ],
  [
    "explain",
    {
      usage: "explain BID_ID [--json]",
      does: "Every event, entry and decision of one bid, in order, with regions and delays.",
      load: async () => (await import("./finance/run-explain.ts")).runExplain,
    },
  ],
  [
    "reconcile",
    {
      usage: "reconcile [--grace SECONDS] [--dispute] [--json]",
      does: "Compares the raw archive, the ledger and BigQuery, and lists every difference.",
      load: async () => (await import("./finance/run-reconcile.ts")).runReconcile,
    },
  ],
  [
    "dispute",
    {
      usage:
        "dispute list [--seat SEAT] | dispute resolve BID_ID (--accept CLAIM... | --write-off) [--reject CLAIM...] --by NAME --reason TEXT",
      does: "The bids that wait for a person, and that person's decision.",
      load: async () => (await import("./finance/run-dispute.ts")).runDispute,
    },
  ],
  [
    "period",
    {
      usage: "period close CURRENCY YYYY-MM --by NAME --reason TEXT",
      does: "Ends a month of a currency: what comes late is posted in the next one.",
      load: async () => (await import("./finance/run-period.ts")).runPeriod,
    },
  ],
  [
    "chaos",
    {
      usage:
        "chaos [add SERVICE KIND ... | clear [SERVICE] | cut REGION | heal REGION | run SCRIPT]",
      does: "Makes the local emulators fail on purpose, and shows what failed.",
      load: async () => (await import("./chaos/run-chaos.ts")).runChaos,
    },
  ],
  [
    "detect",
    {
      usage:
        "detect FILE.csv [--kind count|value|auto] [--plot FILE.svg] | detect --slices FILE | detect --events FILE",
      does: "Finds what is unusual in a timestamp,value series, in slice statistics, or in an event log.",
      load: async () => (await import("./detect/run-detect.ts")).runDetect,
    },
  ],
  [
    "flags",
    {
      usage: FLAGS_USAGE,
      does: "Suspicious spans of segments: lists them, shows one, takes a reviewer's decision.",
      load: async () => (await import("./flags/run-flags.ts")).runFlags,
    },
  ],
]);
