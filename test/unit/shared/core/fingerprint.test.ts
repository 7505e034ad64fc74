import { Fingerprint } from "../../../../shared/core/fingerprint.ts";
import { prng } from "../../../support/prng.ts";

function fingerprintOf(text: string): [number, number] {
  const bytes = Buffer.from(text);
  const fingerprint = new Fingerprint();
  fingerprint.open(bytes);
  fingerprint.of(0, bytes.length);
  return [fingerprint.high, fingerprint.low];
}

test("a million ids that differ in few digits differ in 52 bits of their fingerprints", () => {
  const bytes = Buffer.alloc(16, "0");
  const fingerprint = new Fingerprint();
  fingerprint.open(bytes);
  const seen = new Float64Array(1_000_000);
  for (let id = 0; id < 1_000_000; id++) {
    bytes.write(id.toString().padStart(8, "0"), id % 8, "latin1");
    bytes.write((id % 8).toString(), 15, "latin1");
    fingerprint.of(0, 16);
    seen[id] = fingerprint.high * 2 ** 20 + (fingerprint.low >>> 12);
    bytes.fill("0");
  }
  seen.sort();
  expect(seen.filter((value, index) => value === seen[index + 1]).length).toBe(0);
});

test("every bit of a fingerprint is set about half the time", () => {
  const random = prng(7);
  const counts = new Array<number>(64).fill(0);
  for (let round = 0; round < 4000; round++) {
    const halves = fingerprintOf(random().toString());
    for (let bit = 0; bit < 64; bit++) {
      counts[bit] = (counts[bit] ?? 0) + (((halves[bit >> 5] ?? 0) >>> (bit & 31)) & 1);
    }
  }
  expect(Math.min(...counts)).toBeGreaterThan(1800);
  expect(Math.max(...counts)).toBeLessThan(2200);
});

test.each([
  ["8a15b98c8f9e60d4f92aaab01acf52a4", [1_987_806_886, 830_370_575]],
  ["e674c8b3a148fae2-00000099", [3_650_919_545, 3_925_953_370]],
  ["segment-27", [2_602_056_266, 373_631_768]],
  ["abcdefg", [831_374_938, 295_550_505]],
  ["abcde", [2_915_564_740, 1_860_916_662]],
  ["abcd", [2_177_263_103, 1_928_091_421]],
  ["b1", [3_720_761_558, 4_251_686_345]],
])("the fingerprint of %s is what the auction log holds of earlier events", (text, pinned) => {
  expect(fingerprintOf(text)).toEqual(pinned);
});

test("a fingerprint is of its range alone, and the same in a column", () => {
  const random = prng(11);
  const bytes = Buffer.from(Array.from({ length: 64 }, () => Math.floor(random() * 256)));
  const fingerprint = new Fingerprint();
  const column = { high: new Uint32Array(2), low: new Uint32Array(2) };
  for (let end = 0; end <= bytes.length; end++) {
    for (let start = 0; start <= end; start++) {
      const text = Buffer.from(bytes.subarray(start, end));
      fingerprint.open(text);
      fingerprint.of(0, text.length);
      const alone = [fingerprint.high, fingerprint.low];
      fingerprint.open(bytes);
      fingerprint.into(column, 1, start, end);
      expect([column.high[1], column.low[1]]).toEqual(alone);
    }
  }
});

test("bytes outside what was opened are refused", () => {
  const fingerprint = new Fingerprint();
  fingerprint.open(Buffer.alloc(8));
  for (const [start, end] of [
    [-1, 2],
    [7, 9],
    [0, 9],
    [4, 12],
  ] as const) {
    expect(() => fingerprint.of(start, end)).toThrow(RangeError);
  }
});
