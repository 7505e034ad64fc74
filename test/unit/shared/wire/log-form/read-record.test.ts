import fc from "fast-check";
import type { RefusalReason } from "../../../../../shared/core/auction/refusal.ts";
import { readRecord } from "../../../../../shared/wire/log-form/read-record.ts";
import {
  RecordSplitter,
  type SplitRecord,
} from "../../../../../shared/wire/log-form/split-records.ts";
import { writeRecord } from "../../../../../shared/wire/log-form/write-record.ts";
import { arbitraryEvent } from "../../../../support/arbitraries.ts";

const options = { defaultRegion: "us" } as const;
const base = {
  bid_id: "b1",
  auction_id: "a1",
  bid_price: 0.227,
  timestamp: "2026-01-01T00:00:00Z",
};

function read(json: string) {
  return readRecord(Buffer.from(json), options);
}

function readWith(fields: object) {
  return read(JSON.stringify({ ...base, ...fields }));
}

test("a bid of four fields is read, with defaults for the rest", () => {
  expect(readWith({})).toEqual({
    type: "bid",
    eventId: "bid:b1",
    auctionId: "a1",
    bidId: "b1",
    eventTimeUs: 1_767_225_600_000_000,
    region: "us",
    seat: "",
    segment: "",
    userKey: "",
    publisher: "",
    deviceType: 0,
    source: "",
    dealId: "",
    priceNanos: 227_000_000n,
    currency: "USD",
  });
});

test("reading what was written gives every valid event back", () => {
  fc.assert(
    fc.property(arbitraryEvent, (event) => {
      expect(read(writeRecord(event))).toEqual(event);
    }),
  );
});

test.each([
  ["2026-01-01T00:00:00Z", 1_767_225_600_000_000],
  ["2026-01-01t01:00:00.5+01:00", 1_767_225_600_500_000],
  ["2025-12-31 23:30:00.000001-00:30", 1_767_225_600_000_001],
  ["2026-01-01T00:00:00.123456000Z", 1_767_225_600_123_456],
  [1_767_225_600, 1_767_225_600_000_000],
  ["1767225600", 1_767_225_600_000_000],
  [1_767_225_600_123, 1_767_225_600_123_000],
  [1_767_225_600_123_456, 1_767_225_600_123_456],
  [1_767_225_600.25, 1_767_225_600_250_000],
])("timestamp %p is %d µs", (timestamp, eventTimeUs) => {
  expect(readWith({ timestamp })).toMatchObject({ eventTimeUs });
});

test.each([
  ["0.1", 100_000_000n],
  ["1e-9", 1n],
  ["5E2", 500_000_000_000n],
  ["0.123456789000", 123_456_789n],
  ["-0", 0n],
  ['"9223372036.854775807"', 9_223_372_036_854_775_807n],
])("price %s is exact", (price, priceNanos) => {
  expect(read(priced(price))).toMatchObject({ priceNanos });
});

const refusals: readonly [RefusalReason, string, string][] = [
  ["tooManyDecimals", "bid_price", priced("0.1234567891")],
  ["priceOutOfRange", "bid_price", priced("1e400")],
  ["priceOutOfRange", "bid_price", priced("9223372036.854775808")],
  ["negativePrice", "bid_price", priced("-1")],
  ["badPrice", "bid_price", priced("NaN")],
  ["badPrice", "bid_price", priced("01")],
  ["badPrice", "bid_price", priced("+1")],
  ["badPrice", "bid_price", priced('"1,5"')],
  ["wrongKind", "bid_price", priced("true")],
  ["wrongKind", "bid_price", priced('{"usd":1}')],
  ["tooDeep", "bid_price", priced("[[[[[[[[[1]]]]]]]]]")],
  ["missingField", "bid_price", priced("null")],
  ["missingField", "bid_id", JSON.stringify({ ...base, bid_id: "" })],
  ["missingField", "timestamp", JSON.stringify({ ...base, timestamp: null })],
  ["missingField", "payment_id", JSON.stringify({ ...base, type: "payment", event_id: "e" })],
  ["badId", "bid_id", JSON.stringify({ ...base, bid_id: "b".repeat(129) })],
  ["badId", "auction_id", JSON.stringify({ ...base, auction_id: "a\u0007" })],
  ["badText", "seat", '{"seat":"\\ud800"}'],
  ["unknownType", "type", JSON.stringify({ ...base, type: "offer" })],
  ["unknownRegion", "region", JSON.stringify({ ...base, region: "mars" })],
  ["unknownCurrency", "currency", JSON.stringify({ ...base, currency: "usd" })],
  ["badTimestamp", "timestamp", JSON.stringify({ ...base, timestamp: "2026-02-30T00:00:00Z" })],
  ["badTimestamp", "timestamp", JSON.stringify({ ...base, timestamp: "2026-01-01" })],
  [
    "badTimestamp",
    "timestamp",
    JSON.stringify({ ...base, timestamp: "2026-01-01T00:00:00.0000001Z" }),
  ],
  ["timestampOutOfRange", "timestamp", JSON.stringify({ ...base, timestamp: 1 })],
  [
    "timestampOutOfRange",
    "timestamp",
    '{"bid_id":"b","auction_id":"a","timestamp":1767225600000000000}',
  ],
  ["badCode", "device_type", JSON.stringify({ ...base, device_type: 9 })],
  ["badCode", "loss_reason", JSON.stringify({ ...base, loss_reason: "lost" })],
  ["duplicateField", "bid_id", '{"bid_id":"b","bid_id":"b"}'],
  ["duplicateField", "bid_id", '{"bid_id":"b","bid\\u005fid":"b"}'],
  ["forbiddenField", "__proto__", '{"__proto__":{"type":"bid"}}'],
  ["forbiddenField", "constructor", '{"constructor":1}'],
  ["notAnEvent", "", "[]"],
  ["notAnEvent", "", "{} {}"],
  ["notAnEvent", "", '{"bid_id":"b",}'],
  ["notAnEvent", "", "{'bid_id':1}"],
  ["notAnEvent", "", '{"bid_id":"b"'],
  ["notAnEvent", "", ""],
];

