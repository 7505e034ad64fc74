/** What a stack may choose. */
export interface StackConfig {
  readonly project: string;
  /** Regions that run workers and hold a `counts` database. */
  readonly regions: readonly ("us" | "eu" | "apac")[];
  /** Processing units of each `counts` instance: 100 is the least, 1,000 are one node. */
  readonly countsProcessingUnits: number;
  readonly ledgerProcessingUnits: number;
  /** Spanner configuration of the ledger: multi-region in production. */
  readonly ledgerInstanceConfig: string;
  /** Whether databases and tables refuse to be deleted. */
  readonly deletionProtection: boolean;
}

/** The stack that the emulators are provisioned from: every region, the least of everything. */
export function localStack(project: string): StackConfig {
  return {
    project,
    regions: ["us", "eu", "apac"],
    countsProcessingUnits: 100,
    ledgerProcessingUnits: 100,
    ledgerInstanceConfig: "nam-eur-asia1",
    deletionProtection: false,
  };
}

const regionNames = ["us", "eu", "apac"] as const;
const PROCESSING_UNITS_MAX = 100_000;

/** Where a stack's settings are read from: Pulumi's Config, or a plain record in tests. */
export interface StackSettings {
  get(name: string): string | undefined;
}

/** Reads a stack's settings. Throws one error that names every fault. */
export function readStackConfig(project: string, settings: StackSettings): StackConfig {
  const faults: string[] = [];
  const regions = (settings.get("regions") ?? regionNames.join(",")).split(",");
  const known = regionNames.filter((region) => regions.includes(region));
  if (known.length !== regions.length) {
    faults.push(
      `regions "${regions.join(",")}": give some of ${regionNames.join(",")}, comma-separated`,
    );
  }
  const units = (name: string): number => {
    const value = Number(settings.get(name) ?? "100");
    const fits = value >= 100 && value <= PROCESSING_UNITS_MAX;
    if (!fits || value % (value < 1000 ? 100 : 1000) !== 0) {
      faults.push(
        `${name} ${value}: give 100 to 900 by hundreds, or thousands up to ${PROCESSING_UNITS_MAX}`,
      );
    }
    return value;
  };
  const protection = settings.get("deletionProtection") ?? "true";
  if (protection !== "true" && protection !== "false") {
    faults.push(`deletionProtection "${protection}": give true or false`);
  }
  const config = {
    project,
    regions: known,
    countsProcessingUnits: units("countsProcessingUnits"),
    ledgerProcessingUnits: units("ledgerProcessingUnits"),
    ledgerInstanceConfig: settings.get("ledgerInstanceConfig") ?? "nam-eur-asia1",
    deletionProtection: protection === "true",
  };
  if (faults.length > 0) throw new Error(`stack settings:\n${faults.join("\n")}`);
  return config;
}
