import { type Database, Spanner } from "@google-cloud/spanner";
import { REVIEW_STATES, type Review } from "../core/review/decide-review.ts";
import type { FlagRecord } from "../core/review/flag-record.ts";
import { flagColumns, flagRecordOf } from "./flag-rows.ts";
import { classified } from "./grpc-status.ts";
import { transact } from "./transact.ts";

/** Which flags to list. Absent: any. */
export interface FlagFilter {
  readonly states?: readonly Review["state"][] | undefined;
  readonly severities?: readonly FlagRecord["flag"]["severity"][] | undefined;
  readonly segment?: string | undefined;
  /** At most so many, 1 to 1,000. */
  readonly limit: number;
}

/** Flags as the `ledger` database holds them. */
export class FlagBoard {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Flags, the last detected first. */
  async list(filter: FlagFilter): Promise<FlagRecord[]> {
    const { states = REVIEW_STATES, severities = [], segment = "", limit } = filter;
    const conditions = [
      "review_state IN UNNEST(@states)",
      ...(severities.length === 0 ? [] : ["severity IN UNNEST(@severities)"]),
      ...(segment === "" ? [] : ["segment = @segment"]),
    ];
    const sql = `SELECT ${flagColumns.join(", ")} FROM Flags WHERE ${conditions.join(" AND ")}
      ORDER BY detected_at DESC, flag_id LIMIT @limit`;
    const params = { states: [...states], severities: [...severities], segment, limit };
    const texts = { type: "array", child: "string" };
    const types = { states: texts, severities: texts, segment: "string", limit: "int64" };
    const [rows] = await this.#database
      .run({ sql, params, types, json: true })
      .catch(rethrown("list flags"));
    return rows.map(flagRecordOf);
  }

  async find(flagIds: readonly string[]): Promise<FlagRecord[]> {
    if (flagIds.length === 0) return [];
    const [rows] = await this.#database
      .table("Flags")
      .read({ columns: flagColumns, keys: [...flagIds], json: true })
      .catch(rethrown("read flags"));
    return rows.map(flagRecordOf);
  }

  /** The flags of some shards that have a version which is not published. */
  async unpublished(shards: readonly number[]): Promise<FlagRecord[]> {
    if (shards.length === 0) return [];
    const [rows] = await this.#database
      .table("Flags")
      .read({
        columns: ["flag_id"],
        index: "FlagsToPublish",
        ranges: shards.map((shard) => ({ startClosed: [`${shard}`], endClosed: [`${shard}`] })),
        json: true,
      })
      .catch(rethrown("find flags to publish"));
    // The DDL promises this column; the client types a row as an open record.
    return await this.find((rows as { flag_id: string }[]).map(({ flag_id: flagId }) => flagId));
  }

  /** Notes that these versions are published; a flag that has changed since stays to be published. */
  async confirmPublished(published: readonly FlagRecord[]): Promise<void> {
    const versions = new Map(published.map(({ flagId, version }) => [flagId, version]));
    await transact(this.#database, "note published flags", async (tx) => {
      const columns = ["flag_id", "version"];
      const [rows] = await tx.read("Flags", { columns, keys: [...versions.keys()], json: true });
      // As above.
      for (const { flag_id: flagId, version } of rows as { flag_id: string; version: number }[]) {
        if (versions.get(flagId) !== version) continue;
        const committed = { committed_at: Spanner.COMMIT_TIMESTAMP };
        tx.update("Flags", { flag_id: flagId, publish_shard: null, ...committed });
      }
    });
  }
}

function rethrown(doing: string): (error: unknown) => never {
  return (error) => {
    throw classified(error, doing);
  };
}
