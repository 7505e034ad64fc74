import { Dataset, Table } from "@pulumi/gcp/bigquery/index.js";
import {
  all,
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import { archiveSubscription, dataset } from "../../shared/names.ts";
import type { TableSpec, ViewSpec } from "../../shared/schema/table-spec.ts";
import { views } from "../../shared/schema/views.ts";
import { CDC_MAX_STALENESS, tables } from "../../shared/schema/warehouse.ts";
import { type PolicyTagName, taggedColumns } from "../access/column-access.ts";
import { keyOf } from "../access/grant.ts";
import type { StackConfig } from "../config.ts";

export interface WarehouseArgs extends Pick<StackConfig, "project" | "deletionProtection"> {
  /** Policy tags that columns carry; the emulators have none. */
  readonly policyTags?: Readonly<Record<PolicyTagName, Input<string>>>;
  readonly kmsKeyName?: Input<string>;
  readonly after?: readonly Resource[];
}

/** The BigQuery dataset and its tables and views, from the one declaration in shared/schema. */
export class Warehouse extends ComponentResource {
  /** `project.dataset.table` of the raw archive, known once the table exists. */
  readonly archiveTable: Output<string>;
  /** The dataset, its tables and its views by `keyOf`. */
  readonly resources: ReadonlyMap<string, Resource>;

  constructor(name: string, args: WarehouseArgs, options: ComponentResourceOptions = {}) {
    super("rtb:warehouse:Warehouse", name, {}, options);
    const kept = { parent: this, protect: args.deletionProtection };
    const { kmsKeyName, after = [] } = args;
    const home = new Dataset(
      dataset.name,
      {
        datasetId: dataset.name,
        location: dataset.location,
        description: "Gavel",
        ...(kmsKeyName === undefined ? {} : { defaultEncryptionConfiguration: { kmsKeyName } }),
      },
      { ...kept, dependsOn: [...after] },
    );
    const declared = new Map(
      tables.map((spec) => {
        const table = new Table(spec.name, tableArgs(spec, home.datasetId, args), kept);
        return [spec.name, table];
      }),
    );
    const dependsOn = [...declared.values()];
    const viewed = views.map((spec) => {
      const inputs = viewArgs(spec, home.datasetId, args);
      return [spec.name, new Table(spec.name, inputs, { parent: this, dependsOn })] as const;
    });
    this.resources = new Map<string, Resource>([
      [keyOf({ kind: "dataset", name: dataset.name }), home],
      ...[...declared, ...viewed].map(
        ([each, table]) => [keyOf({ kind: "table", name: each }), table] as const,
      ),
    ]);
    const archive = declared.get(archiveSubscription.table)?.tableId ?? "";
    this.archiveTable = interpolate`${args.project}.${home.datasetId}.${archive}`;
    this.registerOutputs();
  }
}

function tableArgs(
  spec: TableSpec,
  datasetId: Output<string>,
  args: Pick<WarehouseArgs, "deletionProtection" | "policyTags">,
) {
  return {
    tableId: spec.name,
    datasetId,
    description: spec.description,
    schema: schemaOf(spec, args.policyTags),
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

/** A table's schema as BigQuery's JSON, its protected columns tagged where there are tags. */
function schemaOf(spec: TableSpec, policyTags: WarehouseArgs["policyTags"]): Input<string> {
  const tagOf = taggedColumns[spec.name] ?? {};
  const fields = spec.columns.map(({ name, type, mode, description }) => ({
    name,
    type,
    mode: mode ?? "NULLABLE",
    description,
  }));
  if (policyTags === undefined) return JSON.stringify(fields);
  return all(policyTags).apply((tags) =>
    JSON.stringify(
      fields.map((field) => {
        const tag = tagOf[field.name];
        return tag === undefined ? field : { ...field, policyTags: { names: [tags[tag]] } };
      }),
    ),
  );
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
