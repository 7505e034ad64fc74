import type { Database } from "@google-cloud/spanner";
import { status } from "@grpc/grpc-js";
import type { SegmentRow } from "../core/segment/segment-collector.ts";
import type { LogInsert, LogRevision } from "../core/window/auction-states.ts";
import { COMMIT_TIMESTAMP } from "../wire/commit-request.ts";
import type { BlindCommits } from "./blind-commits.ts";
import { classified, grpcCodeOf } from "./grpc-status.ts";

const TABLE = "AuctionLog";

/** The auction log in a region's `counts` database, and the segment statistics committed with it. */
export class AuctionLog {
  readonly #database: Database;
  readonly #commits: BlindCommits;
  readonly #newBundleId: () => string;

  /** `newBundleId`: a random id a commit, at most 36 characters. */
  constructor(database: Database, commits: BlindCommits, newBundleId: () => string) {
    this.#database = database;
    this.#commits = commits;
    this.#newBundleId = newBundleId;
  }

  /**
   * Inserts revisions, and the statistics of what they add, in one atomic commit. `raced`: one of the
   * revisions exists, by another worker's hand or by this very commit, whose reply was lost; nothing of
   * it was applied, and the log says which. Throws RetryableError where the outcome is unknown or the
   * database out of reach.
   */
  async insert(
    inserts: readonly LogInsert[],
    segments: readonly SegmentRow[],
  ): Promise<"inserted" | "raced"> {
    const bundleId = this.#newBundleId();
    try {
      await this.#commits.insert([
        {
          table: TABLE,
          columns: ["auction_id", "revision", "is_checkpoint", "bids", "committed_at"],
          rows: inserts.map(({ auctionId, revision, isCheckpoint, bids }) => [
            auctionId,
            revision,
            isCheckpoint,
            bids,
            COMMIT_TIMESTAMP,
          ]),
        },
        {
          table: "SegmentSlices",
          columns: ["shard", "slice_start", "bundle_id", "statistics", "committed_at"],
          rows: segments.map(({ shard, sliceStartMs, statistics }) => [
            shard,
            new Date(sliceStartMs).toISOString(),
            bundleId,
            statistics,
            COMMIT_TIMESTAMP,
          ]),
        },
      ]);
      return "inserted";
    } catch (error) {
      if (grpcCodeOf(error) === status.ALREADY_EXISTS) return "raced";
      throw classified(error, `insert ${inserts.length} revisions into ${TABLE}`);
    }
  }

  /** The whole logs of some auctions, revisions in order; an auction without one is absent. */
  async load(auctionIds: readonly string[]): Promise<Map<string, LogRevision[]>> {
    const logs = new Map<string, LogRevision[]>();
    if (auctionIds.length === 0) return logs;
    try {
      const [rows] = await this.#database.table(TABLE).read({
        columns: ["auction_id", "revision", "is_checkpoint", "bids"],
        ranges: auctionIds.map((id) => ({ startClosed: [id], endClosed: [id] })),
        json: true,
      });
      for (const row of rows) {
        const { auction_id: id, revision, is_checkpoint: isCheckpoint, bids } = readRow(row);
        const log = logs.get(id) ?? [];
        log.push({ revision, isCheckpoint, bids });
        logs.set(id, log);
      }
    } catch (error) {
      throw classified(error, `read ${auctionIds.length} logs from ${TABLE}`);
    }
    for (const log of logs.values()) log.sort((a, b) => a.revision - b.revision);
    return logs;
  }
}

interface StoredRow {
  readonly auction_id: string;
  readonly revision: number;
  readonly is_checkpoint: boolean;
  readonly bids: Uint8Array;
}

/** The client types every JSON row as an open record; the DDL promises these four columns. */
function readRow(row: object): StoredRow {
  return row as StoredRow;
}
