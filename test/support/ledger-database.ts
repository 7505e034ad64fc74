import "./google-env.ts";
import type { Database } from "@google-cloud/spanner";
import { createSpanner } from "../../shared/io/google-clients.ts";
import { databases, localProject } from "../../shared/names.ts";
import { ddlOf } from "../../shared/schema/read-migrations.ts";

const { ledger } = databases;
/** The full name of the `ledger` database, as faults name it. */
export const ledgerPath = `projects/${localProject}/instances/${ledger.instance}/databases/${ledger.name}`;

/** A client's view of the `ledger` database, and how to let go of it. */
export interface OpenLedger {
  readonly database: Database;
  readonly close: () => Promise<void>;
}

/** Opens the `ledger` database of an emulator at `address`, `host:port`. */
export function openLedger(address: string): OpenLedger {
  const spanner = createSpanner(localProject, address);
  const database = spanner.instance(ledger.instance).database(ledger.name);
  return {
    database,
    close: async () => {
      await database.close();
      await Promise.resolve(spanner.close());
    },
  };
}

/** Creates an empty `ledger` database there. */
export async function createLedger(address: string): Promise<void> {
  const spanner = createSpanner(localProject, address);
  const settings = { config: "emulator-config", nodes: 1, displayName: ledger.instance };
  const [instance, creation] = await spanner.createInstance(ledger.instance, settings);
  await creation.promise();
  const schema = [...ddlOf("ledger")];
  const [database, databaseCreation] = await instance.createDatabase(ledger.name, { schema });
  await databaseCreation.promise();
  await database.close();
  await Promise.resolve(spanner.close());
}
