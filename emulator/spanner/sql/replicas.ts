import type { DatabaseState } from "../database-state.ts";
import { SqlReplica } from "./replica.ts";

/** The SQL replica of each database, made at its first query that needs one. */
export class SqlReplicas {
  readonly #replicas = new Map<DatabaseState, SqlReplica>();

  of(state: DatabaseState): SqlReplica {
    const existing = this.#replicas.get(state);
    if (existing !== undefined) return existing;
    const replica = new SqlReplica();
    this.#replicas.set(state, replica);
    return replica;
  }

  async close(): Promise<void> {
    for (const replica of this.#replicas.values()) await replica.close();
  }
}
