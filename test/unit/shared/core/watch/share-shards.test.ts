import { type ShardLease, shareShards } from "../../../../../shared/core/watch/share-shards.ts";

const SHARDS = 8;
const LEASE_MS = 100;

/** Lets detectors that are alive move in turn, some rounds, each seeing what the one before did. */
function settle(leases: ShardLease[], alive: readonly string[], nowMs: number): ShardLease[] {
  let current = leases;
  for (let round = 0; round < 3; round++) {
    for (const self of alive) {
      const { acquire, release } = shareShards(current, alive, { self, nowMs });
      current = current.map((lease) => {
        if (acquire.includes(lease.shard)) {
          return { ...lease, holder: self, leaseUntilMs: nowMs + LEASE_MS };
        }
        return release.includes(lease.shard) ? { ...lease, leaseUntilMs: 0 } : lease;
      });
    }
  }
  return current;
}

function free(): ShardLease[] {
  return Array.from({ length: SHARDS }, (_, shard) => ({ shard, holder: "", leaseUntilMs: 0 }));
}

test.each([1, 2, 3, 5, 8, 11])("D17: %i detectors come to hold every shard, fairly", (count) => {
  const alive = Array.from({ length: count }, (_, index) => `detector-${index}`);
  const held = Map.groupBy(settle(free(), alive, 0), ({ holder }) => holder);
  const sizes = alive.map((name) => held.get(name)?.length ?? 0);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(SHARDS);
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
});

test("D17: shards of a detector that is gone are taken over, and those of a new one given up", () => {
  const alone = settle(free(), ["a"], 0);
  const both = settle(alone, ["a", "b"], 1);
  expect(both.filter(({ holder }) => holder === "b")).toHaveLength(SHARDS / 2);
  const later = settle(both, ["b"], 1 + LEASE_MS);
  expect(later.every(({ holder }) => holder === "b")).toBe(true);
});
