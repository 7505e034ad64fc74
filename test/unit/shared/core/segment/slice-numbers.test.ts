import { SliceNumbers } from "../../../../../shared/core/segment/slice-numbers.ts";

test("slices are numbered as they come, and from 0 again once they are cleared", () => {
  const slices = new SliceNumbers(10);
  const opened = (timeMs: number): [number: number, startMs: number] => {
    slices.open(timeMs);
    return [slices.number, slices.startMs];
  };
  expect([25, 29, 20, 30, 19, 21].map(opened)).toEqual([
    [0, 20],
    [0, 20],
    [0, 20],
    [1, 30],
    [2, 10],
    [0, 20],
  ]);
  expect([0, 1, 2].map((number) => slices.startMsOf(number))).toEqual([20, 30, 10]);
  slices.clear();
  expect([21, 35].map(opened)).toEqual([
    [0, 20],
    [1, 30],
  ]);
});
