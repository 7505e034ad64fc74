import { inputsOf, SliceClosing } from "../../../../../shared/core/watch/closed-slices.ts";

const config = { sliceMs: 60_000, darkAfterMs: 30_000 };

function at(region: string, watermarkMs: number) {
  return { region, watermarkMs, readAtMs: 7 };
}

test("D16: a slice is closed once every region that ever posted has passed its end", () => {
  const closing = new SliceClosing(config);
  expect(closing.closedUntilMs([], 0)).toBeUndefined();
  expect(closing.closedUntilMs([at("us", 130_000), at("eu", 59_999)], 0)).toBe(0);
  expect(closing.closedUntilMs([at("us", 130_000), at("eu", 119_000)], 1)).toBe(60_000);
});

test("D16: a region that lags is waited for just as long as is set", () => {
  const closing = new SliceClosing(config);
  const progress = [at("us", 130_000), at("eu", 10)];
  expect(closing.closedUntilMs(progress, 1000)).toBe(0);
  expect(closing.closedUntilMs(progress, 30_999)).toBe(0);
  expect(closing.closedUntilMs(progress, 31_000)).toBe(120_000);
  expect(closing.closedUntilMs([at("us", 190_000), at("eu", 20)], 31_001)).toBe(120_000);
});

test("D16: a slice is read from the regions that have passed it, as they stood then", () => {
  expect(inputsOf([at("us", 60_000), at("eu", 59_999)], 60_000)).toEqual({ us: 7 });
});
