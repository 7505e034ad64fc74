import { randomUUID } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { quoteName } from "../sql/quoting.ts";
import { ApiError, invalid } from "./api-error.ts";
import { type CsvOptions, readCsvRows, readJsonRows, unreadable } from "./load-rows.ts";
import { duckdbType, type Field } from "./schema.ts";
import { withTemporaryFile } from "./temporary-file.ts";
import {
  type Resource,
  type Table,
  type TableId,
  tableKey,
  tableName,
  type Warehouse,
} from "./warehouse.ts";

/** `configuration.load` of a job. */
export interface LoadConfiguration extends Disposition, CsvOptions {
  readonly destinationTable?: TableId;
  readonly schema?: { readonly fields?: readonly Field[] };
  readonly sourceUris?: readonly string[];
  readonly sourceFormat?: string;
  readonly autodetect?: boolean;
  readonly maxBadRecords?: number;
  readonly ignoreUnknownValues?: boolean;
}

/** What a job that writes a table may do to it. */
export interface Disposition {
  readonly createDisposition?: string;
  readonly writeDisposition?: string;
}

/** Loads a file into its table, all of it or nothing; gives the job's statistics. */
export async function runLoad(
  warehouse: Warehouse,
  load: LoadConfiguration,
  upload: Buffer,
  nowMs: number,
): Promise<Resource> {
  const id = load.destinationTable;
  if (id === undefined) throw invalid("Required parameter is missing: destinationTable");
  const data = upload[0] === 0x1f && upload[1] === 0x8b ? gunzipSync(upload) : upload;
  const outcome =
    load.sourceFormat === "PARQUET"
      ? await loadParquet(warehouse, { id, load, data, nowMs })
      : await loadTexts(warehouse, { id, load, data, nowMs });
  return {
    load: {
      inputFiles: "1",
      inputFileBytes: String(upload.length),
      outputBytes: String(data.length),
      outputRows: String(outcome.rows),
      badRecords: String(outcome.badRecords),
    },
  };
}

interface LoadTask {
  readonly id: TableId;
  readonly load: LoadConfiguration;
  readonly data: Buffer;
  readonly nowMs: number;
}

interface LoadOutcome {
  readonly rows: number;
  readonly badRecords: number;
}

async function loadTexts(
  warehouse: Warehouse,
  { id, load, data, nowMs }: LoadTask,
): Promise<LoadOutcome> {
  const format = load.sourceFormat ?? "CSV";
  if (format !== "CSV" && format !== "NEWLINE_DELIMITED_JSON") {
    throw invalid(
      `The emulator does not load ${format}; it loads CSV, NEWLINE_DELIMITED_JSON and PARQUET`,
    );
  }
  if (load.autodetect === true) {
    throw invalid(
      "The emulator does not detect the schema of CSV and JSON; give the load a schema",
    );
  }
  const fields = load.schema?.fields ?? warehouse.tables.get(tableKey(id))?.schema;
  if (fields === undefined) throw invalid(`No schema specified on job or table ${tableName(id)}.`);
  const read =
    format === "CSV"
      ? await readCsvRows(warehouse, fields, data, load)
      : readJsonRows(fields, data, load.ignoreUnknownValues === true);
  if (read.errors.length > (load.maxBadRecords ?? 0)) {
    const [first] = read.errors;
    throw invalid(
      `Error while reading data, error message: ${format === "CSV" ? "CSV" : "JSON"} table encountered too many errors, giving up. Rows: ${first?.row}; errors: ${read.errors.length}. Row ${first?.row}: ${first?.message}`,
    );
  }
  const table = await targetTable(warehouse, { id, fields, nowMs, disposition: load });
  table.rows.addPlain(read.rows);
  await warehouse.flush(table);
  return { rows: read.rows.length, badRecords: read.errors.length };
}

/**
 * A Parquet file brings its own schema; its columns are matched by name. It is read into a table aside
 * first, so that one that does not fit changes nothing.
 */
function loadParquet(
  warehouse: Warehouse,
  { id, load, data, nowMs }: LoadTask,
): Promise<LoadOutcome> {
  return withTemporaryFile(data, async (file) => {
    const source = `SELECT * FROM read_parquet(${file})`;
    const known = load.schema?.fields ?? warehouse.tables.get(tableKey(id))?.schema;
    const fields = known ?? (await warehouse.fieldsOf(source));
    const aside = quoteName(`loading ${randomUUID()}`);
    const columns = fields.map((field) => `${quoteName(field.name)} ${duckdbType(field)}`);
    await warehouse.run(`CREATE TEMP TABLE ${aside} (${columns.join(", ")})`);
    try {
      await warehouse
        .run(`INSERT INTO ${aside} BY NAME ${source}`)
        .catch((error: unknown) => Promise.reject(unreadable(error)));
      const table = await targetTable(warehouse, { id, fields, nowMs, disposition: load });
      await warehouse.run(`INSERT INTO ${table.relation} BY NAME SELECT * FROM ${aside}`);
      const [count] = await warehouse.read(`SELECT count(*) FROM ${aside}`);
      return { rows: Number(count?.[0] ?? 0), badRecords: 0 };
    } finally {
      await warehouse.run(`DROP TABLE ${aside}`);
    }
  });
}

interface Target {
  readonly id: TableId;
  readonly fields: readonly Field[];
  readonly nowMs: number;
  readonly disposition: Disposition;
}

/** The table that a job writes: created, emptied or refused as its dispositions say. */
export async function targetTable(
  warehouse: Warehouse,
  { id, fields, nowMs, disposition }: Target,
): Promise<Table> {
  const { createDisposition, writeDisposition = "WRITE_APPEND" } = disposition;
  const existing = warehouse.tables.get(tableKey(id));
  if (existing === undefined) {
    if (createDisposition === "CREATE_NEVER") {
      throw new ApiError(404, "notFound", `Not found: Table ${tableName(id)}`);
    }
    return await warehouse.createTable(id, { schema: { fields } }, nowMs);
  }
  if (existing.view !== undefined) throw invalid(`${tableName(id)} is not a table`);
  if (writeDisposition === "WRITE_APPEND") return existing;
  if (existing.rows.hasChanges) {
    throw invalid(
      `${writeDisposition} on ${tableName(id)} is not supported: it receives change data capture writes`,
    );
  }
  if (writeDisposition === "WRITE_TRUNCATE") {
    await warehouse.flush(existing);
    await warehouse.run(`DELETE FROM ${existing.relation}`);
    return existing;
  }
  const [found] = await warehouse.readTable(
    existing,
    (relation) => `SELECT 1 FROM ${relation} LIMIT 1`,
  );
  if (found === undefined) return existing;
  throw new ApiError(409, "duplicate", `Already Exists: Table ${tableName(id)}`);
}
