import { systemClock } from "../../../shared/io/clock.ts";
import { pubsubEndpoint } from "../../../shared/io/endpoints.ts";
import { EventPublisher } from "../../../shared/io/event-publisher.ts";
import type { Addresses } from "../addresses.ts";

/** A publisher that reaches each region through its own endpoint. */
export function createPublisher({ project, pubsub }: Addresses): EventPublisher {
  return new EventPublisher(
    {
      us: pubsubEndpoint("us", pubsub.us),
      eu: pubsubEndpoint("eu", pubsub.eu),
      apac: pubsubEndpoint("apac", pubsub.apac),
    },
    { project, clock: systemClock, random: Math.random },
  );
}
