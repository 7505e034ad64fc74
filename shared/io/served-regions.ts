import { type RegionName, regions } from "../names.ts";
import type { Env } from "./env.ts";

/**
 * `GAVEL_REGIONS`: the regions that the system runs in, comma-separated, home first; all of them by
 * default. What belongs to another region has no workers here, and no database.
 */
export function readServedRegions(env: Env): readonly RegionName[] {
  const asked = env.optional("GAVEL_REGIONS")?.split(",") ?? regions;
  const served = asked.flatMap((name) => regions.filter((region) => region === name.trim()));
  if (served.length < asked.length) {
    env.fault(`GAVEL_REGIONS is "${asked.join(",")}": give some of ${regions.join(",")}`);
  }
  return served;
}
