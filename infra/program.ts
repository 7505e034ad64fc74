import type { Output, Resource } from "@pulumi/pulumi";
import { cloudRegions, databases } from "../shared/names.ts";
import type { CloudPlane } from "./cloud-plane.ts";
import { EventTopic } from "./components/event-topic.ts";
import { SpannerDatabase } from "./components/spanner-database.ts";
import { Subscriptions } from "./components/subscriptions.ts";
import { Warehouse } from "./components/warehouse.ts";
import type { StackConfig } from "./config.ts";

export type StackOutputs = Readonly<Record<string, Output<string>>>;

/**
 * Declares the whole system for a stack. What the emulators have too comes first and is the same for
 * both; what only the cloud has is loaded where a stack is in it, so that a laptop does not wait for it.
 */
export async function declareGavel(config: StackConfig): Promise<StackOutputs> {
  const cloud = await openCloud(config);
  const warehouse = new Warehouse("warehouse", { ...config, ...cloud?.forWarehouse });
  const topic = new EventTopic("events", { ...config, ...cloud?.forTopics(warehouse) });
  const written = new Map<string, Resource>([...warehouse.resources, ...topic.resources]);
  const subscriptions = new Subscriptions("subscriptions", {
    ...config,
    topic,
    archiveTable: warehouse.archiveTable,
    after: cloud?.grantBeforeSubscriptions(written) ?? [],
  });
  const spanner = declareDatabases(config, cloud);
  const declared = new Map<string, Resource>([...written, ...subscriptions.resources]);
  for (const database of spanner) {
    for (const [key, resource] of database.resources) declared.set(key, resource);
  }
  return cloud?.run(declared, topic) ?? {};
}

async function openCloud(config: StackConfig): Promise<CloudPlane | undefined> {
  if (config.cloud === undefined) return undefined;
  const { CloudPlane } = await import("./cloud-plane.ts");
  return new CloudPlane(config, config.cloud);
}

function declareDatabases(
  config: StackConfig,
  cloud: CloudPlane | undefined,
): readonly SpannerDatabase[] {
  const counts = config.regions.map((region) => {
    const instanceConfig = `regional-${cloudRegions[region]}`;
    return new SpannerDatabase(`counts-${region}`, {
      ...config,
      database: databases.counts.name,
      instance: databases.counts.instanceOf(region),
      displayName: `Gavel counts ${region}`,
      instanceConfig,
      processingUnits: config.countsProcessingUnits,
      // Pub/Sub and the archive hold all that the auction log is made from.
      backupRetentionDays: undefined,
      ...cloud?.forDatabase(instanceConfig),
    });
  });
  const ledger = new SpannerDatabase("ledger", {
    ...config,
    database: databases.ledger.name,
    instance: databases.ledger.instance,
    displayName: "Gavel ledger",
    instanceConfig: config.ledgerInstanceConfig,
    processingUnits: config.ledgerProcessingUnits,
    backupRetentionDays: config.cloud?.backupRetentionDays,
    ...cloud?.forDatabase(config.ledgerInstanceConfig),
  });
  return [...counts, ledger];
}
