import { countTables } from "./count-tables.ts";
import { detectorTables } from "./detector-tables.ts";
import { financeTables } from "./finance-tables.ts";
import type { TableSpec } from "./table-spec.ts";

/** How old a query of a CDC table may be: INTERVAL text of BigQuery. */
export const CDC_MAX_STALENESS = "0-0 0 0:0:10";

/** Every BigQuery table. */
export const tables: readonly TableSpec[] = [...countTables, ...financeTables, ...detectorTables];

/** The table of that name. Throws RangeError where there is none. */
export function tableOf(name: string): TableSpec {
  const table = tables.find((each) => each.name === name);
  if (table === undefined) throw new RangeError(`there is no table ${name}`);
  return table;
}
