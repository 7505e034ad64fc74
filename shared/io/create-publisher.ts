import type { RegionName } from "../names.ts";
import { systemClock } from "./clock.ts";
import { pubsubEndpoint } from "./endpoints.ts";
import { EventPublisher } from "./event-publisher.ts";

/** A publisher that reaches each region through its own endpoint, or its emulator at `host:port`. */
export function createPublisher({
  project,
  pubsub,
}: {
  readonly project: string;
  readonly pubsub: Readonly<Record<RegionName, string | undefined>>;
}): EventPublisher {
  return new EventPublisher(
    {
      us: pubsubEndpoint("us", pubsub.us),
      eu: pubsubEndpoint("eu", pubsub.eu),
      apac: pubsubEndpoint("apac", pubsub.apac),
    },
    { project, clock: systemClock, random: Math.random },
  );
}
