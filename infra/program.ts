import { CountsDatabase } from "./components/counts-database.ts";
import { EventTopic } from "./components/event-topic.ts";
import { Warehouse } from "./components/warehouse.ts";
import type { StackConfig } from "./config.ts";

/** Declares the whole system for a stack: the same for the cloud and for the emulators. */
export function declareGavel(config: StackConfig): void {
  const warehouse = new Warehouse("warehouse", config);
  new EventTopic("events", { ...config, archiveTable: warehouse.archiveTable });
  for (const region of config.regions)
    new CountsDatabase(`counts-${region}`, { ...config, region });
}
