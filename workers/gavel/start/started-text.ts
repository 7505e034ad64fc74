import type { LocalSystem } from "./local-system.ts";

const services: Readonly<Record<string, string>> = {
  PUBSUB_EMULATOR_HOST: "Pub/Sub",
  GAVEL_PUBSUB_US: "Pub/Sub in us",
  GAVEL_PUBSUB_EU: "Pub/Sub in eu",
  GAVEL_PUBSUB_APAC: "Pub/Sub in apac",
  SPANNER_EMULATOR_HOST: "Spanner",
  BIGQUERY_EMULATOR_HOST: "BigQuery",
  BIGQUERY_EMULATOR_REST: "BigQuery, root",
  BIGQUERY_STORAGE_EMULATOR_HOST: "Storage Write",
  GAVEL_CONTROL: "faults, backlog",
};

/** What a system that has started says: where the console is, every port, what to do next. */
export function startedText({ environment, consoleUrl, portNotes }: LocalSystem): string {
  const rows = Object.entries(environment).map(([name, address]): [string, string, string] => [
    services[name] ?? "",
    address,
    name,
  ]);
  const widths = [0, 1].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const table = rows.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [
    ...portNotes,
    `Console: ${consoleUrl ?? "none"}`,
    "",
    ...table,
    "",
    "Next: npx gavel query 'SELECT region, SUM(bid_count) AS bids FROM auction_windows WHERE window_size_s = 60 GROUP BY region'",
    "      npx gavel publish FILE     sends a file of events",
    "      npx gavel dead-letters list",
    "Other programs: `source .gavel/env`. Ctrl-C drains and ends.",
    "",
  ].join("\n");
}
