import { Database, Instance } from "@pulumi/gcp/spanner/index.js";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { cloudRegions, databases, type RegionName } from "../../shared/names.ts";
import { ddlOf } from "../../shared/schema/read-migrations.ts";
import type { StackConfig } from "../config.ts";

export interface CountsDatabaseArgs
  extends Pick<StackConfig, "countsProcessingUnits" | "deletionProtection"> {
  readonly region: RegionName;
}

/** One region's Spanner instance and its `counts` database: an auction has a home region. */
export class CountsDatabase extends ComponentResource {
  constructor(name: string, args: CountsDatabaseArgs, options: ComponentResourceOptions = {}) {
    super("rtb:counts:CountsDatabase", name, {}, options);
    const parent = { parent: this };
    const instance = new Instance(
      databases.counts.instanceOf(args.region),
      {
        name: databases.counts.instanceOf(args.region),
        displayName: `Gavel counts ${args.region}`,
        config: `regional-${cloudRegions[args.region]}`,
        processingUnits: args.countsProcessingUnits,
      },
      parent,
    );
    new Database(
      `${name}-database`,
      {
        name: databases.counts.name,
        instance: instance.name,
        ddls: ddlOf("counts"),
        deletionProtection: args.deletionProtection,
        enableDropProtection: args.deletionProtection,
      },
      parent,
    );
    this.registerOutputs();
  }
}
