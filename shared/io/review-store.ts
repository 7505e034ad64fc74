import { type Database, Spanner, type Transaction } from "@google-cloud/spanner";
import {
  decideReview,
  type ReviewAction,
  type ReviewRefusal,
  type ReviewRequest,
} from "../core/review/decide-review.ts";
import type { FlagRecord } from "../core/review/flag-record.ts";
import { flagColumns, flagRecordOf, reviewColumns } from "./flag-rows.ts";
import { classified } from "./grpc-status.ts";
import { transact } from "./transact.ts";

/** What a reviewer's request came to. `record` is the flag as it stands after. */
export type ReviewResult =
  | { readonly kind: "changed"; readonly record: FlagRecord }
  | {
      readonly kind: "refused";
      readonly why: ReviewRefusal | "changedSince";
      readonly says: string;
    }
  | { readonly kind: "unknownFlag" };

/** One line of a flag's history. */
export interface FlagHistoryEntry {
  readonly version: number;
  readonly actor: string;
  readonly action: ReviewAction | "open" | "close";
  readonly reason: string;
  readonly atMs: number;
}

/** The review of flags, in the `ledger` database. */
export class ReviewStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Carries out a reviewer's request at `nowMs` in one transaction: the flag, its history, and what the
   * baseline has to learn. `seenVersion`: the version that the reviewer looked at; where the flag's review
   * is another since, the request is refused. undefined: whatever stands.
   */
  review(
    flagId: string,
    request: ReviewRequest,
    options: { readonly nowMs: number; readonly seenVersion?: number | undefined },
  ): Promise<ReviewResult> {
    return transact(this.#database, `${request.action} a flag`, (tx) =>
      reviewIn(tx, flagId, { ...options, request }),
    );
  }

  /** Everything that was done to a flag, in order. */
  async history(flagId: string): Promise<FlagHistoryEntry[]> {
    const [rows] = await this.#database
      .table("FlagHistory")
      .read({
        columns: ["version", "actor", "action", "reason", "committed_at"],
        ranges: [{ startClosed: [flagId], endClosed: [flagId] }],
        json: true,
      })
      .catch((error: unknown) => {
        throw classified(error, "read a flag's history");
      });
    // The DDL promises these columns; the client types a row as an open record.
    return (rows as (Omit<FlagHistoryEntry, "atMs"> & { committed_at: Date })[]).map(
      ({ version, actor, action, reason, committed_at: at }) => ({
        version,
        actor,
        action,
        reason,
        atMs: at.getTime(),
      }),
    );
  }
}

async function reviewIn(
  tx: Transaction,
  flagId: string,
  options: {
    readonly request: ReviewRequest;
    readonly nowMs: number;
    readonly seenVersion?: number | undefined;
  },
): Promise<ReviewResult> {
  const { request, nowMs, seenVersion } = options;
  const [rows] = await tx.read("Flags", { columns: flagColumns, keys: [flagId], json: true });
  const [row] = rows;
  if (row === undefined) return { kind: "unknownFlag" };
  const record = flagRecordOf(row);
  const { kind: _, ...decision } = decideReview(record.review, request, nowMs);
  if ("why" in decision) return { kind: "refused", ...decision };
  if (seenVersion !== undefined && (await isReviewedSince(tx, flagId, seenVersion))) {
    const says = "somebody else has acted on the flag since you saw it: look again";
    return { kind: "refused", why: "changedSince", says };
  }
  const version = record.version + 1;
  tx.update("Flags", {
    flag_id: flagId,
    ...reviewColumns(decision.review),
    version,
    publish_shard: record.shard,
    committed_at: Spanner.COMMIT_TIMESTAMP,
  });
  tx.insert("FlagHistory", {
    flag_id: flagId,
    version,
    actor: request.who,
    action: request.action,
    reason: request.reason,
    committed_at: Spanner.COMMIT_TIMESTAMP,
  });
  if (decision.task !== undefined) {
    const decided = { decision: decision.task, committed_at: Spanner.COMMIT_TIMESTAMP };
    tx.insert("BaselineTasks", { shard: record.shard, flag_id: flagId, version, ...decided });
  }
  return { kind: "changed", record: { ...record, version, review: decision.review } };
}

/** A span that grows is no reason to look again; another person's act is. */
async function isReviewedSince(
  tx: Transaction,
  flagId: string,
  seenVersion: number,
): Promise<boolean> {
  const [rows] = await tx.read("FlagHistory", {
    columns: ["version", "action"],
    ranges: [{ startOpen: [flagId, `${seenVersion}`], endClosed: [flagId] }],
    json: true,
  });
  // The DDL promises these columns.
  return (rows as { action: string }[]).some(({ action }) => !["open", "close"].includes(action));
}
