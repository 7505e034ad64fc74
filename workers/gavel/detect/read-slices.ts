/** Reads a file of slice statistics, NDJSON in time order, as closed slices one after the other. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { SliceStatistics } from "../../../shared/core/detector/slice-statistics.ts";
import { messageOf, UsageError } from "../../../shared/core/errors.ts";
import { readTimestamp } from "../../../shared/wire/log-form/read-timestamp.ts";

/** All rows of one slice by segment; a segment without a row had an empty slice. */
export type ClosedSlice = {
  readonly sliceStartMs: number;
  readonly rows: ReadonlyMap<string, SliceStatistics>;
};

type PlacedRow = { readonly row: SliceStatistics; readonly place: string };

/** Optional fields by the name that the file has for them. */
const FIELDS = {
  price_sum: "priceSum",
  price_p50: "priceP50",
  price_p90: "priceP90",
  top_price_share: "topPriceShare",
  user_count: "userCount",
  new_user_share: "newUserShare",
  interval_cv: "intervalCv",
  win_count: "winCount",
  click_count: "clickCount",
  seat_count: "seatCount",
} as const;
/** An hour of seconds to a day of minutes: longer silence of all segments is a fault of the file. */
const EMPTY_SLICES_MAX = 100_000;

/**
 * The slices of the file at `path`, those in which no segment has a row included. Throws UsageError with
 * the line where a row cannot be used.
 */
export async function* readSlices(path: string, sliceMs: number): AsyncGenerator<ClosedSlice> {
  let openMs: number | undefined;
  let rows = new Map<string, SliceStatistics>();
  for await (const { row, place } of rowsOf(path)) {
    const startMs = row.sliceStartMs;
    if (startMs % sliceMs !== 0) {
      throw new UsageError(
        `${place}: slice_start is no multiple of ${sliceMs / 1000} s; see --slice-seconds.`,
      );
    }
    openMs ??= startMs;
    if (startMs < openMs) {
      throw new UsageError(
        `${place}: slice_start is before that of the line above; sort the rows by slice_start.`,
      );
    }
    if ((startMs - openMs) / sliceMs > EMPTY_SLICES_MAX) {
      throw new UsageError(
        `${place}: more than ${EMPTY_SLICES_MAX} empty slices before this line; split the file there.`,
      );
    }
    for (; openMs < startMs; openMs += sliceMs) {
      yield { sliceStartMs: openMs, rows };
      rows = new Map();
    }
    if (rows.has(row.segment)) {
      throw new UsageError(
        `${place}: segment "${row.segment}" has a second row for this slice; give one.`,
      );
    }
    rows.set(row.segment, row);
  }
  if (openMs === undefined)
    throw new UsageError(`${path} has no rows: give NDJSON of slice statistics.`);
  yield { sliceStartMs: openMs, rows };
}

async function* rowsOf(path: string): AsyncGenerator<PlacedRow> {
  const input = createReadStream(path);
  let number = 0;
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      if (line.trim() === "") continue;
      const place = `${path}:${number}`;
      yield { row: readRow(line, place), place };
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function readRow(line: string, place: string): SliceStatistics {
  const fields = objectOf(line, place);
  const { segment, slice_start: start, bid_count: bidCount } = fields;
  if (typeof segment !== "string" || segment === "") {
    throw new UsageError(`${place}: segment is missing; give its name as text.`);
  }
  const time = readTimestamp(String(start));
  if (typeof time !== "number") {
    throw new UsageError(
      `${place}: slice_start "${String(start)}" is no time; use RFC 3339 or epoch seconds.`,
    );
  }
  const row: Record<string, number | string> = {
    segment,
    sliceStartMs: time / 1000,
    bidCount: numberOf(bidCount, "bid_count", place) ?? missing("bid_count", place),
  };
  for (const [name, into] of Object.entries(FIELDS)) {
    const value = numberOf(fields[name], name, place);
    if (value !== undefined) row[into] = value;
  }
  return row as SliceStatistics; // every field that it requires was set above
}

function objectOf(line: string, place: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    throw new UsageError(`${place}: no JSON (${messageOf(error)}); give one object a line.`, {
      cause: error,
    });
  }
  throw new UsageError(`${place}: no JSON object; give one a line.`);
}

/** A number of 0 or more; undefined where it is absent or null. */
function numberOf(value: unknown, name: string, place: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !(number >= 0) || !Number.isFinite(number)) {
    throw new UsageError(`${place}: ${name} ${JSON.stringify(value)} is no number of 0 or more.`);
  }
  return number;
}

function missing(name: string, place: string): never {
  throw new UsageError(`${place}: ${name} is missing.`);
}
