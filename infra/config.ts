import { cloudRegions, type RegionName, regions } from "../shared/names.ts";
import { type CloudConfig, readCloudConfig } from "./cloud-config.ts";
import { SettingsReader, type StackSettings } from "./settings.ts";

/** What a stack may choose. */
export interface StackConfig {
  readonly project: string;
  /** Regions that run workers and hold a `counts` database. */
  readonly regions: readonly RegionName[];
  /** Processing units of each `counts` instance: 100 is the least, 1,000 are one node. */
  readonly countsProcessingUnits: number;
  readonly ledgerProcessingUnits: number;
  /** Spanner configuration of the ledger: `nam-eur-asia1` in production, `regional-…` in dev. */
  readonly ledgerInstanceConfig: string;
  /** Whether what holds data refuses to be deleted, by Google and by Pulumi. */
  readonly deletionProtection: boolean;
  /** Exactly-once delivery for window workers. Off, more messages a second come, more of them twice. */
  readonly windowExactlyOnce: boolean;
  /**
   * How long the topic and the workers' subscriptions keep events. 1 to 7 days: the auction log keeps
   * what a redelivery is compared with for 8.
   */
  readonly retentionDays: number;
  /** Undefined in the emulators, which have no accounts, no machines and no bill. */
  readonly cloud: CloudConfig | undefined;
}

const PROCESSING_UNITS_MAX = 100_000;

/** The stack that the emulators are provisioned from: every region, the least of everything. */
export function localStack(project: string): StackConfig {
  return {
    project,
    regions,
    countsProcessingUnits: 100,
    ledgerProcessingUnits: 100,
    ledgerInstanceConfig: "nam-eur-asia1",
    deletionProtection: false,
    windowExactlyOnce: true,
    retentionDays: 7,
    cloud: undefined,
  };
}

/** Reads the settings of a stack in the cloud. Throws one error that names every fault. */
export function readStackConfig(project: string, source: StackSettings): StackConfig {
  const settings = new SettingsReader(source);
  const deletionProtection = settings.boolean("deletionProtection", true);
  const config = {
    project,
    regions: readRegions(settings),
    countsProcessingUnits: readProcessingUnits(settings, "countsProcessingUnits"),
    ledgerProcessingUnits: readProcessingUnits(settings, "ledgerProcessingUnits"),
    ledgerInstanceConfig: settings.text(
      "ledgerInstanceConfig",
      /^(regional-[a-z0-9-]+|[a-z]+[a-z0-9-]*\d)$/,
      "a Spanner configuration such as nam-eur-asia1 or regional-us-central1",
    ),
    deletionProtection,
    windowExactlyOnce: settings.boolean("windowExactlyOnce", true),
    retentionDays: settings.integer("retentionDays", { min: 1, max: 7, fallback: 7 }),
    cloud: readCloudConfig(settings, deletionProtection),
  };
  settings.check();
  return config;
}

/** The region that holds what a stack has only once: the console, the images. */
export function homeRegionNameOf({
  regions: [first = "us"],
}: Pick<StackConfig, "regions">): RegionName {
  return first;
}

/** Google Cloud's name of the home region. */
export function homeRegionOf(config: Pick<StackConfig, "regions">): string {
  return cloudRegions[homeRegionNameOf(config)];
}

function readRegions(settings: SettingsReader): readonly RegionName[] {
  const asked = (settings.optional("regions") ?? regions.join(",")).split(",");
  // In the order asked for: the first is the home region.
  const known = asked.flatMap((name) => regions.filter((region) => region === name));
  if (known.length !== asked.length) {
    settings.fault(
      `regions "${asked.join(",")}": give some of ${regions.join(",")}, comma-separated`,
    );
  }
  return known;
}

/** Spanner sells hundreds below one node and thousands above. */
function readProcessingUnits(settings: SettingsReader, name: string): number {
  const value = settings.integer(name, { min: 100, max: PROCESSING_UNITS_MAX, fallback: 100 });
  if (value % (value < 1000 ? 100 : 1000) !== 0) {
    settings.fault(
      `${name} ${value}: give 100 to 900 by hundreds, or thousands up to ${PROCESSING_UNITS_MAX}`,
    );
  }
  return value;
}
