import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type FileRecord, readEventFile } from "../../../../shared/io/event-file.ts";
import { readRecord } from "../../../../shared/wire/log-form/read-record.ts";
import { writeRecord } from "../../../../shared/wire/log-form/write-record.ts";
import { randomBids } from "../../../support/builders.ts";

const bids = randomBids(5, 3000, 10);
const lines = bids.map(writeRecord);
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gavel-event-file-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function recordsOf(content: string | Uint8Array): Promise<FileRecord[]> {
  const path = join(folder, "events");
  writeFileSync(path, content);
  const read = (bytes: Uint8Array) => readRecord(bytes, { defaultRegion: "us" });
  return await allOf(readEventFile(path, read));
}

async function allOf(records: AsyncIterable<FileRecord>): Promise<FileRecord[]> {
  const all: FileRecord[] = [];
  for await (const record of records) all.push(record);
  return all;
}

test.each([
  ["NDJSON", lines.join("\n")],
  ["NDJSON with Windows line ends and blank lines", `\n${lines.join("\r\n\r\n")}\r\n`],
  ["NDJSON behind a byte order mark", `\ufeff${lines.join("\n")}`],
  ["one array", `[${lines.join(",\n")}]`],
  ["gzip", gzipSync(lines.join("\n"))],
])("every event of %s is read in its order", async (_form, content) => {
  const records = await recordsOf(content);
  expect(records.map(({ event }) => event)).toEqual(bids);
});

test("a record is told by the line it starts on, and what is no event is refused in its place", async () => {
  const [first = "", second = ""] = lines;
  const records = await recordsOf(`${first}\n\nno event\n${"x".repeat(70_000)}\n${second}`);
  expect(records.map(({ line }) => line)).toEqual([1, 3, 4, 5]);
  expect(records[1]?.event).toMatchObject({ kind: "refusal", reason: "notAnEvent" });
  expect(records[2]?.event).toMatchObject({ kind: "refusal", reason: "tooLarge" });
});

test("an array that breaks off is refused where it does", async () => {
  const records = await recordsOf(`[${lines[0]},\n{"bid_id": "b`);
  expect(records.map(({ event }) => "kind" in event)).toEqual([false, true]);
});

test("what cannot be read is one sentence that says what to do", async () => {
  const damaged = gzipSync(lines.join("\n")).subarray(0, 5000);
  await expect(recordsOf(damaged)).rejects.toThrow(/is a damaged gzip file .*pack it again/);
  const ofFolder = readEventFile(folder, (bytes) => readRecord(bytes, { defaultRegion: "us" }));
  await expect(allOf(ofFolder)).rejects.toThrow(/is a directory: name a file of events/);
});
