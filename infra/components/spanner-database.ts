import { Database, Instance } from "@pulumi/gcp/spanner/index.js";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { type DatabaseName, ddlOf } from "../../shared/schema/read-migrations.ts";
import type { StackConfig } from "../config.ts";

export interface SpannerDatabaseArgs extends Pick<StackConfig, "deletionProtection"> {
  readonly database: DatabaseName;
  readonly instance: string;
  readonly displayName: string;
  /** Instance configuration: `regional-us-central1`, `nam-eur-asia1`, … */
  readonly instanceConfig: string;
  readonly processingUnits: number;
}

/** A Spanner instance and its one database, from the DDL in shared/schema. */
export class SpannerDatabase extends ComponentResource {
  constructor(name: string, args: SpannerDatabaseArgs, options: ComponentResourceOptions = {}) {
    super("rtb:spanner:SpannerDatabase", name, {}, options);
    const parent = { parent: this };
    const instance = new Instance(
      args.instance,
      {
        name: args.instance,
        displayName: args.displayName,
        config: args.instanceConfig,
        processingUnits: args.processingUnits,
      },
      parent,
    );
    new Database(
      `${name}-database`,
      {
        name: args.database,
        instance: instance.name,
        ddls: ddlOf(args.database),
        deletionProtection: args.deletionProtection,
        enableDropProtection: args.deletionProtection,
      },
      parent,
    );
    this.registerOutputs();
  }
}
