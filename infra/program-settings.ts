import type { RegionName } from "../shared/names.ts";
import type { CloudConfig } from "./cloud-config.ts";
import type { StackConfig } from "./config.ts";
import type { ProgramName } from "./workers.ts";

export type Variables = Readonly<Record<string, string>>;

/** The environment variables by which a stack sets a program. What is not set has the program's default. */
export function variablesOf(
  program: ProgramName,
  region: RegionName,
  config: StackConfig,
): Variables {
  return {
    GOOGLE_CLOUD_PROJECT: config.project,
    GAVEL_REGION: region,
    GAVEL_REGIONS: config.regions.join(","),
    ...(config.cloud === undefined ? {} : ownVariablesOf(program, config.cloud)),
  };
}

function ownVariablesOf(program: ProgramName, cloud: CloudConfig): Variables {
  const { billOnBilling, tolerances } = cloud;
  const money = {
    GAVEL_BILL_ON_BILLING: billOnBilling.join(","),
    GAVEL_TOLERANCES: tolerances.join(","),
  };
  switch (program) {
    case "window":
      return { GAVEL_ALLOWED_LATENESS_MS: String(cloud.allowedLatenessMs) };
    case "settlement":
      return money;
    case "console":
      return { ...money, GAVEL_CONSOLE_HOST: "0.0.0.0" };
    case "import":
      return { GAVEL_IMPORTS: cloud.imports.map(({ name }) => name).join(",") };
    case "detector":
    case "ingest":
      return {};
  }
}
