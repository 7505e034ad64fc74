/** Puts an event log into slices by segment, as the window worker's statistics do. */
import type { AuctionEvent } from "../../../shared/core/auction/event.ts";
import type { SliceStatistics } from "../../../shared/core/detector/slice-statistics.ts";
import { UsageError } from "../../../shared/core/errors.ts";
import { alignDown } from "../../../shared/core/time.ts";
import { readEventFile } from "../../../shared/io/event-file.ts";
import { recordReaderOf } from "../event-arguments.ts";
import type { ClosedSlice } from "./read-slices.ts";

/** Events of one segment in one slice. */
type SegmentSlice = {
  readonly bids: Map<string, { readonly timeUs: number; readonly price: number }>;
  readonly users: Set<string>;
  readonly seats: Set<string>;
  readonly wins: Set<string>;
  readonly clicks: Set<string>;
};

/** Slices held open, so that events up to this much out of order still count. */
const DISORDER_SLICES = 5;
const SLICES_MAX = 1_000_000;

/**
 * The closed slices of the events at `path`. Events without a segment are of segment "". Refused events,
 * and events later than the allowed disorder, are left out; how many is said on `stderr`.
 */
export async function* sliceEvents(
  path: string,
  sliceMs: number,
  stderr: { write(text: string): unknown },
): AsyncGenerator<ClosedSlice> {
  const open = new Map<number, Map<string, SegmentSlice>>();
  let nextMs: number | undefined;
  let newestMs = Number.NEGATIVE_INFINITY;
  let refused = 0;
  let late = 0;
  const close = function* (untilMs: number): Generator<ClosedSlice> {
    const firstMs = nextMs ?? Math.min(...open.keys());
    if (firstMs >= untilMs) return;
    nextMs = firstMs;
    for (; nextMs < untilMs; nextMs += sliceMs) {
      yield closedSlice(nextMs, open.get(nextMs));
      open.delete(nextMs);
    }
  };
  for await (const { line, event } of readEventFile(path, recordReaderOf({}))) {
    if ("kind" in event) {
      refused += 1;
      continue;
    }
    const startMs = alignDown(event.eventTimeUs / 1000, sliceMs);
    if (nextMs !== undefined && startMs < nextMs) {
      late += 1;
      continue;
    }
    const firstMs = nextMs ?? Math.min(...open.keys());
    if ((startMs - firstMs) / sliceMs > SLICES_MAX) {
      throw new UsageError(
        `${path}:${line}: more than ${SLICES_MAX} slices after the events before it.`,
      );
    }
    addEvent(open, startMs, event);
    if (startMs <= newestMs) continue;
    newestMs = startMs;
    yield* close(newestMs - DISORDER_SLICES * sliceMs);
  }
  if (open.size === 0)
    throw new UsageError(`${path} holds no event that can be read: see gavel events check.`);
  yield* close(newestMs + sliceMs);
  if (refused > 0)
    stderr.write(`${path}: ${refused} events were refused: see gavel events check\n`);
  if (late > 0)
    stderr.write(
      `${path}: ${late} events were more than ${DISORDER_SLICES} slices out of order and left out\n`,
    );
}

function addEvent(
  open: Map<number, Map<string, SegmentSlice>>,
  startMs: number,
  event: AuctionEvent,
): void {
  const segments = open.get(startMs) ?? new Map<string, SegmentSlice>();
  open.set(startMs, segments);
  const slice = segments.get(event.segment) ?? emptySlice();
  segments.set(event.segment, slice);
  if (event.type === "win") slice.wins.add(event.bidId);
  if (event.type === "click") slice.clicks.add(event.bidId);
  if (event.type !== "bid" || slice.bids.has(event.bidId)) return;
  slice.bids.set(event.bidId, { timeUs: event.eventTimeUs, price: Number(event.priceNanos) / 1e9 });
  if (event.userKey !== "") slice.users.add(event.userKey);
  if (event.seat !== "") slice.seats.add(event.seat);
}

function emptySlice(): SegmentSlice {
  return {
    bids: new Map(),
    users: new Set(),
    seats: new Set(),
    wins: new Set(),
    clicks: new Set(),
  };
}

function closedSlice(
  sliceStartMs: number,
  segments: ReadonlyMap<string, SegmentSlice> | undefined,
): ClosedSlice {
  const rows = [...(segments ?? [])].map(
    ([segment, slice]) => [segment, statisticsOf(segment, sliceStartMs, slice)] as const,
  );
  return { sliceStartMs, rows: new Map(rows) };
}

function statisticsOf(segment: string, sliceStartMs: number, slice: SegmentSlice): SliceStatistics {
  const bids = [...slice.bids.values()];
  const prices = bids.map(({ price }) => price).sort((left, right) => left - right);
  return {
    segment,
    sliceStartMs,
    bidCount: bids.length,
    priceSum: prices.reduce((sum, price) => sum + price, 0),
    priceP50: prices[prices.length >> 1],
    priceP90: prices[Math.floor(prices.length * 0.9)],
    topPriceShare: bids.length === 0 ? undefined : longestRun(prices) / bids.length,
    userCount: slice.users.size === 0 ? undefined : slice.users.size,
    intervalCv: intervalCvOf(bids.map(({ timeUs }) => timeUs)),
    winCount: slice.wins.size,
    clickCount: slice.clicks.size,
    seatCount: slice.seats.size === 0 ? undefined : slice.seats.size,
  };
}

/** How often the commonest of the sorted values occurs. */
function longestRun(sorted: readonly number[]): number {
  let longest = 0;
  let run = 0;
  for (const [index, value] of sorted.entries()) {
    run = index > 0 && value === sorted[index - 1] ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** Standard deviation over mean of the time between successive bids; undefined below three bids. */
function intervalCvOf(timesUs: number[]): number | undefined {
  if (timesUs.length < 3) return undefined;
  timesUs.sort((left, right) => left - right);
  const gaps = timesUs.slice(1).map((time, index) => time - (timesUs[index] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  if (mean === 0) return 0;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  return Math.sqrt(variance) / mean;
}
