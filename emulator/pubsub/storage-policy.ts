import { failedPrecondition } from "./refusal.ts";
import type { TopicResource } from "./resources.ts";

/** Which of Google Cloud's region names lie in a region that the emulator plays. */
const CLOUD_REGION_PREFIXES: Readonly<Record<string, readonly string[]>> = {
  us: ["us-", "northamerica-", "southamerica-"],
  eu: ["europe-", "me-", "africa-"],
  apac: ["asia-", "australia-"],
};

/**
 * Where a message is stored: at the endpoint it was published to, unless the topic's storage policy
 * sends it elsewhere or, with `enforce_in_transit`, refuses it.
 */
export function storageRegion(
  topic: TopicResource,
  regions: readonly string[],
  endpoint: number,
): number {
  const policy = topic.messageStoragePolicy;
  if (!policy) return endpoint;
  const allowed = regions.map((region) => isAllowed(region, policy.allowedPersistenceRegions));
  if (allowed[endpoint]) return endpoint;
  const elsewhere = allowed.indexOf(true);
  if (policy.enforceInTransit || elsewhere < 0) {
    throw failedPrecondition(
      `The message_storage_policy of ${topic.name} does not allow region ${regions[endpoint]}: it ` +
        `allows ${policy.allowedPersistenceRegions.join(", ")}.`,
    );
  }
  return elsewhere;
}

function isAllowed(region: string, cloudRegions: readonly string[]): boolean {
  const prefixes = CLOUD_REGION_PREFIXES[region] ?? [region];
  return cloudRegions.some((name) => prefixes.some((prefix) => name.startsWith(prefix)));
}
