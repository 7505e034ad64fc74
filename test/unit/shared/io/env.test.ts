import { UsageError } from "../../../../shared/core/errors.ts";
import { Env } from "../../../../shared/io/env.ts";
import { readWindowWorkerConfig } from "../../../../workers/window/config.ts";

test("every fault is told at once, with its name, value and range", () => {
  const env = new Env({ COUNT: "abc", SIDE: "up" });
  env.string("NAME");
  env.integer("COUNT", { min: 1, max: 9 });
  env.oneOf("SIDE", ["left", "right"]);
  expect(() => env.check()).toThrow(
    new UsageError(
      'NAME is not set\nCOUNT is "abc": give 1 to 9\nSIDE is "up": give one of left, right',
    ),
  );
});

test("sound values are read, absent ones take their defaults", () => {
  const env = new Env({ COUNT: "7", EMPTY: "" });
  expect(env.integer("COUNT", { min: 1, max: 9 })).toBe(7);
  expect(env.integer("OTHER", { min: 1, max: 9, default: 3 })).toBe(3);
  expect(env.optional("EMPTY")).toBeUndefined();
  expect(() => env.check()).not.toThrow();
});

test("the window worker names every fault of its windows", () => {
  const variables = { GAVEL_REGION: "us", GAVEL_WINDOWS: "65,60:90,x", GAVEL_SLICE_MS: "10000" };
  expect(() => readWindowWorkerConfig(variables)).toThrow(UsageError);
  expect(() => readWindowWorkerConfig(variables)).toThrow(
    /has "x"[\s\S]*65000 ms by 65000 ms: its size is no multiple[\s\S]*60000 ms by 90000 ms: a slide longer/,
  );
});

test("windows are read as size or size:slide in seconds", () => {
  const { windows } = readWindowWorkerConfig({ GAVEL_REGION: "eu", GAVEL_WINDOWS: "30, 120:10" });
  expect(windows.shapes).toEqual([
    { sizeMs: 30_000, slideMs: 30_000 },
    { sizeMs: 120_000, slideMs: 10_000 },
  ]);
});
