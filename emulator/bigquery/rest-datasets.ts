import { alreadyExists, invalid, notFound } from "./api-error.ts";
import { listPage, part, type RestCall, type Route } from "./rest-call.ts";
import type { Resource, Warehouse } from "./warehouse.ts";

const base = "/projects/:projectId/datasets";

export function datasetRoutes(warehouse: Warehouse): readonly Route[] {
  const get = (call: RestCall): Resource => {
    const dataset = warehouse.datasets.get(keyOf(call));
    if (dataset === undefined) {
      throw notFound("Dataset", `${part(call, "projectId")}:${part(call, "datasetId")}`);
    }
    return dataset;
  };
  const change = (call: RestCall) => {
    const dataset = { ...get(call), ...call.body, lastModifiedTime: String(call.nowMs) };
    warehouse.datasets.set(keyOf(call), dataset);
    return dataset;
  };
  return [
    ["POST", base, (call) => createDataset(warehouse, call)],
    ["GET", base, (call) => listDatasets(warehouse, call)],
    ["GET", `${base}/:datasetId`, get],
    ["PATCH", `${base}/:datasetId`, change],
    ["PUT", `${base}/:datasetId`, change],
    ["DELETE", `${base}/:datasetId`, (call) => deleteDataset(warehouse, get(call), call)],
  ];
}

function keyOf(call: RestCall): string {
  return `${part(call, "projectId")}.${part(call, "datasetId")}`;
}

function createDataset(warehouse: Warehouse, call: RestCall): Resource {
  const projectId = part(call, "projectId");
  const datasetId = Reflect.get(Object(call.body["datasetReference"]), "datasetId");
  if (typeof datasetId !== "string" || !/^\w{1,1024}$/.test(datasetId)) {
    throw invalid(`Invalid dataset ID "${String(datasetId)}".`);
  }
  const key = `${projectId}.${datasetId}`;
  if (warehouse.datasets.has(key)) throw alreadyExists("Dataset", `${projectId}:${datasetId}`);
  const time = String(call.nowMs);
  const dataset = {
    location: "US",
    ...call.body,
    kind: "bigquery#dataset",
    id: `${projectId}:${datasetId}`,
    datasetReference: { projectId, datasetId },
    creationTime: time,
    lastModifiedTime: time,
  };
  warehouse.datasets.set(key, dataset);
  return dataset;
}

function listDatasets(warehouse: Warehouse, call: RestCall): Resource {
  const projectId = part(call, "projectId");
  const all = [...warehouse.datasets]
    .filter(([key]) => key.startsWith(`${projectId}.`))
    .map(([, { kind, id, datasetReference, location }]) => ({
      kind,
      id,
      datasetReference,
      location,
    }));
  const { items, nextPageToken } = listPage(all, call);
  return { kind: "bigquery#datasetList", datasets: items, ...nextPageToken };
}

async function deleteDataset(
  warehouse: Warehouse,
  dataset: Resource,
  call: RestCall,
): Promise<undefined> {
  const key = keyOf(call);
  const tables = [...warehouse.tables.values()].filter(
    ({ id }) => `${id.projectId}.${id.datasetId}` === key,
  );
  if (tables.length > 0 && call.search.get("deleteContents") !== "true") {
    throw invalid(`Dataset ${String(dataset["id"])} is still in use`, "resourceInUse");
  }
  for (const { id } of tables) await warehouse.dropTable(id);
  warehouse.datasets.delete(key);
}
