import { type Database, Spanner, type Transaction } from "@google-cloud/spanner";
import type { ShardLease } from "../core/watch/share-shards.ts";
import { classified } from "./grpc-status.ts";
import { TransactionRefused, transact } from "./transact.ts";

/** A shard that we hold, as it stood when we took it. */
export interface HeldShard {
  readonly shard: number;
  readonly token: number;
  readonly nextSliceMs: number;
  readonly fleet: Uint8Array;
}

/** Another detector holds the shard: nothing of ours was committed. */
export class LeaseLostError extends TransactionRefused {
  override readonly name = "LeaseLostError";
}

/** Who writes which shard, in the `ledger` database. */
export class ShardLeases {
  readonly #database: Database;
  readonly #self: string;

  /** `self`: this detector, told from every other run of any. */
  constructor(database: Database, self: string) {
    this.#database = database;
    this.#self = self;
  }

  /** Creates the shards, all at one slice, unless they exist. */
  async create(shards: number, nextSliceMs: number, fleet: Uint8Array): Promise<void> {
    await transact(this.#database, "create the shards", async (tx) => {
      const [rows] = await tx.read("DetectorShards", { columns: ["shard"], ranges: [everything] });
      if (rows.length > 0) return;
      tx.insert(
        "DetectorShards",
        Array.from({ length: shards }, (_, shard) => ({
          shard,
          holder: "",
          fencing_token: 0,
          lease_until: new Date(0).toISOString(),
          next_slice: new Date(nextSliceMs).toISOString(),
          fleet: Buffer.from(fleet),
          committed_at: Spanner.COMMIT_TIMESTAMP,
        })),
      );
    });
  }

  /** Says that we live until `aliveUntilMs`; returns everybody who does at `nowMs`, and all leases. */
  async meet(
    aliveUntilMs: number,
    nowMs: number,
  ): Promise<{ readonly alive: string[]; readonly leases: ShardLease[] }> {
    const row = { detector: this.#self, alive_until: new Date(aliveUntilMs).toISOString() };
    await this.#database.table("Detectors").upsert(row).catch(rethrown);
    const [detectors] = await this.#database
      .table("Detectors")
      .read({ columns: ["detector", "alive_until"], ranges: [everything], json: true })
      .catch(rethrown);
    const columns = ["shard", "holder", "lease_until"];
    const [shards] = await this.#database
      .table("DetectorShards")
      .read({ columns, ranges: [everything], json: true })
      .catch(rethrown);
    // The DDL promises these columns; the client types rows as open records.
    const living = detectors as { detector: string; alive_until: Date }[];
    const held = shards as { shard: number; holder: string; lease_until: Date }[];
    return {
      alive: living
        .filter(({ alive_until: until }) => until.getTime() > nowMs)
        .map(({ detector }) => detector),
      leases: held.map(({ shard, holder, lease_until: until }) => ({
        shard,
        holder,
        leaseUntilMs: until.getTime(),
      })),
    };
  }

  /** Takes a shard that nobody holds at `nowMs`; undefined where somebody was faster. */
  acquire(shard: number, untilMs: number, nowMs: number): Promise<HeldShard | undefined> {
    return transact(this.#database, "take a shard", async (tx) => {
      const row = await readShard(tx, shard);
      if (row === undefined || row.lease_until.getTime() > nowMs) return undefined;
      const token = row.fencing_token + 1;
      tx.update("DetectorShards", {
        shard,
        holder: this.#self,
        fencing_token: token,
        lease_until: new Date(untilMs).toISOString(),
        committed_at: Spanner.COMMIT_TIMESTAMP,
      });
      return { shard, token, nextSliceMs: row.next_slice.getTime(), fleet: row.fleet };
    });
  }

  /** Holds shards until `untilMs`; a time that has passed gives them back. Returns those that are lost. */
  hold(held: readonly HeldShard[], untilMs: number): Promise<number[]> {
    return transact(this.#database, "renew leases", async (tx) => {
      const lost: number[] = [];
      for (const { shard, token } of held) {
        const row = await readShard(tx, shard);
        if (row?.fencing_token !== token) lost.push(shard);
        else {
          tx.update("DetectorShards", {
            shard,
            lease_until: new Date(untilMs).toISOString(),
            committed_at: Spanner.COMMIT_TIMESTAMP,
          });
        }
      }
      return lost;
    });
  }
}

/** Fails the transaction with LeaseLostError unless the shard is still held under the token. */
export async function checkToken(
  tx: Transaction,
  { shard, token }: Pick<HeldShard, "shard" | "token">,
): Promise<void> {
  const row = await readShard(tx, shard);
  if (row?.fencing_token !== token) {
    throw new LeaseLostError(`shard ${shard} is held under token ${row?.fencing_token}`);
  }
}

/** A range of all keys. */
const everything = { startClosed: [], endClosed: [] };

interface ShardRow {
  readonly fencing_token: number;
  readonly lease_until: Date;
  readonly next_slice: Date;
  readonly fleet: Uint8Array;
}

async function readShard(tx: Transaction, shard: number): Promise<ShardRow | undefined> {
  const columns = ["fencing_token", "lease_until", "next_slice", "fleet"];
  const [rows] = await tx.read("DetectorShards", { columns, keys: [`${shard}`], json: true });
  // The DDL promises these columns.
  return (rows as ShardRow[])[0];
}

function rethrown(error: unknown): never {
  throw classified(error, "read leases");
}
