import { BackupSchedule, Database, Instance } from "@pulumi/gcp/spanner/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Resource,
} from "@pulumi/pulumi";
import { type DatabaseName, ddlOf } from "../../shared/schema/read-migrations.ts";
import { keyOf } from "../access/grant.ts";
import type { StackConfig } from "../config.ts";

export interface SpannerDatabaseArgs extends Pick<StackConfig, "deletionProtection"> {
  readonly database: DatabaseName;
  readonly instance: string;
  readonly displayName: string;
  /** Instance configuration: `regional-us-central1`, `nam-eur-asia1`, … */
  readonly instanceConfig: string;
  readonly processingUnits: number;
  /** Days that a daily backup is kept; undefined makes none. */
  readonly backupRetentionDays: number | undefined;
  readonly kmsKeyName?: Input<string>;
  readonly after?: readonly Resource[];
}

/** How far back in time the database can be read and restored, an hour by default. */
const VERSION_RETENTION = "7d";
const DAY_S = 86_400;

/** A Spanner instance and its one database, from the DDL in shared/schema. */
export class SpannerDatabase extends ComponentResource {
  /** The database by `keyOf`. */
  readonly resources: ReadonlyMap<string, Database>;

  constructor(name: string, args: SpannerDatabaseArgs, options: ComponentResourceOptions = {}) {
    super("rtb:spanner:SpannerDatabase", name, {}, options);
    const kept = { parent: this, protect: args.deletionProtection };
    const instance = new Instance(
      args.instance,
      {
        name: args.instance,
        displayName: args.displayName,
        config: args.instanceConfig,
        edition: editionOf(args.instanceConfig),
        processingUnits: args.processingUnits,
        // Schedules of ours say what is backed up; Google's own would come on top.
        defaultBackupScheduleType: "NONE",
        // Backups would keep an instance from being destroyed.
        forceDestroy: !args.deletionProtection,
      },
      kept,
    );
    const { kmsKeyName, after = [] } = args;
    const database = new Database(
      `${name}-database`,
      {
        name: args.database,
        instance: instance.name,
        ddls: ddlOf(args.database),
        deletionProtection: args.deletionProtection,
        enableDropProtection: args.deletionProtection,
        ...(args.backupRetentionDays === undefined
          ? {}
          : { versionRetentionPeriod: VERSION_RETENTION }),
        ...(kmsKeyName === undefined ? {} : { encryptionConfig: { kmsKeyName } }),
      },
      { ...kept, dependsOn: [...after] },
    );
    if (args.backupRetentionDays !== undefined) {
      new BackupSchedule(
        `${name}-backups`,
        {
          instance: instance.name,
          database: database.name,
          retentionDuration: `${args.backupRetentionDays * DAY_S}s`,
          spec: { cronSpec: { text: "0 3 * * *" } },
          fullBackupSpec: {},
        },
        { parent: this },
      );
    }
    const ref = { kind: "database", instance: args.instance, name: args.database } as const;
    this.resources = new Map([[keyOf(ref), database]]);
    this.registerOutputs();
  }
}

/** Several regions in one instance are what Google's highest edition sells. */
export function editionOf(instanceConfig: string): "STANDARD" | "ENTERPRISE_PLUS" {
  return instanceConfig.startsWith("regional-") ? "STANDARD" : "ENTERPRISE_PLUS";
}
