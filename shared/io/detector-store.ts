import { type Database, Spanner, type Transaction } from "@google-cloud/spanner";
import type { FlagEvent, FlagTrack } from "../core/detector/flag-track.ts";
import type { FleetSummary } from "../core/detector/fleet.ts";
import { flagIdOf } from "../core/review/flag-record.ts";
import type { SliceInputs } from "../core/watch/closed-slices.ts";
import type { BaselineTask } from "../core/watch/learn-review.ts";
import type { ReviewedSpans } from "../core/watch/reviewed-spans.ts";
import type { ShardProgress, StoredSegment } from "../core/watch/shard-watch.ts";
import { reviewColumns, spanColumns } from "./flag-rows.ts";
import { classified } from "./grpc-status.ts";
import { checkToken, type HeldShard } from "./shard-leases.ts";
import { transact } from "./transact.ts";

/** What one shard says of the fleet in one slice, and what it was read from. */
export interface ShardSummary {
  readonly shard: number;
  readonly sliceStartMs: number;
  readonly summary: FleetSummary;
  readonly inputs: SliceInputs;
}

/** The detector's own name in a flag's history. */
export const DETECTOR_ACTOR = "detector";

/** Baselines, summaries and flags in the `ledger` database. */
export class DetectorStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Every segment of a shard, in the order of their names. */
  async segments(shard: number): Promise<StoredSegment[]> {
    const columns = ["segment", "baseline", "users", "track", "snapshot", "snapshot_slice"];
    const rows = await this.#read("SegmentBaselines", [...columns, "reviewed"], [of(shard)]);
    // The DDL promises these columns; `track` and `reviewed` are what `commit` wrote.
    return (rows as SegmentRow[]).map((row) => ({
      segment: row.segment,
      baseline: row.baseline,
      users: row.users,
      track: { ...row.track, raisedSinceMs: row.track.raisedSinceMs, open: row.track.open },
      snapshot: row.snapshot,
      snapshotSliceMs: row.snapshot_slice.getTime(),
      reviewed: row.reviewed,
    }));
  }

  /** The summaries of some shards in `[fromMs, untilMs)`. */
  async summaries(
    shards: readonly number[],
    fromMs: number,
    untilMs: number,
  ): Promise<ShardSummary[]> {
    if (shards.length === 0 || untilMs <= fromMs) return [];
    const ranges = shards.map((shard) => ({
      startClosed: [`${shard}`, iso(fromMs)],
      endOpen: [`${shard}`, iso(untilMs)],
    }));
    const columns = ["shard", "slice_start", "segments", "squared_rises", "inputs"];
    const rows = await this.#read("FleetSummaries", columns, ranges);
    // As above.
    return (rows as SummaryRow[]).map((row) => ({
      shard: row.shard,
      sliceStartMs: row.slice_start.getTime(),
      summary: { segments: row.segments, squaredRises: row.squared_rises },
      inputs: row.inputs,
    }));
  }

  /** What reviewers decided that the shard's baselines have not learned, oldest version first. */
  async tasks(shard: number): Promise<BaselineTask[]> {
    const columns = ["flag_id", "version", "decision"];
    const rows = await this.#read("BaselineTasks", columns, [of(shard)]);
    // As above.
    const tasks = (rows as TaskRow[]).map(({ flag_id: flagId, version, decision }) => ({
      flagId,
      segment: flagId.slice(0, flagId.lastIndexOf("@")),
      version,
      decision,
    }));
    return tasks.sort((one, other) => one.version - other.version);
  }

  /** Inserts summaries under our leases. Throws LeaseLostError where one is not ours. */
  async insertSummaries(
    held: readonly HeldShard[],
    summaries: readonly ShardSummary[],
  ): Promise<void> {
    if (summaries.length === 0) return;
    await transact(this.#database, "insert fleet summaries", async (tx) => {
      for (const each of held) await checkToken(tx, each);
      tx.insert(
        "FleetSummaries",
        summaries.map(({ shard, sliceStartMs, summary, inputs }) => ({
          shard,
          slice_start: iso(sliceStartMs),
          segments: summary.segments,
          squared_rises: Spanner.float(summary.squaredRises),
          inputs: JSON.stringify(inputs),
          committed_at: Spanner.COMMIT_TIMESTAMP,
        })),
      );
    });
  }

  /**
   * Commits what a shard has judged: baselines, flags and their history, tasks learned, and how far it is.
   * Throws LeaseLostError where the shard is not ours: nothing was committed.
   */
  async commit(
    held: HeldShard,
    progress: ShardProgress,
    learned: readonly BaselineTask[],
  ): Promise<void> {
    const { shard } = held;
    await transact(this.#database, `commit shard ${shard}`, async (tx) => {
      await checkToken(tx, held);
      await writeFlags(tx, shard, progress.events);
      for (const segment of progress.segments) {
        const row = segmentRow(shard, segment);
        // An upsert has to name every column that may not be NULL, also where the row exists.
        if (segment.snapshot === undefined) tx.update("SegmentBaselines", row);
        else tx.upsert("SegmentBaselines", row);
      }
      for (const { flagId, version } of learned) {
        tx.deleteRows("BaselineTasks", [[`${shard}`, flagId, `${version}`]]);
      }
      tx.update("DetectorShards", {
        shard,
        next_slice: iso(progress.nextSliceMs),
        fleet: Buffer.from(progress.fleet),
        committed_at: Spanner.COMMIT_TIMESTAMP,
      });
    });
  }

  async #read(table: string, columns: string[], ranges: object[]): Promise<object[]> {
    try {
      const [rows] = await this.#database.table(table).read({ columns, ranges, json: true });
      return rows;
    } catch (error) {
      throw classified(error, `read ${table}`);
    }
  }
}

