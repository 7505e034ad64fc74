import { Dataset, Table } from "@pulumi/gcp/bigquery/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  interpolate,
  type Output,
} from "@pulumi/pulumi";
import { archiveSubscription, dataset } from "../../shared/names.ts";
import type { TableSpec, ViewSpec } from "../../shared/schema/table-spec.ts";
import { views } from "../../shared/schema/views.ts";
import { CDC_MAX_STALENESS, tables } from "../../shared/schema/warehouse.ts";
import type { StackConfig } from "../config.ts";

/** The BigQuery dataset and its tables and views, from the one declaration in shared/schema. */
export class Warehouse extends ComponentResource {
  /** `project.dataset.table` of the raw archive, known once the table exists. */
  readonly archiveTable: Output<string>;

  constructor(
    name: string,
    args: Pick<StackConfig, "project" | "deletionProtection">,
    options: ComponentResourceOptions = {},
  ) {
    super("rtb:warehouse:Warehouse", name, {}, options);
    const parent = { parent: this };
    const home = new Dataset(
      dataset.name,
      { datasetId: dataset.name, location: dataset.location, description: "Gavel" },
      parent,
    );
    const declared = new Map(
      tables.map((spec) => {
        const table = new Table(spec.name, tableArgs(spec, home.datasetId, args), parent);
        return [spec.name, table];
      }),
    );
    const dependsOn = [...declared.values()];
    for (const spec of views) {
      new Table(spec.name, viewArgs(spec, home.datasetId, args), { ...parent, dependsOn });
    }
    const archive = declared.get(archiveSubscription.table)?.tableId ?? "";
    this.archiveTable = interpolate`${args.project}.${home.datasetId}.${archive}`;
    this.registerOutputs();
  }
}

function tableArgs(
  spec: TableSpec,
  datasetId: Output<string>,
  args: Pick<StackConfig, "deletionProtection">,
) {
  const schema = spec.columns.map(({ name, type, mode, description }) => ({
    name,
    type,
    mode: mode ?? "NULLABLE",
    description,
  }));
  return {
    tableId: spec.name,
    datasetId,
    description: spec.description,
    schema: JSON.stringify(schema),
    deletionProtection: args.deletionProtection,
    ...(spec.primaryKey === undefined
      ? {}
      : { tableConstraints: { primaryKey: { columns: [...spec.primaryKey] } } }),
    ...(spec.partitionBy === undefined
      ? {}
      : { timePartitioning: { type: "DAY", field: spec.partitionBy } }),
    ...(spec.clusterBy === undefined ? {} : { clusterings: [...spec.clusterBy] }),
    ...(spec.cdc === true ? { maxStaleness: CDC_MAX_STALENESS } : {}),
  };
}

function viewArgs(
  spec: ViewSpec,
  datasetId: Output<string>,
  { project, deletionProtection }: Pick<StackConfig, "project" | "deletionProtection">,
) {
  const query = datasetId.apply((home) =>
    spec.queryOf((table) => `\`${project}.${home}.${table}\``),
  );
  return {
    tableId: spec.name,
    datasetId,
    description: spec.description,
    deletionProtection,
    view: { query, useLegacySql: false },
  };
}
