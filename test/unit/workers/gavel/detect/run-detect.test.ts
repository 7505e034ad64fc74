/** `gavel detect` over files that are not as they should be: an answer, or what is wrong and on which line. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../../../shared/core/errors.ts";
import { runDetect } from "../../../../../workers/gavel/detect/run-detect.ts";
import { prng } from "../../../../support/prng.ts";
import { textStreams } from "../../../../support/text-streams.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gavel-detect-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command over a file of this text, in the place of `FILE` among the arguments. */
async function detect(args: readonly string[], text: string) {
  const file = join(folder, "input");
  writeFileSync(file, text);
  const streams = textStreams();
  const code = await runDetect(
    args.map((arg) => (arg === "FILE" ? file : arg)),
    streams,
  );
  return { code, stdout: streams.stdout.text, stderr: streams.stderr.text };
}

const START_S = 1_767_225_600;

/** Rows every 5 min with a daily shape, `skipped` of them left out. */
function seriesRows(count: number, skipped: (row: number) => boolean = () => false): string[] {
  const random = prng(3);
  return Array.from({ length: count }, (_, row) => {
    const value = 50 + 10 * Math.sin((2 * Math.PI * row) / 288) + 3 * (random() + random() - 1);
    return skipped(row) ? [] : [`${START_S + 300 * row},${value.toFixed(2)}`];
  }).flat();
}

function seriesOf(rows: readonly string[]): string {
  return ["timestamp,value", ...rows, ""].join("\n");
}

function flaggedRows(csv: string): number[] {
  return csv.split("\n").flatMap((line, row) => (line.endsWith(",1") ? [row] : []));
}

test("one row is too few to say anything, and that is said", async () => {
  const { code, stdout, stderr } = await detect(["FILE"], "timestamp,value\n2026-01-01,5\n");
  expect(code).toBe(0);
  expect(stdout.split("\n")[1]).toBe("2026-01-01,5,0,,,0");
  expect(stderr).toContain("too few rows to say anything");
});

test("a constant series has an answer: nothing in it is unusual", async () => {
  const rows = seriesRows(2000).map((row) => `${row.split(",")[0]},7`);
  const { code, stdout, stderr } = await detect(["FILE"], seriesOf(rows));
  expect(code).toBe(0);
  expect(flaggedRows(stdout)).toEqual([]);
  expect(stderr).toContain("0 flagged");
});

test("a gap of hours or days is no alarm, and the season goes on behind it", async () => {
  const rows = seriesRows(4000, (row) => (row > 1500 && row < 1600) || (row > 2500 && row < 3200));
  const { stdout } = await detect(["FILE"], seriesOf(rows));
  expect(flaggedRows(stdout)).toEqual([]);
  const spiked = rows.map((row, index) => (index === 2500 ? `${row.split(",")[0]},140` : row));
  expect(flaggedRows((await detect(["FILE"], seriesOf(spiked))).stdout)).toContain(2501);
});

test.each([5, 100, 149, 150, 151, 400, 1999])(
  "a file that ends after %i rows says of them what the whole file says",
  async (count) => {
    const rows = seriesRows(2000).map((row, index) =>
      index % 700 === 699 ? `${row.split(",")[0]},${index}` : row,
    );
    const whole = (await detect(["FILE"], seriesOf(rows))).stdout.split("\n");
    const cut = (await detect(["FILE"], seriesOf(rows.slice(0, count)))).stdout.trimEnd();
    expect(cut.split("\n")).toEqual(whole.slice(0, count + 1));
  },
);

const slice = { segment: "s", slice_start: "2026-01-01T00:00:00Z", bid_count: 5 };
const line = (fields: object): string => JSON.stringify({ ...slice, ...fields });
const late = line({ slice_start: "2026-01-01T00:01:00Z" });

