import { gzipSync } from "node:zlib";
import { encodeEventBatch } from "../../shared/wire/event-batch.ts";
import { writeRecord } from "../../shared/wire/log-form/write-record.ts";
import { aBid, aPayment, aWin } from "../support/builders.ts";
import type { IngestRequest } from "../support/ingest-client.ts";

type Random = () => number;

const samples = [aBid(), aWin(), aPayment()];
const records = samples.map(writeRecord);
const WIN = "/v1/notices/win?auction_id=a1&bid_id=b7&seat_id=s1&price=2.5&currency=USD";
const contentTypes = [
  "application/json",
  "application/json; charset=utf-8",
  "application/x-ndjson",
  "application/jsonl",
  "application/x-protobuf",
  "application/protobuf",
];
const oddTypes = ["", "text/plain", "application/xml", "multipart/form-data; boundary=x", "*/*"];
const tokens = [
  "null",
  "NaN",
  "-0",
  "1e999",
  "0.0000000001",
  "9223372036854775808",
  '"\\ud800"',
  '"\u0000"',
  "{}",
  "[]",
  "true",
  '""',
  "\u2028",
  "\ufeff",
  '{"__proto__":1}',
  ",",
  "\\",
  '"',
  "\n",
  "}{",
];

/** One request of any kind that somebody could send, mostly a valid one with damage done to it. */
export function fuzzedRequest(random: Random): IngestRequest {
  const kind = random();
  if (kind < 0.12) return fuzzedNotice(random);
  if (kind < 0.16) return oddRequest(random);
  const headers = { "Content-Type": pick(random, random() < 0.97 ? contentTypes : oddTypes) };
  const body = fuzzedBody(random, headers["Content-Type"]);
  const isChunked = random() < 0.1;
  return {
    method: "POST",
    target: "/v1/events",
    headers: isChunked ? { ...headers, "Transfer-Encoding": "chunked" } : headers,
    body,
  };
}

function fuzzedBody(random: Random, type: string): Buffer {
  const kind = random();
  if (kind < 0.03) return randomBytes(random, Math.floor(random() * 2000));
  if (kind < 0.05) return nested(random);
  if (kind < 0.053)
    return Buffer.alloc(
      Math.floor(random() * 400_000),
      pick(random, ["[", "{", "9", " ", "\n", '"']),
    );
  let body = type.includes("protobuf") ? batch(random) : json(random, type);
  for (let times = Math.floor(random() * 4); times > 0; times--) body = damaged(random, body);
  return body;
}

function json(random: Random, type: string): Buffer {
  const count = random() < 0.02 ? 500 + Math.floor(random() * 3) : 1 + Math.floor(random() * 5);
  const lines = Array.from({ length: count }, () => {
    const record = pick(random, records);
    return random() < 0.3 ? withToken(random, record) : record;
  });
  return Buffer.from(
    type.includes("json;") || random() < 0.3 ? `[${lines.join(",")}]` : lines.join("\n"),
  );
}

/** A record with one value, or one place, taken by something else. */
function withToken(random: Random, record: string): string {
  const token = pick(random, tokens);
  if (random() < 0.5) {
    const at = Math.floor(random() * record.length);
    return record.slice(0, at) + token + record.slice(at);
  }
  const parts = record.split(",");
  const index = Math.floor(random() * parts.length);
  const [name = ""] = (parts[index] ?? "").split(":");
  return parts.with(index, `${name}:${token}`).join(",");
}

function batch(random: Random): Buffer {
  const count = random() < 0.02 ? 501 : 1 + Math.floor(random() * 5);
  return Buffer.from(encodeEventBatch(Array.from({ length: count }, () => pick(random, samples))));
}

/** Bits turned, bytes cut out, put in or said twice. */
function damaged(random: Random, bytes: Buffer): Buffer {
  const at = Math.floor(random() * bytes.length);
  const length = Math.floor(random() * 20);
  switch (Math.floor(random() * 5)) {
    case 0: {
      const turned = Buffer.from(bytes);
      if (bytes.length > 0) turned[at] = (turned[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      return turned;
    }
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 3:
      return Buffer.concat([
        bytes.subarray(0, at),
        randomBytes(random, length),
        bytes.subarray(at),
      ]);
    default:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
  }
}

function nested(random: Random): Buffer {
  const depth = Math.floor(random() ** 3 * 60_000);
  const open = pick(random, ["[", '{"a":', '{"bid_id":[']);
  return Buffer.from(
    random() < 0.5
      ? open.repeat(depth / open.length)
      : `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`,
  );
}

function fuzzedNotice(random: Random): IngestRequest {
  const type = pick(random, ["win", "billing", "loss", "Win", "win/", "x"]);
  const target = WIN.replace("win", type);
  const query = target.slice(target.indexOf("?") + 1);
  const values = [
    "",
    "$%7BAUCTION_PRICE%7D",
    "AUDIT",
    "%00",
    "%zz",
    "%ED%A0%80",
    "-1",
    "1e3",
    "x".repeat(3000),
    "2.1234567",
    "&",
    "=",
    "&price=1",
    "%26price%3D1",
    "∞",
  ];
  const parts = query.split("&");
  const index = Math.floor(random() * parts.length);
  const [name = ""] = (parts[index] ?? "").split("=");
  const fuzzed = encodeURI(
    parts.with(index, `${name}=${pick(random, values)}`).join("&"),
  ).replaceAll("%25", "%");
  const path = target.slice(0, target.indexOf("?"));
  if (random() < 0.7) return { method: pick(random, ["GET", "POST"]), target: `${path}?${fuzzed}` };
  const body = JSON.stringify(Object.fromEntries(new URLSearchParams(fuzzed)));
  const damage = random() < 0.5 ? damaged(random, Buffer.from(body)) : body;
  return {
    method: "POST",
    target: path,
    headers: { "Content-Type": "application/json" },
    body: damage,
  };
}

/** Requests at fault in their head. */
function oddRequest(random: Random): IngestRequest {
  const record = pick(random, records);
  const json = { "Content-Type": "application/json" };
  const odd: readonly IngestRequest[] = [
    { method: "PUT", target: "/v1/events", headers: json, body: record },
    { method: "OPTIONS", target: "/v1/events" },
    { method: "GET", target: "/v1/events" },
    {
      method: "POST",
      target: "/v1/events",
      headers: { ...json, "Content-Encoding": "gzip" },
      body: gzipSync(record),
    },
    {
      method: "POST",
      target: "/v1/events",
      headers: { ...json, "Content-Encoding": "br, gzip" },
      body: record,
    },
    { method: "POST", target: "/v1/events?x=%", headers: json, body: record },
    { method: "POST", target: "//v1/events", headers: json, body: record },
    { method: "POST", target: "/v1/../v1/events", headers: json, body: record },
    { method: "GET", target: "http://elsewhere/v1/notices/win?price=1" },
    { method: "GET", target: "/health?x" },
    { method: "GET", target: "*" },
    { method: "GET", target: `/v1/notices/win?${"a=b&".repeat(3500)}` },
    { method: "GET", target: `/${"a".repeat(20_000)}` },
    {
      method: "POST",
      target: "/v1/events",
      headers: { ...json, "X-Gavel-Signature": "x", Cookie: "a".repeat(5000) },
      body: record,
    },
    {
      method: "POST",
      target: "/v1/events",
      headers: { ...json, Expect: "100-continue" },
      body: record,
    },
  ];
  return pick(random, odd);
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
}
