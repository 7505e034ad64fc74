import fc from "fast-check";
import {
  readCredentials,
  SIGNATURE_SKEW_MS,
  signedText,
} from "../../../../../shared/core/ingest/request-signature.ts";

const nowMs = 1_767_225_600_000;
const text = fc.string({ unit: "grapheme-ascii", maxLength: 30 });

test("no query makes reading credentials throw, and only well-formed fresh ones are credentials", () => {
  const parts = fc.constantFrom(
    "gavel_key=us-1",
    `gavel_timestamp=${nowMs / 1000}`,
    "gavel_nonce=0123456789abcdef",
    `gavel_signature=${"ab".repeat(32)}`,
    "gavel_signature=",
    "price=1",
  );
  const query = fc.array(fc.oneof(parts, text), { maxLength: 8 });
  fc.assert(
    fc.property(query, (given) => {
      const target = `/v1/notices/win?${given.join("&")}`;
      const read = readCredentials({ method: "GET", target, headers: {} }, nowMs);
      if (read.kind === "fault") expect(read.status).toBe(401);
      else {
        expect(`${read.signedTarget}&gavel_signature=${read.signature}`).toBe(target);
        expect(read.signature).toMatch(/^[0-9a-f]{64}$/);
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  [-SIGNATURE_SKEW_MS, "credentials"],
  [SIGNATURE_SKEW_MS, "credentials"],
  [-SIGNATURE_SKEW_MS - 1000, "fault"],
  [SIGNATURE_SKEW_MS + 1000, "fault"],
])("a timestamp %i ms from our clock gives %s", (offsetMs, kind) => {
  const headers = {
    "x-gavel-key": "us-1",
    "x-gavel-timestamp": String((nowMs + offsetMs) / 1000),
    "x-gavel-nonce": "0123456789abcdef",
    "x-gavel-signature": "ab".repeat(32),
  };
  const head = { method: "POST", target: "/v1/events", headers };
  expect(readCredentials(head, nowMs).kind).toBe(kind);
});

test("the query of a POST is no place for a signature", () => {
  const target = `/v1/notices/win?gavel_key=us-1&gavel_timestamp=${nowMs / 1000}&gavel_nonce=0123456789abcdef&gavel_signature=${"ab".repeat(32)}`;
  expect(readCredentials({ method: "POST", target, headers: {} }, nowMs)).toMatchObject({
    reason: "unsigned",
  });
  expect(readCredentials({ method: "GET", target, headers: {} }, nowMs).kind).toBe("credentials");
});

test("each part that is signed changes the text that is signed", () => {
  const base = { signedTarget: "/v1/events", timestampS: 1, nonce: "n" };
  const texts = [
    signedText("POST", base, "00"),
    signedText("GET", base, "00"),
    signedText("POST", { ...base, signedTarget: "/v1/events?" }, "00"),
    signedText("POST", { ...base, timestampS: 2 }, "00"),
    signedText("POST", { ...base, nonce: "m" }, "00"),
    signedText("POST", base, "01"),
  ];
  expect(new Set(texts).size).toBe(texts.length);
});
