import { cloudRegions, databases } from "../shared/names.ts";
import { EventTopic } from "./components/event-topic.ts";
import { SpannerDatabase } from "./components/spanner-database.ts";
import { Warehouse } from "./components/warehouse.ts";
import type { StackConfig } from "./config.ts";

/** Declares the whole system for a stack: the same for the cloud and for the emulators. */
export function declareGavel(config: StackConfig): void {
  const warehouse = new Warehouse("warehouse", config);
  new EventTopic("events", { ...config, archiveTable: warehouse.archiveTable });
  for (const region of config.regions) {
    new SpannerDatabase(`counts-${region}`, {
      ...config,
      database: databases.counts.name,
      instance: databases.counts.instanceOf(region),
      displayName: `Gavel counts ${region}`,
      instanceConfig: `regional-${cloudRegions[region]}`,
      processingUnits: config.countsProcessingUnits,
    });
  }
  new SpannerDatabase("ledger", {
    ...config,
    database: databases.ledger.name,
    instance: databases.ledger.instance,
    displayName: "Gavel ledger",
    instanceConfig: config.ledgerInstanceConfig,
    processingUnits: config.ledgerProcessingUnits,
  });
}
