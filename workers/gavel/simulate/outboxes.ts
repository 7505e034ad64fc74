import { type AuctionEvent, REGIONS, type Region } from "../../../shared/core/auction/event.ts";
import { RetryableError } from "../../../shared/core/errors.ts";
import type { EventPublisher } from "../../../shared/io/event-publisher.ts";
import type { Clock } from "../../../shared/io/ports.ts";
import type { TrafficSink } from "./pace-traffic.ts";

const RETRY_MS = 1000;

interface OutboxPorts {
  readonly clock: Clock;
  /** Once aborted, a failure is final. */
  readonly signal: AbortSignal;
  /** Called when a region stops taking events, and when it takes them again. */
  readonly onTurn: (sentence: string) => void;
}

/**
 * Sends each region's events by themselves and keeps what a region does not take until it does, as its
 * exchange would; a region that is cut off holds up no other.
 */
export function openOutboxes(
  publisher: EventPublisher,
  { clock, signal, onTurn }: OutboxPorts,
): TrafficSink {
  const failing = new Set<Region>();
  const note = (region: Region, failure: RetryableError | undefined): void => {
    if (failure === undefined && failing.delete(region)) onTurn(`${region} takes events again`);
    if (failure === undefined || failing.has(region)) return;
    failing.add(region);
    onTurn(`${region} takes no events, they are kept: ${failure.message}`);
  };
  const sendOne = async (region: Region, events: readonly AuctionEvent[]): Promise<void> => {
    let failure = await attempt(publisher, events);
    while (failure !== undefined && !signal.aborted) {
      note(region, failure);
      await clock.sleep(RETRY_MS, signal);
      failure = await attempt(publisher, events);
    }
    if (failure !== undefined) throw failure;
    note(region, undefined);
  };
  return {
    send: async (events) => {
      const sending = REGIONS.map((region) => {
        const own = events.filter((event) => event.region === region);
        return own.length === 0 ? Promise.resolve() : sendOne(region, own);
      });
      await Promise.all(sending);
    },
    close: () => publisher.close(),
  };
}

/** The failure that may pass, if there was one; any other is thrown. */
async function attempt(
  publisher: EventPublisher,
  events: readonly AuctionEvent[],
): Promise<RetryableError | undefined> {
  try {
    await publisher.publish(events);
    return undefined;
  } catch (error) {
    if (error instanceof RetryableError) return error;
    throw error;
  }
}
