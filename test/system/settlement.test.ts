import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeRecord } from "../../shared/wire/log-form/write-record.ts";
import { killWorkers } from "../support/kill-workers.ts";
import { prng } from "../support/prng.ts";
import { randomNotices } from "../support/random-notices.ts";
import { runGavel } from "../support/run-gavel.ts";
import {
  settlementDifferences,
  settlementExportsOf,
  settlementTallyOf,
} from "../tally/settlement-tally.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gavel-system-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("S1: settlements and ledger equal an independent tally while workers are killed at random", async () => {
  const lines = randomNotices(prng(5), { count: 9000, bids: 2000 }).map(writeRecord);
  const sent = [...lines, ...lines.filter((_, index) => index % 10 === 0)];
  const input = join(folder, "events.ndjson");
  writeFileSync(input, sent.join("\n"));
  let killed: Promise<number> = Promise.resolve(0);
  const run = await runGavel(
    ["start", "--input", input, "--once", "--export", folder, "--json"],
    (pid, signal) => {
      const options = { times: 5, pauseMs: 1000, seed: 7, signal };
      killed = killWorkers(pid, "workers/settlement/main.ts", options);
    },
  );
  expect(run.stderr).toBe("");
  expect(run.code).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({ published: sent.length, refused: 0 });
  expect(await killed).toBeGreaterThan(0);
  const [settlements, ledger] = ["settlements", "ledger"].map((name) =>
    readFileSync(join(folder, `${name}.ndjson`), "utf8"),
  );
  const exported = settlementExportsOf(settlements ?? "", ledger ?? "");
  expect(exported.settlements.size).toBeGreaterThan(1900);
  expect(settlementDifferences(settlementTallyOf(lines.join("\n")), exported)).toEqual([]);
  const [row] = (settlements ?? "").split("\n");
  expect(Object.keys(JSON.parse(row ?? "{}")).join(" ")).toBe(
    "bid_id auction_id seat region currency state won billed paid version first_event_time settled_time",
  );
  const [line] = (ledger ?? "").split("\n");
  expect(Object.keys(JSON.parse(line ?? "{}")).join(" ")).toBe(
    "entry_id bid_id account seat currency amount cause commit_timestamp",
  );
}, 180_000);
