import { type Database, Spanner } from "@google-cloud/spanner";
import { decodeSketches } from "../core/segment/sketch-codec.ts";
import type { RegionProgress } from "../core/watch/closed-slices.ts";
import type { BundlePart } from "../core/watch/slice-rows.ts";
import { classified } from "./grpc-status.ts";

/** Slices of one shard, `[fromMs, untilMs)`. */
export interface SliceRange {
  readonly shard: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What the window workers of every region have counted by segment. */
export class SegmentSlices {
  readonly #regions: ReadonlyMap<string, Database>;

  /** `regions`: each region's `counts` database. */
  constructor(regions: ReadonlyMap<string, Database>) {
    this.#regions = regions;
  }

  /** How far every region has counted that ever posted its watermark. */
  async progress(): Promise<RegionProgress[]> {
    const found = await Promise.all(
      [...this.#regions].map(async ([region, database]) => {
        const [rows] = await database
          .table("RegionWatermarks")
          .read({ columns: ["watermark", "posted_at"], keys: [region], json: true })
          .catch(rethrown("read a region's watermark"));
        // The DDL promises these two columns; the client types a row as an open record.
        const [row] = rows as { watermark: Date; posted_at: Date }[];
        if (row === undefined) return [];
        // Times are cut to the millisecond; the next one is after the post.
        const readAtMs = row.posted_at.getTime() + 1;
        return [{ region, watermarkMs: row.watermark.getTime(), readAtMs }];
      }),
    );
    return found.flat();
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

  /** The start of the first and the last slice that any region holds; undefined where none holds any. */
  async extent(shards: number): Promise<{ firstMs: number; lastMs: number } | undefined> {
    const reads = [...this.#regions.values()].flatMap((database) =>
      Array.from({ length: shards }, (_, shard) => this.#extentOf(database, shard)),
    );
    const found = (await Promise.all(reads)).flat();
    if (found.length === 0) return undefined;
    return { firstMs: Math.min(...found), lastMs: Math.max(...found) };
  }

  async #extentOf(database: Database, shard: number): Promise<number[]> {
    const sql = `SELECT MIN(slice_start) AS first, MAX(slice_start) AS last
      FROM SegmentSlices WHERE shard = @shard`;
    const [rows] = await database
      .run({ sql, params: { shard }, types: { shard: "int64" }, json: true })
      .catch(rethrown("read the extent of segment slices"));
    // As above; both are NULL of an empty shard.
    const [row] = rows as { first: Date | null; last: Date | null }[];
    return [row?.first, row?.last].flatMap((time) => (time ? [time.getTime()] : []));
  }

  #database(region: string): Database {
    const database = this.#regions.get(region);
    if (database === undefined) throw new RangeError(`there is no region ${region}`);
    return database;
  }
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function rethrown(doing: string): (error: unknown) => never {
  return (error) => {
    throw classified(error, doing);
  };
}
