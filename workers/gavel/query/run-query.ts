import { UsageError } from "../../../shared/core/errors.ts";
import { createBigQuery, createSpanner } from "../../../shared/io/google-clients.ts";
import { databases, dataset, regions } from "../../../shared/names.ts";
import type { Addresses } from "../addresses.ts";
import { readCommandLine } from "../command-line.ts";
import { reachSystem } from "../reach-system.ts";
import type { Streams } from "../streams.ts";
import { type PlainRow, plainRow } from "./plain-value.ts";
import { queryFault } from "./query-fault.ts";
import { type RowFormat, writeRows } from "./write-rows.ts";

const spannerDatabases: readonly string[] = [
  ...regions.map((region) => `${databases.counts.name}-${region}`),
  databases.ledger.name,
];
const USAGE = `usage: gavel query 'SELECT …' [--spanner ${spannerDatabases.join("|")}] [--json | --csv]`;
const ARGUMENTS = {
  allowPositionals: true,
  options: { spanner: { type: "string" }, json: { type: "boolean" }, csv: { type: "boolean" } },
} as const;

/** `gavel query`: asks BigQuery, whose dataset need not be named, or a Spanner database; read only. */
export async function runQuery(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { values, positionals } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  const [query, ...rest] = positionals;
  if (query === undefined || rest.length > 0) throw new UsageError(USAGE);
  const format = readFormat(values);
  const { spanner } = values;
  if (spanner !== undefined && !spannerDatabases.includes(spanner)) {
    throw new UsageError(`--spanner "${spanner}": give ${spannerDatabases.join(", ")}`);
  }
  const addresses = await reachSystem([spanner === undefined ? "bigqueryRest" : "spanner"]);
  try {
    const rows =
      spanner === undefined
        ? await askBigQuery(addresses, query)
        : await askSpanner(addresses, spanner, query);
    const columns = Object.keys(rows[0] ?? {});
    const isTable = format === "table";
    if (rows.length > 0 || !isTable) stdout.write(writeRows(rows, columns, format));
    if (isTable) stdout.write(`${rows.length} ${rows.length === 1 ? "row" : "rows"}\n`);
  } catch (error) {
    throw queryFault(error, query) ?? error;
  }
  return 0;
}

/** The format that the flags name, table where none does. */
export function readFormat(flags: { json?: boolean; csv?: boolean }): RowFormat {
  if (flags.json === true && flags.csv === true) throw new UsageError("give --json or --csv");
  if (flags.json === true) return "json";
  return flags.csv === true ? "csv" : "table";
}

async function askBigQuery(addresses: Addresses, query: string): Promise<readonly PlainRow[]> {
  const bigquery = createBigQuery(addresses.project, addresses.bigqueryRest);
  const defaultDataset = { datasetId: dataset.name, projectId: addresses.project };
  const [rows] = await bigquery.query({ query, defaultDataset });
  return rows.map(plainRow);
}

async function askSpanner(
  { project, spanner }: Addresses,
  name: string,
  query: string,
): Promise<readonly PlainRow[]> {
  const client = createSpanner(project, spanner);
  const region = regions.find((each) => name.endsWith(`-${each}`));
  const [instance, database] =
    region === undefined
      ? [databases.ledger.instance, databases.ledger.name]
      : [databases.counts.instanceOf(region), databases.counts.name];
  try {
    const [rows] = await client.instance(instance).database(database).run({ sql: query });
    // Rows come as lists of named values: a name may repeat, and then the last one is shown.
    return rows.map((row) => {
      const named = row as { name: string; value: unknown }[];
      return plainRow(Object.fromEntries(named.map(({ name, value }) => [name, value])));
    });
  } finally {
    await client.close();
  }
}
