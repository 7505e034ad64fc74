/** A shard as its row says. `leaseUntilMs` 0: nobody holds it. */
export type ShardLease = {
  readonly shard: number;
  readonly holder: string;
  readonly leaseUntilMs: number;
};

export type LeaseMoves = {
  readonly acquire: readonly number[];
  readonly release: readonly number[];
};

/**
 * What one detector does about the shards: it holds up to its fair share, gives back what is above it and
 * takes what nobody holds. The first ones it meets depend on its rank, so that two rarely reach for one.
 */
export function shareShards(
  leases: readonly ShardLease[],
  alive: readonly string[],
  { self, nowMs }: { readonly self: string; readonly nowMs: number },
): LeaseMoves {
  const everybody = [...new Set([...alive, self])].toSorted();
  const rank = everybody.indexOf(self);
  const rest = leases.length % everybody.length;
  const share = Math.floor(leases.length / everybody.length) + (rank < rest ? 1 : 0);
  const isHeld = ({ leaseUntilMs }: ShardLease): boolean => leaseUntilMs > nowMs;
  const mine = leases.filter((lease) => lease.holder === self && isHeld(lease));
  const free = leases.filter((lease) => !isHeld(lease)).map(({ shard }) => shard);
  const from = free.length === 0 ? 0 : (rank * share) % free.length;
  const inOrder = [...free.slice(from), ...free.slice(0, from)];
  return {
    acquire: inOrder.slice(0, Math.max(0, share - mine.length)),
    release: mine.slice(share).map(({ shard }) => shard),
  };
}
