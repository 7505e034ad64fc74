/** What each variable of the emulators leads to. */
const SERVICES: Readonly<Record<string, string>> = {
  PUBSUB_EMULATOR_HOST: "Pub/Sub, global endpoint",
  GAVEL_PUBSUB_US: "Pub/Sub, region us",
  GAVEL_PUBSUB_EU: "Pub/Sub, region eu",
  GAVEL_PUBSUB_APAC: "Pub/Sub, region apac",
  SPANNER_EMULATOR_HOST: "Spanner",
  BIGQUERY_EMULATOR_HOST: "BigQuery, REST as its client wants it",
  BIGQUERY_EMULATOR_REST: "BigQuery, REST root",
  BIGQUERY_STORAGE_EMULATOR_HOST: "BigQuery, Storage Write",
  GAVEL_CONTROL: "faults, regions, backlog",
};

/** Service, address and variable to export, one line each. */
export function serviceTable(environment: Readonly<Record<string, string>>): string {
  const rows = Object.entries(environment).map(([variable, address]) => [
    SERVICES[variable] ?? "",
    address,
    variable,
  ]);
  const all = [["service", "address", "variable to export"], ...rows];
  const widths = [0, 1].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .join("\n");
}
