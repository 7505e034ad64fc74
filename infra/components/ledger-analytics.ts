import { Connection, RowAccessPolicy } from "@pulumi/gcp/bigquery/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Resource,
} from "@pulumi/pulumi";
import { databases, dataset } from "../../shared/names.ts";
import { rowPolicies } from "../access/column-access.ts";
import { keyOf } from "../access/grant.ts";
import type { CloudConfig } from "../cloud-config.ts";

export interface LedgerAnalyticsArgs
  extends Pick<CloudConfig, "financeGroup" | "financeRegionGroups"> {
  readonly project: string;
  /** Accounts that read every row besides finance, as IAM members. */
  readonly readers: readonly Input<string>[];
  /** The database and the tables. */
  readonly declared: ReadonlyMap<string, Resource>;
}

/** What finance reads: the ledger itself from BigQuery, and of the tables the rows that are its own. */
export class LedgerAnalytics extends ComponentResource {
  /** The connection by `keyOf`. */
  readonly resources: ReadonlyMap<string, Connection>;

  constructor(name: string, args: LedgerAnalyticsArgs, options: ComponentResourceOptions = {}) {
    super("rtb:warehouse:LedgerAnalytics", name, {}, options);
    const { project, declared } = args;
    const after = (key: string) => {
      const target = declared.get(key);
      if (target === undefined) throw new RangeError(`${key} is nowhere`);
      return { parent: this, dependsOn: [target] };
    };
    const { instance, name: database } = databases.ledger;
    const connection = new Connection(
      "ledger-connection",
      {
        project,
        connectionId: database,
        location: dataset.location,
        friendlyName: "Gavel ledger",
        cloudSpanner: {
          database: `projects/${project}/instances/${instance}/databases/${database}`,
          useParallelism: true,
          useDataBoost: true,
        },
      },
      after(keyOf({ kind: "database", instance, name: database })),
    );
    this.resources = new Map([[keyOf({ kind: "connection", name: database }), connection]]);
    for (const { table, region } of rowPolicies) {
      const waits = after(keyOf({ kind: "table", name: table }));
      const rows = { project, datasetId: dataset.name, tableId: table };
      const everyRow = {
        policyId: "every_row",
        filterPredicate: "TRUE",
        grantees: [`group:${args.financeGroup}`, ...args.readers],
      };
      new RowAccessPolicy(`${table}-every-row`, { ...rows, ...everyRow }, waits);
      if (region === undefined) continue;
      for (const [home, group] of Object.entries(args.financeRegionGroups)) {
        const ofRegion = {
          policyId: `rows_of_${home}`,
          filterPredicate: `${region} = '${home}'`,
          grantees: [`group:${group}`],
        };
        new RowAccessPolicy(`${table}-rows-of-${home}`, { ...rows, ...ofRegion }, waits);
      }
    }
    this.registerOutputs();
  }
}
