import type { AuctionEvent } from "../../../shared/core/auction/event.ts";
import type { Clock } from "../../../shared/io/ports.ts";

/** Where traffic goes. Resolves once it has the events. */
export interface TrafficSink {
  send(events: readonly AuctionEvent[]): Promise<void>;
  close(): Promise<void>;
}

export interface PaceOptions {
  /** Undefined: as fast as the sink takes them. */
  readonly eventsPerSecond: number | undefined;
  /** Events to send; infinity goes on until `signal` is aborted. */
  readonly eventsMax: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called after each turn. */
  readonly onProgress?: (progress: PaceProgress) => void;
}

export interface PaceProgress {
  /** Events handed to the sink, and those that it has. */
  readonly sent: number;
  readonly confirmed: number;
  /** Events that the pace asks for and that are not sent yet. */
  readonly behind: number;
  readonly seconds: number;
}

const TICK_MS = 200;
const BATCH_EVENTS_MAX = 20_000;
/** Events that the sink has not confirmed; beyond them it is waited for, and `behind` grows. */
const UNCONFIRMED_MAX = 200_000;

/**
 * Sends traffic at a constant rate by the clock, whatever the sink's speed (an open loop, as exchanges
 * are): what a turn owes is told from the whole time, so that late turns do not add up. Resolves when all
 * is confirmed, or could not be once it was stopped; rejects with the sink's first failure before that.
 */
export async function paceTraffic(
  next: () => AuctionEvent,
  sink: TrafficSink,
  options: PaceOptions,
): Promise<PaceProgress> {
  const { clock, signal } = options;
  const startMs = clock.nowMs();
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let [sent, confirmed] = [0, 0];
  const send = (count: number): void => {
    const events = Array.from({ length: count }, next);
    sent += count;
    const sending = sink
      .send(events)
      .then(() => {
        confirmed += count;
      })
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
  };
  const progress = (): PaceProgress => {
    const seconds = (clock.nowMs() - startMs) / 1000;
    const behind = options.eventsPerSecond === undefined ? 0 : dueAt(seconds, options) - sent;
    return { sent, confirmed, behind, seconds };
  };
  while (sent < options.eventsMax && !signal.aborted && failures.length === 0) {
    const room = Math.min(UNCONFIRMED_MAX - (sent - confirmed), BATCH_EVENTS_MAX);
    const count = Math.min(dueAt((clock.nowMs() - startMs) / 1000, options) - sent, room);
    if (count > 0) send(count);
    options.onProgress?.(progress());
    if (count === BATCH_EVENTS_MAX) await clock.sleep(0);
    else if (room <= 0) await Promise.race(underWay);
    else await clock.sleep(TICK_MS, signal);
  }
  await Promise.all(underWay);
  if (failures.length > 0 && !signal.aborted) throw failures[0];
  return progress();
}

/** Events that are due after so many seconds. */
function dueAt(seconds: number, { eventsPerSecond, eventsMax }: PaceOptions): number {
  if (eventsPerSecond === undefined) return eventsMax;
  return Math.min(eventsMax, Math.floor(seconds * eventsPerSecond));
}
