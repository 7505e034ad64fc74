import type { BigQuery } from "@google-cloud/bigquery";
import type { Database } from "@google-cloud/spanner";
import { messageOf, RetryableError } from "../../../shared/core/errors.ts";
import type { FinanceWriters } from "../../../shared/io/finance-upserts.ts";
import { createBigQuery, createSpanner } from "../../../shared/io/google-clients.ts";
import { LedgerReader } from "../../../shared/io/ledger-reader.ts";
import { TableWriter } from "../../../shared/io/table-writer.ts";
import { createWriterClient } from "../../../shared/io/writer-client.ts";
import { databases, dataset } from "../../../shared/names.ts";
import { tableOf } from "../../../shared/schema/warehouse.ts";
import { reachSystem, type Service } from "../reach-system.ts";

/** Where finance's commands read and write. */
export interface Finance {
  readonly database: Database;
  readonly bigquery: BigQuery;
  /** Opens the copies in BigQuery for writing. */
  readonly openWriters: () => Promise<FinanceWriters>;
}

/**
 * Runs a command's work on the ledger and the warehouse that the variables name, and lets go of them.
 * `services` are those that the work needs.
 */
export async function withFinance<Result>(
  work: (finance: Finance) => Promise<Result>,
  services: readonly Service[] = ["spanner", "bigqueryRest"],
): Promise<Result> {
  const found = await reachSystem(services);
  const { project, spanner: address, bigqueryRest, storageWrite } = found;
  const spanner = createSpanner(project, address);
  const { instance, name } = databases.ledger;
  const database = spanner.instance(instance).database(name);
  const bigquery = createBigQuery(project, bigqueryRest);
  const opened: TableWriter[] = [];
  const open = async (table: string): Promise<TableWriter> => {
    const client = createWriterClient(project, storageWrite);
    const path = `projects/${project}/datasets/${dataset.name}`;
    const writer = await TableWriter.open(client, path, tableOf(table));
    opened.push(writer);
    return writer;
  };
  const openWriters = async (): Promise<FinanceWriters> => {
    await reachSystem(["storageWrite"], found);
    return { settlements: await open("settlements"), ledger: await open("ledger") };
  };
  try {
    return await work({ database, bigquery, openWriters });
  } catch (error) {
    throw error instanceof RetryableError ? outOfReach(error, address) : error;
  } finally {
    for (const writer of opened) writer.close();
    await database.close();
    await Promise.resolve(spanner.close());
  }
}

/** Runs work on the ledger as it stands. */
export function withLedger<Result>(
  work: (reader: LedgerReader) => Promise<Result>,
): Promise<Result> {
  return withFinance(async ({ database }) => await LedgerReader.with(database, work), ["spanner"]);
}

const SHOWN_LENGTH_MAX = 160;

/** The client's own sentence goes on for pages. */
function outOfReach(error: RetryableError, address: string | undefined): Error {
  const place = address === undefined ? "" : ` at ${address}`;
  const reason = messageOf(error).slice(0, SHOWN_LENGTH_MAX);
  return new Error(
    `the ledger${place} is out of reach (${reason}…): is the system running, and do the variables name it?`,
    { cause: error },
  );
}
