import type { DuckDBValue } from "@duckdb/node-api";
import { ApiError, invalid } from "./api-error.ts";
import { resultPage } from "./jobs.ts";
import { readJsonRow } from "./json-row.ts";
import { listPage, part, type RestCall, type Route } from "./rest-call.ts";
import { pageOf } from "./rest-jobs.ts";
import type { Field } from "./schema.ts";
import { type Resource, type Table, type TableId, tableName, type Warehouse } from "./warehouse.ts";

const base = "/projects/:projectId/datasets/:datasetId/tables";

export function tableRoutes(warehouse: Warehouse): readonly Route[] {
  const change = (call: RestCall) => changeTable(warehouse, call);
  return [
    ["POST", base, (call) => createTable(warehouse, call)],
    ["GET", base, (call) => listTables(warehouse, call)],
    ["GET", `${base}/:tableId`, (call) => showTable(warehouse, warehouse.table(idOf(call)))],
    ["PATCH", `${base}/:tableId`, change],
    ["PUT", `${base}/:tableId`, change],
    ["DELETE", `${base}/:tableId`, (call) => warehouse.dropTable(idOf(call)).then(() => undefined)],
    ["POST", `${base}/:tableId/insertAll`, (call) => insertAll(warehouse, call)],
    ["GET", `${base}/:tableId/data`, (call) => listRows(warehouse, call)],
  ];
}

function idOf(call: RestCall): TableId {
  return {
    projectId: part(call, "projectId"),
    datasetId: part(call, "datasetId"),
    tableId: part(call, "tableId"),
  };
}

async function createTable(warehouse: Warehouse, call: RestCall): Promise<Resource> {
  const tableId = Reflect.get(Object(call.body["tableReference"]), "tableId");
  if (typeof tableId !== "string" || !/^[\p{L}\p{N}_ -]{1,1024}$/u.test(tableId)) {
    throw invalid(`Invalid table ID "${String(tableId)}".`);
  }
  const id = { projectId: part(call, "projectId"), datasetId: part(call, "datasetId"), tableId };
  return showTable(warehouse, await warehouse.createTable(id, call.body, call.nowMs));
}

function describe(table: Table): Resource {
  const { projectId, datasetId, tableId } = table.id;
  return {
    lastModifiedTime: String(table.createTimeMs),
    ...table.resource,
    kind: "bigquery#table",
    id: `${projectId}:${datasetId}.${tableId}`,
    tableReference: table.id,
    type: table.view === undefined ? "TABLE" : "VIEW",
    schema: { fields: table.schema },
    creationTime: String(table.createTimeMs),
    location: "US",
  };
}

async function showTable(warehouse: Warehouse, table: Table): Promise<Resource> {
  if (table.view !== undefined) return describe(table);
  const [row] = await warehouse.readTable(table, (relation) => `SELECT count(*) FROM ${relation}`);
  return { ...describe(table), numRows: String(row?.[0] ?? 0), numBytes: "0" };
}

function listTables(warehouse: Warehouse, call: RestCall): Resource {
  const [projectId, datasetId] = [part(call, "projectId"), part(call, "datasetId")];
  if (!warehouse.datasets.has(`${projectId}.${datasetId}`)) {
    throw new ApiError(404, "notFound", `Not found: Dataset ${projectId}:${datasetId}`);
  }
  const tables = [...warehouse.tables.values()]
    .filter(({ id }) => id.projectId === projectId && id.datasetId === datasetId)
    .map(describe);
  const { items, nextPageToken } = listPage(tables, call);
  return {
    kind: "bigquery#tableList",
    tables: items,
    totalItems: tables.length,
    ...nextPageToken,
  };
}

async function changeTable(warehouse: Warehouse, call: RestCall): Promise<Resource> {
  const table = warehouse.table(idOf(call));
  // REST bodies follow the discovery document; `schema.fields` is a list of fields there.
  const { schema, view } = call.body as {
    schema?: { fields?: Field[] };
    view?: { query?: string };
  };
  if (schema?.fields !== undefined && table.view === undefined)
    await warehouse.widen(table, schema.fields);
  if (view?.query !== undefined && table.view !== undefined) {
    table.schema = (await warehouse.query(view.query, table.id, undefined, true)).schema;
    table.view = view.query;
  }
  table.resource = { ...table.resource, ...call.body, lastModifiedTime: String(call.nowMs) };
  return describe(table);
}

interface InsertBody {
  readonly rows?: readonly { readonly json?: Readonly<Record<string, unknown>> }[];
  readonly skipInvalidRows?: boolean;
  readonly ignoreUnknownValues?: boolean;
}

/** Streaming insert. One bad row stops the others, unless `skipInvalidRows` says not to. */
async function insertAll(warehouse: Warehouse, call: RestCall): Promise<Resource> {
  const table = warehouse.table(idOf(call));
  const {
    rows = [],
    skipInvalidRows = false,
    ignoreUnknownValues = false,
  } = call.body as InsertBody;
  const good: DuckDBValue[][] = [];
  const errors = new Map<number, string>();
  for (const [index, { json = {} }] of rows.entries()) {
    try {
      good.push(readJsonRow(table.schema, json, ignoreUnknownValues));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      errors.set(index, error.message);
    }
  }
  if (errors.size === 0 || skipInvalidRows) table.rows.addPlain(good);
  await warehouse.relieve(table);
  return {
    kind: "bigquery#tableDataInsertAllResponse",
    ...(errors.size > 0 && { insertErrors: insertErrors(rows.length, errors, skipInvalidRows) }),
  };
}

/** One bad row stops the others of its request, which are told so, unless bad rows are to be skipped. */
function insertErrors(
  count: number,
  messages: ReadonlyMap<number, string>,
  skipInvalidRows: boolean,
): Resource[] {
  const indexes = skipInvalidRows
    ? [...messages.keys()]
    : Array.from({ length: count }, (_, i) => i);
  return indexes.map((index) => {
    const message = messages.get(index);
    const reason = message === undefined ? "stopped" : "invalid";
    return { index, errors: [{ reason, location: "", debugInfo: "", message: message ?? "" }] };
  });
}

async function listRows(warehouse: Warehouse, call: RestCall): Promise<Resource> {
  const table = warehouse.table(idOf(call));
  if (table.view !== undefined) {
    throw invalid(`Cannot list a table of type VIEW: ${tableName(table.id)}`);
  }
  const page = pageOf(call);
  const [count] = await warehouse.readTable(
    table,
    (relation) => `SELECT count(*) FROM ${relation}`,
  );
  const { startIndex, maxResults } = page;
  const rows = await warehouse.readTable(
    table,
    (relation) => `SELECT * FROM ${relation} LIMIT ${maxResults} OFFSET ${startIndex}`,
  );
  const total = Number(count?.[0] ?? 0);
  const next = startIndex + rows.length;
  const { rows: shown } = resultPage(
    { schema: table.schema, rows },
    { ...page, startIndex: 0 },
  ) as Resource;
  return {
    kind: "bigquery#tableDataList",
    totalRows: String(total),
    rows: shown,
    ...(next < total && { pageToken: String(next) }),
  };
}
