import type { DatabaseState } from "../database-state.ts";
import type { SqlReplica } from "./replica.ts";

/** The SQL replica of each database, made at its first query that needs one. DuckDB is loaded with the first. */
export class SqlReplicas {
  readonly #replicas = new Map<DatabaseState, Promise<SqlReplica>>();

  of(state: DatabaseState): Promise<SqlReplica> {
    const replica = this.#replicas.get(state) ?? createReplica();
    this.#replicas.set(state, replica);
    return replica;
  }

  async close(): Promise<void> {
    for (const replica of this.#replicas.values()) await (await replica).close();
  }
}

async function createReplica(): Promise<SqlReplica> {
  const { SqlReplica } = await import("./replica.ts");
  return new SqlReplica();
}
