import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REGIONS } from "../../shared/core/auction/event.ts";
import { writeRecord } from "../../shared/wire/log-form/write-record.ts";
import { randomBids } from "../support/builders.ts";
import { killWorkers } from "../support/kill-workers.ts";
import { runGavel } from "../support/run-gavel.ts";
import { differences, exportedOf, tallyOf } from "../tally/count-tally.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gavel-system-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Bids of three regions over five minutes, up to a minute out of order, each tenth sent twice. */
function eventLines(count: number): string[] {
  const bids = randomBids(3, count, 200).map((bid, index) =>
    writeRecord({
      ...bid,
      region: REGIONS[bid.auctionId.length % 3] ?? "us",
      eventTimeUs: bid.eventTimeUs + index * 25_000 + ((index * 7919) % 60) * 1_000_000,
    }),
  );
  return [...bids, ...bids.filter((_, index) => index % 10 === 0)];
}

test("W1: counts equal an independent tally while workers are killed at random", async () => {
  const lines = eventLines(12_000);
  const input = join(folder, "events.ndjson");
  writeFileSync(input, lines.join("\n"));
  let killed: Promise<number> = Promise.resolve(0);
  const run = await runGavel(
    ["start", "--input", input, "--once", "--export", folder, "--json"],
    (pid, signal) => {
      const options = { times: 5, pauseMs: 1500, seed: 11, signal };
      killed = killWorkers(pid, "workers/window/main.ts", options);
    },
  );
  expect(run.stderr).toBe("");
  expect(run.code).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({ published: lines.length, refused: 0 });
  expect(await killed).toBeGreaterThan(0);
  const exported = exportedOf(readFileSync(join(folder, "auction_counts.ndjson"), "utf8"));
  expect(differences(tallyOf(lines.join("\n")), exported)).toEqual([]);
  expect(readFileSync(join(folder, "late_events.ndjson"), "utf8")).toBe("");
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  expect(manifest[0]).toMatchObject({ file: "auction_counts.ndjson", rows: exported.size });
}, 180_000);

test("a file that does not exist is one clear line and exit code 2", async () => {
  const run = await runGavel(["start", "--input", join(folder, "none"), "--once"]);
  expect(run.code).toBe(2);
  expect(run.stderr).toMatch(/^gavel start: --input .*none: there is no such file\n$/);
}, 30_000);
