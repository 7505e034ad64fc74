/** The Review page's actions over HTTP, on flags in an emulated Spanner. */
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Database, Spanner } from "@google-cloud/spanner";
import { type SpannerEmulator, startSpannerEmulator } from "../../../emulator/spanner/server.ts";
import { flagIdOf } from "../../../shared/core/review/flag-record.ts";
import { freshFleet } from "../../../shared/core/watch/shard-watch.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import { DetectorStore } from "../../../shared/io/detector-store.ts";
import { FlagBoard } from "../../../shared/io/flag-board.ts";
import { ReviewStore } from "../../../shared/io/review-store.ts";
import { ShardLeases } from "../../../shared/io/shard-leases.ts";
import { ddlOf } from "../../../shared/schema/read-migrations.ts";
import { createReviewActions } from "../../../workers/console/review/review-actions.ts";
import { createConsoleServer } from "../../../workers/console/server/console-server.ts";
import { Feed } from "../../../workers/console/server/feed.ts";
import { aFlag } from "../../support/builders.ts";
import { connect, createDatabase, createInstance } from "../spanner/fixture.ts";

const NOW_MS = Date.now();
const flag = aFlag(NOW_MS);
const flagId = flagIdOf(flag);

let emulator: SpannerEmulator;
let spanner: Spanner;
let database: Database;
let server: Server;

beforeAll(async () => {
  emulator = await startSpannerEmulator({ port: 0 });
  spanner = connect(emulator.address, {});
  await createInstance(spanner, "review");
  database = await createDatabase(spanner.instance("review"), "ledger", ddlOf("ledger"));
  const leases = new ShardLeases(database, "a");
  await leases.create(1, NOW_MS, freshFleet());
  const held = await leases.acquire(0, NOW_MS + 1, NOW_MS);
  if (held === undefined) throw new Error("the shard is not free");
  const progress = { nextSliceMs: NOW_MS, fleet: freshFleet(), segments: [] };
  const opened = { ...progress, events: [{ kind: "open" as const, flag }] };
  await new DetectorStore(database).commit(held, opened, []);
  const reviews = new ReviewStore(database);
  const actions = createReviewActions(reviews, new FlagBoard(database), systemClock);
  const page = { name: "review", about: /^$/ };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const open = [{ page, feed: new Feed(), actions }];
  server = createConsoleServer(open, new Map(), { isLocalOnly: true, log });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}, 60_000);

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await database.close();
  await Promise.resolve(spanner.close());
  await emulator.close();
});

interface Said {
  readonly says: string;
  readonly record?: { readonly version: number; readonly review: { readonly state: string } };
}

async function act(action: string, fields: object): Promise<Said & { status: number }> {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const response = await fetch(`${origin}/actions/review/${action}`, {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: JSON.stringify({ flagId, version: 1, ...fields }),
  });
  // Our own form: workers/console/server/action.ts.
  return { status: response.status, ...((await response.json()) as Said) };
}

test("one of two reviewers has the flag, the other is told who and until when, and each act needs what was seen", async () => {
  const claimed = await act("claim", { by: "ann" });
  expect(claimed).toMatchObject({ status: 200, record: { review: { state: "claimed" } } });
  const refused = await act("confirm", { by: "bob" });
  expect(refused.status).toBe(409);
  expect(refused.says).toMatch(/^Claimed by ann until \d\d:\d\d:\d\d UTC\.$/);
  expect(await act("confirm", { by: "ann" })).toMatchObject({ status: 409 });
  const version = refused.record?.version;
  expect(await act("dismiss", { by: "ann", version })).toMatchObject({
    status: 400,
    says: expect.stringMatching(/^Say why/),
  });
  expect(await act("dismiss", { by: "ann", version, reason: "a sale" })).toMatchObject({
    status: 200,
    record: { review: { state: "dismissed", by: "ann", reason: "a sale" } },
  });
  const history = await new ReviewStore(database).history(flagId);
  expect(history.map(({ actor, action }) => `${action} ${actor}`)).toEqual([
    "open detector",
    "claim ann",
    "dismiss ann",
  ]);
}, 30_000);

test.each<[string, object, number]>([
  ["a flag that is none", { flagId: "nothing" }, 404],
  ["no flag", { flagId: "" }, 400],
  ["no version", { version: 0 }, 400],
  ["a reason that is no text", { reason: 7 }, 400],
  ["nobody", { by: "" }, 400],
])("%s changes nothing", async (_kind, fault, status) => {
  const before = await new FlagBoard(database).find([flagId]);
  expect(await act("claim", { by: "ann", ...fault })).toMatchObject({ status });
  expect(await new FlagBoard(database).find([flagId])).toEqual(before);
});
