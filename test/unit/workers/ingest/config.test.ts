import { readIngestConfig } from "../../../../workers/ingest/config.ts";

const secret = "0123456789abcdef0123456789abcdef";
const keys = JSON.stringify({ "exchange-us": { "us-1": secret } });
const signed = { GAVEL_REGION: "us", GAVEL_INGEST_KEYS: keys };

test("keys belong to their source", () => {
  const { keys: read } = readIngestConfig(signed);
  expect([...(read ?? [])]).toEqual([["us-1", { source: "exchange-us", secret }]]);
});

test("signing is off on loopback only", () => {
  const off = { GAVEL_REGION: "us", GAVEL_INGEST_SIGNING: "off" };
  expect(readIngestConfig({ ...off, GAVEL_INGEST_HOST: "127.0.0.1" }).keys).toBeUndefined();
  expect(() => readIngestConfig(off)).toThrow('GAVEL_INGEST_HOST "0.0.0.0": only on 127.0.0.1');
});

const faults: readonly [string, string | undefined, string][] = [
  ["no keys", undefined, "set GAVEL_INGEST_KEYS or GAVEL_INGEST_KEYS_FILE, one of them"],
  ["no JSON", `{"a": ${secret}`, "keys are no JSON object"],
  ["an empty object", "{}", "there is no key"],
  [
    "three keys of one source",
    JSON.stringify({ a: { k1: secret, k2: secret, k3: secret } }),
    'source "a" has 3 keys',
  ],
  [
    "one key of two sources",
    JSON.stringify({ a: { k1: secret }, b: { k1: secret } }),
    'key "k1" is given twice',
  ],
  [
    "a short secret",
    JSON.stringify({ a: { k1: secret.slice(1) } }),
    'key "k1" has a secret of less than 32 characters',
  ],
  ["a secret that is no text", JSON.stringify({ a: { k1: 5 } }), 'key "k1" has a secret'],
  ["a source with a slash", JSON.stringify({ "a/b": { k1: secret } }), 'source "a/b": use letters'],
];

test.each(faults)("%s is one clear fault that shows no secret", (_kind, json, sentence) => {
  const read = (): unknown => readIngestConfig({ ...signed, GAVEL_INGEST_KEYS: json });
  expect(read).toThrow(sentence);
  expect(read).not.toThrow(secret.slice(1));
});
