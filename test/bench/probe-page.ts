import type { AuctionEvent } from "../../shared/core/auction/event.ts";
import { systemClock } from "../../shared/io/clock.ts";
import { aBid } from "../support/builders.ts";
import { readFeed } from "../support/read-feed.ts";

const EVERY_MS = 100;
const AUCTION = "probe";

/** Milliseconds that events took, of those that arrived. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Publishes bids of one auction for `seconds`, one by one, and takes the time of each until the feed of the
 * Counts page shows so many.
 */
export async function probePage(
  consoleUrl: string,
  publisher: { publish(events: readonly AuctionEvent[]): Promise<void> },
  seconds: number,
): Promise<readonly number[]> {
  const count = Math.round((seconds * 1000) / EVERY_MS);
  const sentAtMs: number[] = [];
  const shown = timesShown(consoleUrl, count);
  const startMs = systemClock.nowMs();
  const sending: Promise<void>[] = [];
  for (let probe = 0; probe < count; probe++) {
    await systemClock.sleep(Math.max(0, startMs + probe * EVERY_MS - systemClock.nowMs()));
    const nowMs = systemClock.nowMs();
    const bidId = `probe-${probe}`;
    const identity = { bidId, eventId: `bid:${bidId}`, auctionId: AUCTION };
    sentAtMs.push(nowMs);
    sending.push(publisher.publish([aBid({ ...identity, eventTimeUs: nowMs * 1000 })]));
  }
  await Promise.all(sending);
  const shownAtMs = await shown;
  return shownAtMs.map((atMs, probe) => atMs - (sentAtMs[probe] ?? atMs));
}

export function quantilesOf(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Runs of equal length that values come in, ten where there are so many. */
export function tenthsOf<T>(values: readonly T[]): readonly (readonly T[])[] {
  const size = Math.max(1, Math.ceil(values.length / 10));
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}

/** When the page's feed first showed one bid, two, and so on up to `count`. */
async function timesShown(consoleUrl: string, count: number): Promise<number[]> {
  const atMs: number[] = [];
  for await (const { part, json } of readFeed(`${consoleUrl}/feeds/counts?about=${AUCTION}`)) {
    if (part !== "sought") continue;
    const { windows } = JSON.parse(json) as { windows: { bids: number }[] };
    const shown = windows.reduce((sum, { bids }) => sum + bids, 0);
    while (atMs.length < shown) atMs.push(systemClock.nowMs());
    if (shown >= count) break;
  }
  return atMs;
}
