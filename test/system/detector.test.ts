import { killDetectors } from "../support/kill-detectors.ts";

test("D15: detectors that are killed while they judge lose no flag and raise none twice", async () => {
  const run = await killDetectors({ slices: 40, kills: 4, seed: 1 });
  expect(run.differences).toEqual([]);
  expect(run.expectedFlags).toBeGreaterThanOrEqual(2);
  expect(run.kills).toBe(4);
}, 120_000);
