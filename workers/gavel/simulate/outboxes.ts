import { type AuctionEvent, REGIONS, type Region } from "../../../shared/core/auction/event.ts";
import { messageOf, RetryableError } from "../../../shared/core/errors.ts";
import type { EventPublisher } from "../../../shared/io/event-publisher.ts";
import type { Clock } from "../../../shared/io/ports.ts";
import type { TrafficSink } from "./pace-traffic.ts";

const RETRY_MS = 1000;
/** So long nothing of the system answers until it is gone: it may be starting again. */
const GONE_AFTER_MS = 20_000;

interface OutboxPorts {
  readonly clock: Clock;
  /** Rejects, with what to tell, where nothing of the system answers. */
  readonly reach: () => Promise<unknown>;
  /** Once aborted, a failure is final. */
  readonly signal: AbortSignal;
  /** Called when a region stops taking events, and when it takes them again. */
  readonly onTurn: (sentence: string) => void;
}

/**
 * Sends each region's events by themselves and keeps what a region does not take until it does, as its
 * exchange would; a region that is cut off holds up no other. Rejects once the whole system is gone.
 */
export function openOutboxes(
  publisher: Pick<EventPublisher, "publish" | "close">,
  { clock, reach, signal, onTurn }: OutboxPorts,
): TrafficSink {
  const checkThere = checkingThere(reach, clock);
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
      await checkThere();
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

/** Rejects once the system has not answered for {@link GONE_AFTER_MS}; who asks during a check shares it. */
function checkingThere(reach: () => Promise<unknown>, clock: Clock): () => Promise<void> {
  let goneSinceMs: number | undefined;
  let checking: Promise<void> | undefined;
  const check = async (): Promise<void> => {
    try {
      await reach();
      goneSinceMs = undefined;
    } catch (cause) {
      goneSinceMs ??= clock.nowMs();
      const goneMs = clock.nowMs() - goneSinceMs;
      if (goneMs < GONE_AFTER_MS) return;
      throw new Error(`given up after ${GONE_AFTER_MS / 1000} s: ${messageOf(cause)}`, { cause });
    }
  };
  return () => {
    checking ??= check().finally(() => {
      checking = undefined;
    });
    return checking;
  };
}

/** The failure that may pass, if there was one; any other is thrown. */
async function attempt(
  publisher: Pick<EventPublisher, "publish">,
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