interface SegmentRow {
  readonly segment: string;
  readonly baseline: Uint8Array;
  readonly users: Uint8Array;
  readonly track: FlagTrack;
  readonly snapshot: Uint8Array;
  readonly snapshot_slice: Date;
  readonly reviewed: ReviewedSpans;
}

interface SummaryRow {
  readonly shard: number;
  readonly slice_start: Date;
  readonly segments: number;
  readonly squared_rises: number;
  readonly inputs: SliceInputs;
}

interface TaskRow {
  readonly flag_id: string;
  readonly version: number;
  readonly decision: BaselineTask["decision"];
}

/** The range of all rows of a shard. */
function of(shard: number): object {
  return { startClosed: [`${shard}`], endClosed: [`${shard}`] };
}

function segmentRow(shard: number, stored: StoredSegment): Record<string, unknown> {
  const { segment, baseline, users, track, snapshot, snapshotSliceMs, reviewed } = stored;
  return {
    shard,
    segment,
    baseline: Buffer.from(baseline),
    users: Buffer.from(users),
    track: JSON.stringify(track),
    snapshot_slice: iso(snapshotSliceMs),
    reviewed: JSON.stringify(reviewed),
    committed_at: Spanner.COMMIT_TIMESTAMP,
    ...(snapshot === undefined ? {} : { snapshot: Buffer.from(snapshot) }),
  };
}

/** Every event raises its flag's version by one, so that versions do not hang on what a commit holds. */
async function writeFlags(
  tx: Transaction,
  shard: number,
  events: readonly FlagEvent[],
): Promise<void> {
  const byFlag = Map.groupBy(events, ({ flag }) => flagIdOf(flag));
  if (byFlag.size === 0) return;
  const keys = [...byFlag.keys()];
  const [rows] = await tx.read("Flags", { columns: ["flag_id", "version"], keys, json: true });
  // The DDL promises these columns.
  const stored = rows as { flag_id: string; version: number }[];
  const versions = new Map(stored.map(({ flag_id: flagId, version }) => [flagId, version]));
  for (const [flagId, of] of byFlag) {
    const before = versions.get(flagId) ?? 0;
    const last = of.at(-1);
    if (last === undefined) continue;
    const row = {
      flag_id: flagId,
      shard,
      ...spanColumns(last.flag, last.kind === "close"),
      version: before + of.length,
      publish_shard: shard,
      committed_at: Spanner.COMMIT_TIMESTAMP,
    };
    if (before > 0) tx.update("Flags", row);
    else tx.insert("Flags", { ...row, ...reviewColumns({ state: "open" }) });
    const told = of.flatMap(({ kind, flag }, index) =>
      kind === "extend" ? [] : [{ kind, flag, version: before + index + 1 }],
    );
    if (told.length > 0)
      tx.insert(
        "FlagHistory",
        told.map((each) => historyRow(flagId, each)),
      );
  }
}

function historyRow(
  flagId: string,
  { kind, flag, version }: FlagEvent & { readonly version: number },
): object {
  return {
    flag_id: flagId,
    version,
    actor: DETECTOR_ACTOR,
    action: kind,
    reason: flag.reasons.map(({ code }) => code).join(", "),
    committed_at: Spanner.COMMIT_TIMESTAMP,
  };
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
