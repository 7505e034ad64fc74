import { cloudRegions, dataset } from "../shared/names.ts";
import type { AgentName } from "./access/grant.ts";
import { homeRegionOf, type StackConfig } from "./config.ts";

type EncryptingAgent = Exclude<AgentName, "iap">;

/** Where each service wants the keys that it encrypts with; nowhere in a stack without customer keys. */
export function keyLocationsOf(
  config: StackConfig,
): Readonly<Record<EncryptingAgent, readonly string[]>> {
  const isOn = config.cloud?.customerKeys === true;
  const where = (locations: readonly string[]): readonly string[] => (isOn ? locations : []);
  const regions = config.regions.map((region) => cloudRegions[region]);
  return {
    pubsub: where(["global"]),
    bigquery: where([dataset.location.toLowerCase()]),
    spanner: where([...new Set([...regions, spannerKeyLocationOf(config.ledgerInstanceConfig)])]),
    run: where(regions),
    secretmanager: where(regions),
    artifactregistry: where([homeRegionOf(config)]),
  };
}

/** Cloud KMS names a multi-region as Spanner does, and a region without the prefix. */
export function spannerKeyLocationOf(instanceConfig: string): string {
  return instanceConfig.replace(/^regional-/, "");
}
