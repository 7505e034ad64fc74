import { type Database, Spanner } from "@google-cloud/spanner";
import { RetryableError } from "../core/errors.ts";
import { decodeSketches } from "../core/segment/sketch-codec.ts";
import type { RegionProgress } from "../core/watch/closed-slices.ts";
import type { BundlePart } from "../core/watch/slice-rows.ts";
import { newestSeenMs } from "../core/window/watermark.ts";
import { type RegionName, subscriptionOf } from "../names.ts";
import { classified } from "./grpc-status.ts";
import type { Clock } from "./ports.ts";
import { WatermarkBoard } from "./watermark-board.ts";

/** Slices of one shard, `[fromMs, untilMs)`. */
export interface SliceRange {
  readonly shard: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** So long a region's database is given to say how far it has counted. The client itself tries for 30 s. */
const PATIENCE_MS = 2000;

/** What the window workers of every region have counted by segment. */
export class SegmentSlices {
  readonly #regions: ReadonlyMap<RegionName, Database>;
  readonly #clock: Clock;
  /** Reads of regions' progress that are under way. */
  readonly #readings = new Map<RegionName, Promise<RegionProgress[]>>();

  /** `regions`: each region's `counts` database. */
  constructor(regions: ReadonlyMap<RegionName, Database>, clock: Clock) {
    this.#regions = regions;
    this.#clock = clock;
  }

  /**
   * How far every region has counted that ever counted anything. One whose database does not answer has
   * no watermark: its slices can be neither told nor read.
   */
  async progress(): Promise<RegionProgress[]> {
    const isDone = new AbortController();
    const patience = this.#clock.sleep(PATIENCE_MS, isDone.signal);
    const found = [...this.#regions.keys()].map((region) =>
      Promise.race([this.#reading(region), patience.then(() => [unanswering(region)])]),
    );
    return (await Promise.all(found).finally(() => isDone.abort())).flat();
  }

  #reading(region: RegionName): Promise<RegionProgress[]> {
    const underWay = this.#readings.get(region);
    if (underWay !== undefined) return underWay;
    const reading = progressOf(region, this.#database(region)).finally(() =>
      this.#readings.delete(region),
    );
    this.#readings.set(region, reading);
    return reading;
  }

  /** Reads ranges of one region as they stood at `readAtMs`, by shard. */
  async read(
    region: string,
    ranges: readonly SliceRange[],
    readAtMs: number,
  ): Promise<Map<number, BundlePart[]>> {
    const parts = new Map<number, BundlePart[]>();
    const query = {
      columns: ["shard", "slice_start", "statistics"],
      ranges: ranges.map(({ shard, fromMs, untilMs }) => ({
        startClosed: [shard, iso(fromMs)],
        endOpen: [shard, iso(untilMs)],
      })),
      json: true,
    };
    const readTimestamp = Spanner.timestamp(iso(readAtMs));
    const [rows] = await this.#database(region)
      .table("SegmentSlices")
      .read(query, { readTimestamp })
      .catch(rethrown(`read segment slices of ${region}`));
    // As above.
    for (const row of rows as { shard: number; slice_start: Date; statistics: Uint8Array }[]) {
      const of = parts.get(row.shard) ?? [];
      parts.set(row.shard, of);
      const sketches = decodeSketches(row.statistics);
      of.push({ sliceStartMs: row.slice_start.getTime(), sketches });
    }
    return parts;
  }

  /**
   * The start of the first and the last slice that any region holds; undefined where none holds any. A
   * region whose database does not answer holds none.
   */
  async extent(shards: number): Promise<{ firstMs: number; lastMs: number } | undefined> {
    const reads = [...this.#regions.values()].flatMap((database) =>
      Array.from({ length: shards }, (_, shard) => extentOf(database, shard)),
    );
    const found = (await Promise.all(reads)).flat();
    if (found.length === 0) return undefined;
    return { firstMs: Math.min(...found), lastMs: Math.max(...found) };
  }

  #database(region: string): Database {
    const byName: ReadonlyMap<string, Database> = this.#regions;
    const database = byName.get(region);
    if (database === undefined) throw new RangeError(`there is no region ${region}`);
    return database;
  }
}

async function progressOf(region: RegionName, database: Database): Promise<RegionProgress[]> {
  const board = new WatermarkBoard(database);
  const read = Promise.all([
    board.region(region),
    board.keys(subscriptionOf("window", region).name),
  ]);
  const found = await unlessAway(read);
  if (found === undefined) return [unanswering(region)];
  const [posted, keys] = found;
  if (posted === undefined && keys.size === 0) return [];
  const countedAtMs = newestSeenMs(keys);
  if (posted === undefined) return [{ ...unanswering(region), countedAtMs }];
  const { watermarkMs, postedAtMs } = posted;
  // Times are cut to the millisecond; the next one is after the post.
  return [{ region, watermarkMs, countedAtMs, readAtMs: postedAtMs + 1 }];
}

async function extentOf(database: Database, shard: number): Promise<number[]> {
  const sql = `SELECT MIN(slice_start) AS first, MAX(slice_start) AS last
    FROM SegmentSlices WHERE shard = @shard`;
  const read = database
    .run({ sql, params: { shard }, types: { shard: "int64" }, json: true })
    .catch(rethrown("read the extent of segment slices"));
  const [rows] = (await unlessAway(read)) ?? [[]];
  // As above; both are NULL of an empty shard.
  const [row] = rows as { first: Date | null; last: Date | null }[];
  return [row?.first, row?.last].flatMap((time) => (time ? [time.getTime()] : []));
}

/** What a region's database says; undefined where it does not answer. */
async function unlessAway<Result>(read: Promise<Result>): Promise<Result | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof RetryableError) return undefined;
    throw error;
  }
}

function unanswering(region: string): RegionProgress {
  const never = Number.NEGATIVE_INFINITY;
  return { region, watermarkMs: never, countedAtMs: never, readAtMs: 0 };
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function rethrown(doing: string): (error: unknown) => never {
  return (error) => {
    throw classified(error, doing);
  };
}
