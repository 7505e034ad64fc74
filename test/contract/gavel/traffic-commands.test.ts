import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { gunzipSync, gzipSync } from "node:zlib";
import { writeRecord } from "../../../shared/wire/log-form/write-record.ts";
import { runPublish } from "../../../workers/gavel/publish/run-publish.ts";
import { runSimulate } from "../../../workers/gavel/simulate/run-simulate.ts";
import type { Command } from "../../../workers/gavel/streams.ts";
import { randomBids } from "../../support/builders.ts";
import { TopicWorld } from "../../support/topic-world.ts";

let world: TopicWorld;
let folder = "";

beforeAll(async () => {
  world = await TopicWorld.start();
  const { us, eu, apac } = world.addresses;
  Object.assign(env, {
    PUBSUB_EMULATOR_HOST: us,
    GAVEL_PUBSUB_US: us,
    GAVEL_PUBSUB_EU: eu,
    GAVEL_PUBSUB_APAC: apac,
  });
  folder = mkdtempSync(join(tmpdir(), "gavel-traffic-"));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world.close();
});

/** Runs a command as `gavel` does, and keeps what it wrote. */
async function run(command: Command, args: readonly string[]) {
  const written = { stdout: "", stderr: "" };
  const streamOf = (name: "stdout" | "stderr") => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const streams = { stdout: streamOf("stdout"), stderr: streamOf("stderr") };
  const code = await command(args, streams).catch((error: unknown) => String(error));
  return { code, ...written };
}

const bids = randomBids(5, 6000, 40);

test("a packed file is at Pub/Sub whole, and what is refused of it is shown with line and mend", async () => {
  const file = join(folder, "bids.ndjson.gz");
  const lines = [
    ...bids.slice(0, 3000).map(writeRecord),
    "{}",
    ...bids.slice(3000).map(writeRecord),
  ];
  writeFileSync(file, gzipSync(lines.join("\n")));
  const { code, stdout, stderr } = await run(runPublish, [file]);
  expect([code, stdout]).toEqual([1, "published 6000, refused 1\n"]);
  expect(stderr).toBe(`${file}:3001: missingField timestamp "". Every bid needs timestamp.\n`);
  const received = await world.received(6000);
  const order = (ids: readonly { readonly bidId: string }[]) =>
    ids.map(({ bidId }) => bidId).toSorted();
  expect(order(received)).toEqual(order(bids));
}, 60_000);

test("an event from the future is refused, as ingest refuses it", async () => {
  const file = join(folder, "future.ndjson");
  const [bid] = bids;
  if (bid === undefined) throw new Error("there are bids");
  writeFileSync(file, writeRecord({ ...bid, eventTimeUs: (Date.now() + 900_000) * 1000 }));
  const { code, stdout, stderr } = await run(runPublish, [file]);
  expect([code, stdout]).toEqual([1, "published 0, refused 1\n"]);
  expect(stderr).toContain("timestampInFuture");
});

test("what fails in the middle says how far it came and what the next run does", async () => {
  const file = join(folder, "cut.ndjson");
  writeFileSync(file, bids.map((bid) => writeRecord({ ...bid, region: "eu" })).join("\n"));
  world.emulator.cutOff("eu");
  const { code, stderr } = await run(runPublish, [file]);
  world.emulator.heal("eu");
  expect(code).toMatch(/^RetryableError: publish \d+ events of eu\/\d+: .*cut off/);
  expect(stderr).toBe(
    "0 events were confirmed before it failed. The next run sends the file from its beginning; what arrives twice counts once.\n",
  );
  expect(await world.received(0)).toEqual([]);
}, 60_000);

test("simulated traffic is at Pub/Sub whole when it is told so", async () => {
  const { code, stdout } = await run(runSimulate, [
    "--rate",
    "2000",
    "--events",
    "3000",
    "--unpaced",
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^3000 events in \d+ s, \d+\/s\nbid \d+/);
  expect((await world.received(3000)).length).toBe(3000);
}, 60_000);

test("traffic of a seed is the same file each time, packed or not, and its attack is labelled", async () => {
  const [plain, packed, labels] = ["a.ndjson", "b.ndjson.gz", "l.ndjson"].map((name) =>
    join(folder, name),
  );
  const args = [
    "--rate",
    "100",
    "--seconds",
    "60",
    "--seed",
    "4",
    "--attack",
    "flood",
    "--labels",
    labels ?? "",
  ];
  for (const out of [plain, packed]) {
    expect((await run(runSimulate, [...args, "--out", out ?? ""])).code).toBe(0);
  }
  const text = readFileSync(plain ?? "", "utf8");
  expect(text.split("\n").length).toBe(6001);
  expect(gunzipSync(readFileSync(packed ?? "")).toString("utf8")).toBe(text);
  expect(JSON.parse(readFileSync(labels ?? "", "utf8"))).toMatchObject({
    kind: "flood",
    strength: 3,
    segment: "segment-10",
    start: "2026-01-01T00:00:20.000Z",
    end: "2026-01-01T00:00:40.000Z",
  });
}, 60_000);

test.each<[readonly string[], string]>([
  [["--rate", "0"], '--rate "0": give a whole number, 1 to 100000'],
  [["--seconds", "5", "--events", "5"], "--seconds and --events: give one of them"],
  [["--out", "x"], "--unpaced and --out need an end: give --seconds or --events"],
  [["--regions", "us,mars"], '--regions "mars": give us, eu, apac, comma-separated'],
  [["--attack", "ddos"], '--attack "ddos": give one of flood, ramp'],
  [["--attack", "flood", "--strength", "-1"], "argument is ambiguous"],
  [["--attack", "flood", "--strength", "0"], '--strength "0": give more than 0, up to 100'],
  [["--labels", "x"], "--labels needs --attack"],
  [["--out", "/none/x", "--events", "5"], "/none/x cannot be written: "],
])("gavel simulate %j is told what to mend", async (args, sentence) => {
  const { code } = await run(runSimulate, args);
  expect(code).toContain("UsageError");
  expect(code).toContain(sentence);
});
