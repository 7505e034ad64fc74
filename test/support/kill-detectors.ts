import type { Database } from "@google-cloud/spanner";
import type { Flag } from "../../shared/core/detector/flag-track.ts";
import { FlagBoard } from "../../shared/io/flag-board.ts";
import { databases, dataset } from "../../shared/names.ts";
import type { Child } from "../../workers/gavel/start/children.ts";
import { type DetectorWorld, startDetector, startDetectorWorld } from "./detector-world.ts";
import { prng } from "./prng.ts";

const POLL_MS = 50;

export interface DetectorChaos {
  readonly kills: number;
  readonly expectedFlags: number;
  /** Every way in which what is stored differs from what the core came to; empty: none. */
  readonly differences: readonly string[];
}

/**
 * Lets two detectors judge `slices` slices and kills one of them at random `kills` times, each time after
 * some slice was judged, then compares flags in Spanner and BigQuery with what the core comes to.
 */
export async function killDetectors(options: {
  readonly slices: number;
  readonly kills: number;
  readonly seed: number;
}): Promise<DetectorChaos> {
  const { slices, kills, seed } = options;
  const world = await startDetectorWorld(slices, seed);
  const { ledger } = databases;
  const database = world.spanner.instance(ledger.instance).database(ledger.name);
  const variables = { GAVEL_DETECTOR_BATCH_SLICES: "2" };
  const detectors = ["detector-a", "detector-b"].map((name) =>
    startDetector(name, world.emulators.environment, variables),
  );
  const endMs = world.startMs + slices * 60_000;
  try {
    const killed = await kill(detectors, { database, endMs, kills, random: prng(seed) });
    await until(async () => (await progressOf(database)).leastMs >= endMs);
    await until(async () => (await unpublished(database)) === 0);
    const differences = await differencesOf(world, database);
    return { kills: killed, expectedFlags: world.expected.size, differences };
  } finally {
    for (const detector of detectors) await detector.stop();
    await world.close();
  }
}

async function kill(
  detectors: readonly Child[],
  {
    database,
    endMs,
    kills,
    random,
  }: { database: Database; endMs: number; kills: number; random: () => number },
): Promise<number> {
  let killed = 0;
  for (let seenMs = 0; killed < kills; ) {
    const before = seenMs;
    await until(async () => {
      seenMs = (await progressOf(database)).sumMs;
      return seenMs > before;
    });
    if ((await progressOf(database)).leastMs >= endMs) break;
    await pause(random() * 200);
    const victim = detectors[Math.floor(random() * detectors.length)];
    if (victim?.pid === undefined) continue;
    try {
      process.kill(victim.pid, "SIGKILL");
      killed++;
    } catch {
      // It is dead from the last time, and not started again yet.
    }
  }
  return killed;
}

/** How far the shards are: the sum of all, and the one that is least far. */
async function progressOf(database: Database): Promise<{ sumMs: number; leastMs: number }> {
  const all = { startClosed: [], endClosed: [] };
  const [rows] = await database
    .table("DetectorShards")
    .read({ columns: ["next_slice"], ranges: [all], json: true });
  const times = (rows as { next_slice: Date }[]).map(({ next_slice: next }) => next.getTime());
  return { sumMs: times.reduce((sum, time) => sum + time, 0), leastMs: Math.min(...times) };
}

async function unpublished(database: Database): Promise<number> {
  const shards = Array.from({ length: 8 }, (_, shard) => shard);
  return (await new FlagBoard(database).unpublished(shards)).length;
}

async function differencesOf(world: DetectorWorld, database: Database): Promise<string[]> {
  const found: string[] = [];
  const stored = await new FlagBoard(database).list({ limit: 1000 });
  const byId = new Map(stored.map((record) => [record.flagId, record.flag]));
  for (const [flagId, flag] of world.expected) {
    const other = byId.get(flagId);
    if (other === undefined) found.push(`${flagId} is lost`);
    else if (textOf(other) !== textOf(flag)) {
      found.push(`${flagId} is ${textOf(other)}, not ${textOf(flag)}`);
    }
  }
  for (const flagId of byId.keys()) {
    if (!world.expected.has(flagId)) found.push(`${flagId} should not be`);
  }
  const [opened] = await database.run({
    sql: "SELECT flag_id FROM FlagHistory WHERE action = 'open'",
    json: true,
  });
  if (opened.length !== world.expected.size) found.push(`${opened.length} flags were opened`);
  const bigquery = world.emulators.bigquery();
  const [published] = await bigquery.query(
    `SELECT flag_id, version FROM \`${dataset.name}.bot_flags\``,
  );
  const versions = new Map(published.map((row) => [row.flag_id, row.version]));
  for (const { flagId, version } of stored) {
    if (versions.get(flagId) !== version) found.push(`${flagId} is not published as it stands`);
  }
  return found;
}

/** Without what JSON would order or leave out otherwise. */
function textOf(flag: Flag): string {
  return JSON.stringify([
    flag.startMs,
    flag.endMs,
    flag.detectedAtMs,
    flag.severity,
    flag.nats,
    flag.evidence,
    flag.bidCount,
    flag.expectedBids,
    flag.reasons.map(({ code, nats }) => [code, nats]),
  ]);
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await pause(POLL_MS);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
