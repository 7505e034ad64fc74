import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../../../shared/core/errors.ts";
import { writeRecord } from "../../../../../shared/wire/log-form/write-record.ts";
import { runEvents } from "../../../../../workers/gavel/events/run-events.ts";
import { aBid, aPayment, aWin } from "../../../../support/builders.ts";
import { textStreams } from "../../../../support/text-streams.ts";

let folder = "";
let file = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gavel-events-"));
  file = join(folder, "events.ndjson");
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function check(content: string, ...flags: string[]) {
  writeFileSync(file, content);
  const streams = textStreams();
  const code = await runEvents(["check", file, ...flags], streams);
  return { code, text: streams.stdout.text };
}

const accepted = [aBid(), aWin(), aPayment()].map(writeRecord).join("\n");

test("a file that is accepted whole ends with 0", async () => {
  const { code, text } = await check(accepted);
  expect(code).toBe(0);
  expect(text).toContain("accepted 3 (bid 1, win 1, payment 1)");
});

test("a refusal ends with 1 and is shown with line, field and mend", async () => {
  const { code, text } = await check(
    `${accepted}\n{"colour":1,"bid_id":"b","auction_id":"a","bid_price":"1e400","timestamp":1767225600}`,
  );
  expect(code).toBe(1);
  expect(text).toContain(`${file}:4: priceOutOfRange bid_price "1e400". `);
  expect(text).toContain("unknown fields, not kept: colour");
});

test("no more refusals are shown than asked for, and machines get them all counted", async () => {
  const refused = "[]\n".repeat(3).trim();
  const { text } = await check(`{}\n${refused}`, "--json", "--max-refusals", "2");
  const report = JSON.parse(text);
  expect(report).toMatchObject({ accepted: 0, refused: 4, firstEventTime: null });
  expect(report.refusals.map(({ line }: { line: number }) => line)).toEqual([1, 2]);
});

test("a log of OpenRTB notices is read as query strings, URLs and JSON", async () => {
  const query = "auction_id=a&seat_id=s&bid_id=b&price=2.5&timestamp=1767225600";
  const json = JSON.stringify(Object.fromEntries(new URLSearchParams(query)));
  const notices = [query, `https://exchange.example/win?${query}`, json].join("\n");
  const { code, text } = await check(notices, "--notice", "win", "--source", "exchange-1");
  expect(text).toContain("accepted 3 (win 3)");
  expect(code).toBe(0);
  const untimed = query.replace(/&timestamp.*/, "");
  const refused = await check(untimed, "--notice", "win", "--source", "exchange-1");
  expect(refused.text).toContain('missingField timestamp ""');
});

test.each([
  [["check"], "usage: gavel events check"],
  [["check", "f", "--region", "mars"], '--region "mars": give us, eu, apac'],
  [["check", "f", "--notice", "void"], '--notice "void": give win, billing, loss'],
  [["check", "f", "--notice", "win"], "--notice needs --source"],
  [["check", "f", "--source", "x"], "--source goes with --notice"],
  [["check", "f", "--max-refusals", "-1"], "--max-refusals"],
])("%j is a usage error in one sentence", async (args, sentence) => {
  const run = runEvents(args, textStreams());
  await expect(run).rejects.toThrow(UsageError);
  await expect(run).rejects.toThrow(sentence);
});
