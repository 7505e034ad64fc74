import { SortedMap } from "../../../../../emulator/spanner/storage/sorted-map.ts";
import { prng } from "../../../../support/prng.ts";

test("it holds what a Map holds, in order, through splits and deletions", () => {
  const random = prng(7);
  const sorted = new SortedMap<number>();
  const reference = new Map<string, number>();
  for (let step = 0; step < 20_000; step++) {
    const key = String(Math.floor(random() * 4000)).padStart(5, "0");
    if (random() < 0.3) {
      sorted.delete(key);
      reference.delete(key);
    } else {
      sorted.set(key, step);
      reference.set(key, step);
    }
  }
  const expected = [...reference].sort(([left], [right]) => (left < right ? -1 : 1));
  expect([...sorted.entries("", "~")]).toEqual(expected);
  expect(sorted.size).toBe(reference.size);
  expect([...sorted.entries("01000", "01010")]).toEqual(
    expected.filter(([key]) => key >= "01000" && key < "01010"),
  );
  expect(expected.every(([key, value]) => sorted.get(key) === value)).toBe(true);
});

test("it can be emptied and filled again", () => {
  const sorted = new SortedMap<number>();
  const keys = Array.from({ length: 2000 }, (_, index) => `k${String(index).padStart(4, "0")}`);
  for (const key of keys) sorted.set(key, 1);
  for (const key of keys) sorted.delete(key);
  expect([...sorted.entries("", "~")]).toEqual([]);
  sorted.set("b", 2);
  sorted.set("a", 1);
  expect([...sorted.entries("", "~")]).toEqual([
    ["a", 1],
    ["b", 2],
  ]);
});
