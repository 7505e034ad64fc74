import { DistinctSample } from "../../../../../shared/core/segment/distinct-sample.ts";
import { HOUR_MS, MINUTE_MS } from "../../../../../shared/core/time.ts";
import { Random } from "../../../../../shared/core/traffic/random.ts";
import { RecentUsers } from "../../../../../shared/core/watch/recent-users.ts";

function usersOf(hashes: readonly number[]): DistinctSample<number> {
  const users = new DistinctSample<number>(256, () => 1);
  for (const hash of hashes) users.add(hash, 1);
  return users;
}

function draw(random: Random, count: number, ofUsers: number): number[] {
  return Array.from({ length: count }, () => {
    return Math.imul(random.integer(1, ofUsers), 0x9e_37_79_b1) >>> 0;
  });
}

test("D18: the share of new users is unknown in the first hour, then near the truth", () => {
  const random = new Random(3);
  const recent = new RecentUsers();
  const shares: (number | undefined)[] = [];
  for (let slice = 0; slice < 180; slice++) {
    const known = draw(random, 150, 2000);
    const fresh = Array.from({ length: 50 }, () => Math.floor(random.uniform() * 2 ** 32));
    shares.push(recent.note(100 * HOUR_MS + slice * MINUTE_MS, usersOf([...known, ...fresh])));
  }
  expect(shares.slice(0, 60).every((share) => share === undefined)).toBe(true);
  const told = shares.slice(90).filter((share) => share !== undefined);
  const mean = told.reduce((sum, share) => sum + share, 0) / told.length;
  expect(mean).toBeGreaterThan(0.2);
  expect(mean).toBeLessThan(0.3);
});

test("D18: users read back go on as if they had never been stored, in at most 4 KB and a little", () => {
  const random = new Random(4);
  const kept = new RecentUsers();
  let stored = new RecentUsers();
  for (let slice = 0; slice < 200; slice++) {
    const users = usersOf(draw(random, 300, 20_000));
    const bytes = stored.encode();
    expect(bytes.length).toBeLessThanOrEqual(4096 + 24);
    stored = RecentUsers.decode(bytes);
    const sliceStartMs = slice * MINUTE_MS + HOUR_MS;
    expect(stored.note(sliceStartMs, users)).toBe(kept.note(sliceStartMs, users));
  }
});
