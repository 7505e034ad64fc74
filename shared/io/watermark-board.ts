import { type Database, Spanner } from "@google-cloud/spanner";
import type { PostedWatermark } from "../core/window/region-state.ts";
import {
  type KeyProgress,
  type RegionWatermark,
  regionWatermarkOf,
} from "../core/window/watermark.ts";
import { classified } from "./grpc-status.ts";

/** The watermarks that workers post, in a region's `counts` database. */
export class WatermarkBoard {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Posts keys of a subscription with their watermarks in milliseconds. */
  async post(subscription: string, keys: readonly [string, number][]): Promise<void> {
    if (keys.length === 0) return;
    const rows = keys.map(([key, watermarkMs]) => ({
      subscription,
      ordering_key: key,
      watermark: new Date(watermarkMs).toISOString(),
      posted_at: Spanner.COMMIT_TIMESTAMP,
    }));
    await this.#classify("post watermarks", this.#database.table("KeyWatermarks").upsert(rows));
  }

  /** The progress of every key that any worker posted for the subscription. */
  async keys(subscription: string): Promise<Map<string, KeyProgress>> {
    const [rows] = await this.#classify(
      "read watermarks",
      this.#database.table("KeyWatermarks").read({
        columns: ["ordering_key", "watermark", "posted_at"],
        ranges: [{ startClosed: [subscription], endClosed: [subscription] }],
        json: true,
      }),
    );
    // The DDL promises these three columns; the client types a row as an open record.
    const posted = rows as { ordering_key: string; watermark: Date; posted_at: Date }[];
    return new Map(
      posted.map(({ ordering_key: key, watermark, posted_at: postedAt }) => [
        key,
        { watermarkMs: watermark.getTime(), lastSeenMs: postedAt.getTime() },
      ]),
    );
  }

  /** The region's watermark as it was last posted; undefined before the first post. */
  async region(region: string): Promise<PostedWatermark | undefined> {
    const [rows] = await this.#classify(
      "read the region's watermark",
      this.#database.table("RegionWatermarks").read({
        columns: ["watermark", "held_by", "active_keys", "posted_at"],
        keys: [region],
        json: true,
      }),
    );
    // The DDL promises these four columns; the client types a row as an open record.
    const [row] = rows as {
      watermark: Date;
      held_by: string;
      active_keys: number;
      posted_at: Date;
    }[];
    if (row === undefined) return undefined;
    return {
      watermarkMs: row.watermark.getTime(),
      heldBy: row.held_by,
      activeKeys: row.active_keys,
      postedAtMs: row.posted_at.getTime(),
    };
  }

  /**
   * Moves the region's watermark up to `reached`, never back. Returns where it stands then, in ms;
   * -Infinity where it stands nowhere yet.
   */
  async raise(region: string, reached: RegionWatermark): Promise<number> {
    const transaction = this.#database.runTransactionAsync(async (tx) => {
      const [rows] = await tx.read("RegionWatermarks", {
        columns: ["watermark"],
        keys: [region],
        json: true,
      });
      const [row] = rows as { watermark: Date }[];
      const watermarkMs = Math.max(
        reached.watermarkMs,
        row?.watermark.getTime() ?? reached.watermarkMs,
      );
      if (watermarkMs === Number.NEGATIVE_INFINITY) {
        await tx.rollback();
        return watermarkMs;
      }
      tx.upsert("RegionWatermarks", {
        region,
        watermark: new Date(watermarkMs).toISOString(),
        held_by: reached.heldBy,
        active_keys: reached.activeKeys,
        posted_at: Spanner.COMMIT_TIMESTAMP,
      });
      await tx.commit();
      return watermarkMs;
    });
    return await this.#classify("raise the region's watermark", transaction);
  }

  /** Computes the region's watermark from all posted keys, and raises it; undefined before there is one. */
  async advance(
    place: { readonly region: string; readonly subscription: string },
    options: { readonly nowMs: number; readonly hasBacklog: boolean },
  ): Promise<RegionWatermark | undefined> {
    const keys = await this.keys(place.subscription);
    if (keys.size === 0) return undefined;
    const reached = regionWatermarkOf(keys, options);
    const watermarkMs = await this.raise(place.region, reached);
    return watermarkMs === Number.NEGATIVE_INFINITY ? undefined : { ...reached, watermarkMs };
  }

  async #classify<Result>(doing: string, work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      throw classified(error, doing);
    }
  }
}