test.each(refusals)("%s at %p: %s", (reason, field, json) => {
  const refusal = read(json);
  expect(refusal).toMatchObject({ kind: "refusal", reason, field });
  if ("mend" in refusal) expect(refusal.mend).toMatch(/^[A-Z].{8,}\.$/);
});

test("bytes that are no UTF-8 are refused", () => {
  expect(readRecord(Buffer.from([0x7b, 0xff, 0x7d]), options)).toMatchObject({
    reason: "undecodable",
  });
});

test("an unknown field is told of and kept nowhere", () => {
  const names: string[] = [];
  const record = Buffer.from(JSON.stringify({ ...base, colour: "red" }));
  const event = readRecord(record, { ...options, onUnknownField: (name) => names.push(name) });
  expect(names).toEqual(["colour"]);
  expect(event).toEqual(readWith({}));
});

test("no bytes make the reader throw", () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 500 }),
    fc.json().map((json) => Buffer.from(json)),
    fc.tuple(fc.constant(JSON.stringify(base)), fc.nat(), fc.string()).map(([json, at, text]) => {
      const place = at % json.length;
      return Buffer.from(json.slice(0, place) + text + json.slice(place + 1));
    }),
  );
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const outcome = readRecord(bytes, options);
      expect("type" in outcome || outcome.kind === "refusal").toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ["nesting", `{"a":${"[".repeat(60_000)}`],
  ["a long string", `{"a":"${"x".repeat(60_000)}"}`],
  ["escapes", `{"a":"${"\\u0041".repeat(10_000)}"}`],
  ["an escape that never ends", `{"a":"${"\\\\".repeat(30_000)}`],
  ["many fields", `{${Array.from({ length: 6000 }, (_, index) => `"f${index}":1`).join(",")}}`],
  ["spaces", `{${" ".repeat(60_000)}`],
  ["digits", `{"bid_price":${"1".repeat(60_000)}}`],
])("%s takes under 1 ms a KB", (_shape, json) => {
  const bytes = Buffer.from(json);
  readRecord(bytes, options);
  const start = process.cpuUsage();
  readRecord(bytes, options);
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(bytes.length / 1024);
});

test("records are cut the same whatever the chunks, with the lines they start on", () => {
  const text = `\ufeff${JSON.stringify(base)}\r\n\n  \n${JSON.stringify({ a: "x\ny" })}\nlast`;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (sizes) => {
      expect(cut(Buffer.from(text), sizes).map(({ line }) => line)).toEqual([1, 4, 5]);
    }),
  );
});

test("the elements of an array are cut whatever the chunks, commas and brackets in strings left alone", () => {
  const elements = [{ a: '],"[{' }, { b: [1, { c: "}" }] }, { d: "\\" }];
  const text = JSON.stringify(elements, undefined, 1);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (sizes) => {
      const records = cut(Buffer.from(text), sizes);
      expect(records.map(({ bytes }) => JSON.parse(Buffer.from(bytes ?? []).toString()))).toEqual(
        elements,
      );
    }),
  );
});

test.each([
  ["[]", 0],
  ["[1,]", 2],
  ["[1", 1],
  ["[", 1],
  ["[1] x", 2],
  ["[,1]", 2],
])("%s is cut into %d records, so that what is wrong is refused", (text, count) => {
  expect(cut(Buffer.from(text), [64]).length).toBe(count);
});

test("a record over 64 KiB is not held, and the next one is read", () => {
  const records = cut(Buffer.from(`${"x".repeat(70_000)}\n{}\n`), [1000]);
  expect(records.map(({ bytes }) => bytes?.length)).toEqual([undefined, 2]);
});

function priced(price: string): string {
  return `{"bid_id":"b1","auction_id":"a1","timestamp":1767225600,"bid_price":${price}}`;
}

function cut(bytes: Uint8Array, sizes: readonly number[]) {
  const splitter = new RecordSplitter();
  const records: SplitRecord[] = [];
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    records.push(...splitter.push(bytes.subarray(from, from + size)));
    from += size;
  }
  return [...records, ...splitter.end()];
}