const refusedSlices: Readonly<Record<string, readonly [text: string, says: string]>> = {
  "an empty file": ["", "input has no rows"],
  "a line that is no JSON": [`${line({})}\n{"segment":`, "input:2: no JSON"],
  "a line that is no object": ["[1]", "input:1: no JSON object"],
  "a row without a segment": [line({ segment: undefined }), "input:1: segment is missing"],
  "a row without a count": [line({ bid_count: null }), "input:1: bid_count is missing"],
  "a count that is text": [line({ bid_count: "many" }), 'input:1: bid_count "many" is no number'],
  "a count below zero": [line({ bid_count: -1 }), "input:1: bid_count -1 is no number"],
  "a field that is NaN": [`${line({}).slice(0, -1)},"win_count":NaN}`, "input:1: no JSON"],
  "a time that is none": [line({ slice_start: "noon" }), 'input:1: slice_start "noon" is no time'],
  "a start between slices": [
    line({ slice_start: "2026-01-01T00:00:30Z" }),
    "input:1: slice_start is no multiple of 60 s",
  ],
  "rows out of order": [`${late}\n${line({})}`, "input:2: slice_start is before that of the line"],
  "a segment twice in a slice": [
    `${line({})}\n${line({})}`,
    'input:2: segment "s" has a second row for this slice',
  ],
  "a gap of months": [
    `${line({})}\n${line({ slice_start: "2026-06-01T00:00:00Z" })}`,
    "input:2: more than 100000 empty slices",
  ],
};

test.each(Object.entries(refusedSlices))(
  "--slices: %s is refused with its line",
  async (_name, [text, says]) => {
    const running = detect(["--slices", "FILE"], text);
    await expect(running).rejects.toThrow(UsageError);
    await expect(running).rejects.toThrow(says);
  },
);

test("--slices: one row, and zones that differ, have an answer", async () => {
  const zoned = line({ slice_start: "2026-01-01T01:01:00+01:00" });
  const { code, stderr } = await detect(["--slices", "FILE"], `${line({})}\n${zoned}\n`);
  expect(code).toBe(0);
  expect(stderr).toContain("2 slices of 1 segments: 0 flags");
  expect(stderr).toContain("1 segments were still learning at the end");
});

const event = { bid_id: "b1", auction_id: "a1", bid_price: 1.5, timestamp: "2026-01-01T00:00:00Z" };

test("--events: events that cannot be read are counted and pointed to, the others stand", async () => {
  const bad = JSON.stringify({ ...event, bid_id: "b2", bid_price: "much" });
  const text = `${JSON.stringify(event)}\n${bad}\nno json\n`;
  const { code, stderr } = await detect(["--events", "FILE"], text);
  expect(code).toBe(0);
  expect(stderr).toContain("2 events were refused: see gavel events check");
});

test("--events: events far out of order are left out, and that is said", async () => {
  const minutes = [0, 20, 1].map((minute, index) =>
    JSON.stringify({
      ...event,
      bid_id: `b${index}`,
      timestamp: new Date(1000 * START_S + 60_000 * minute).toISOString(),
    }),
  );
  const { stderr } = await detect(["--events", "FILE"], `${minutes.join("\n")}\n`);
  expect(stderr).toContain("1 events were more than 5 slices out of order and left out");
  expect(stderr).toContain("21 slices of 1 segments");
});

test.each([
  ["an empty file", ""],
  ["a file of nothing that can be read", "no json\n"],
])("--events: %s is refused", async (_name, text) => {
  await expect(detect(["--events", "FILE"], text)).rejects.toThrow(
    "holds no event that can be read",
  );
});

const missing = join(tmpdir(), "gavel-no-such-folder", "file");

test.each([[[missing]], [["--slices", missing]], [["--events", missing]]])(
  "a file that is not there is named: %j",
  async (args) => {
    await expect(detect(args, "")).rejects.toThrow(missing);
  },
);

test.each([
  [["FILE", "--kind", "price"], '--kind "price"'],
  [["FILE", "--false-alarms-per-segment-week", "0"], '--false-alarms-per-segment-week "0"'],
  [["--slices", "FILE", "--slice-seconds", "7"], '--slice-seconds "7"'],
  [["--slices", "FILE", "--plot", "x.svg"], "--plot is for a FILE.csv"],
  [["FILE", "--slices", "FILE"], "usage: gavel detect"],
])("arguments that say nothing are refused by name: %j", async (args, says) => {
  await expect(detect(args, "timestamp,value\n2026-01-01,5\n")).rejects.toThrow(says);
});
