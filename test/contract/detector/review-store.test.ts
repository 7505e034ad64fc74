import type { Database, Spanner } from "@google-cloud/spanner";
import { type SpannerEmulator, startSpannerEmulator } from "../../../emulator/spanner/server.ts";
import { flagIdOf } from "../../../shared/core/review/flag-record.ts";
import { freshFleet } from "../../../shared/core/watch/shard-watch.ts";
import { DetectorStore } from "../../../shared/io/detector-store.ts";
import { FlagBoard } from "../../../shared/io/flag-board.ts";
import { ReviewStore } from "../../../shared/io/review-store.ts";
import { ShardLeases } from "../../../shared/io/shard-leases.ts";
import { segmentShards } from "../../../shared/names.ts";
import { ddlOf } from "../../../shared/schema/read-migrations.ts";
import { aFlag } from "../../support/builders.ts";
import { connect, createDatabase, createInstance } from "../spanner/fixture.ts";

const NOW_MS = 1_800_000_000_000;
const flag = aFlag(NOW_MS);
const flagId = flagIdOf(flag);

let emulator: SpannerEmulator;
let spanner: Spanner;
let database: Database;
let databases = 0;

beforeAll(async () => {
  emulator = await startSpannerEmulator({ port: 0 });
  spanner = connect(emulator.address, {});
  await createInstance(spanner, "review");
});

beforeEach(async () => {
  const instance = spanner.instance("review");
  database = await createDatabase(instance, `ledger-${databases++}`, ddlOf("ledger"));
  await new ShardLeases(database, "a").create(segmentShards, NOW_MS, freshFleet());
});

afterEach(() => database.close());

afterAll(async () => {
  await Promise.resolve(spanner.close());
  await emulator.close();
});

/** Takes a shard, and commits what was done to the flag. */
async function commitFlag(kind: "open" | "extend" | "close", detector: string): Promise<void> {
  const held = await new ShardLeases(database, detector).acquire(0, NOW_MS + 1, NOW_MS);
  if (held === undefined) throw new Error("the shard is not free");
  const progress = { nextSliceMs: NOW_MS, fleet: freshFleet(), segments: [] };
  await new DetectorStore(database).commit(held, { ...progress, events: [{ kind, flag }] }, []);
  await new ShardLeases(database, detector).hold([held], 0);
}

test("R5: of reviewers who claim a flag at once one has it, and the history tells who did what", async () => {
  await commitFlag("open", "a");
  const store = new ReviewStore(database);
  const names = ["ann", "bob", "cem", "dee"];
  const results = await Promise.all(
    names.map((who) =>
      store.review(flagId, { action: "claim", who, reason: "" }, { nowMs: NOW_MS }),
    ),
  );
  const winners = names.filter((_, index) => results[index]?.kind === "changed");
  expect(winners).toHaveLength(1);
  const [who = ""] = winners;
  await store.review(flagId, { action: "confirm", who, reason: "bots" }, { nowMs: NOW_MS });
  const history = await store.history(flagId);
  expect(history.map(({ actor, action, reason }) => [actor, action, reason])).toEqual([
    ["detector", "open", "activity-volume"],
    [who, "claim", ""],
    [who, "confirm", "bots"],
  ]);
  expect(await new DetectorStore(database).tasks(0)).toMatchObject([
    { flagId, segment: "segment-1", decision: "confirmed" },
  ]);
});

test("R5: who saw a flag before another acted on it is refused; a span that grows refuses nobody", async () => {
  await commitFlag("open", "a");
  const store = new ReviewStore(database);
  await commitFlag("extend", "a");
  const seen = { nowMs: NOW_MS, seenVersion: 1 };
  const claim = { action: "claim", who: "ann", reason: "" } as const;
  expect(await store.review(flagId, claim, seen)).toMatchObject({ kind: "changed" });
  await store.review(flagId, { ...claim, action: "release" }, { nowMs: NOW_MS });
  const late = await store.review(flagId, { ...claim, who: "bob" }, seen);
  expect(late).toMatchObject({ kind: "refused", why: "changedSince" });
});

test("D17: a detector whose shard was taken over commits nothing", async () => {
  const store = new DetectorStore(database);
  const old = await new ShardLeases(database, "a").acquire(3, NOW_MS, NOW_MS - 1);
  await new ShardLeases(database, "b").acquire(3, NOW_MS + 1, NOW_MS);
  if (old === undefined) throw new Error("the shard is not free");
  const progress = { nextSliceMs: NOW_MS + 60_000, fleet: freshFleet(), segments: [] };
  const commit = store.commit(old, { ...progress, events: [{ kind: "open", flag }] }, []);
  await expect(commit).rejects.toThrow("shard 3 is held under token 2");
  const summary = { segments: 1, squaredRises: 0 };
  const said = { shard: 3, sliceStartMs: NOW_MS, summary, inputs: {} };
  await expect(store.insertSummaries([old], [said])).rejects.toThrow("held under token 2");
  expect(await new FlagBoard(database).list({ limit: 10 })).toEqual([]);
});

test("D19: a flag that changes while it is published is published again", async () => {
  await commitFlag("open", "a");
  const board = new FlagBoard(database);
  const published = await board.unpublished([0]);
  expect(published).toMatchObject([{ flagId, flag, version: 1, review: { state: "open" } }]);
  await commitFlag("close", "a");
  await board.confirmPublished(published);
  const again = await board.unpublished([0]);
  expect(again).toMatchObject([{ flagId, version: 2, isClosed: true }]);
  await board.confirmPublished(again);
  expect(await board.unpublished([0])).toEqual([]);
});
