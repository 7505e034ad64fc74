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

test("fingerprints are what the auction log holds of earlier events", () => {
  expect(fingerprintOf("8a15b98c8f9e60d4f92aaab01acf52a4")).toEqual(PINNED_LONG);
  expect(fingerprintOf("b1")).toEqual(PINNED_SHORT);
});

const PINNED_LONG = [1_987_806_886, 830_370_575];
const PINNED_SHORT = [3_720_761_558, 4_251_686_345];
