import { type CostCase, monthlyCost, totalOf } from "../../infra/cost/monthly-cost.ts";
import { prices } from "../../infra/cost/prices.ts";

const idle: CostCase = {
  name: "idle",
  eventsPerS: 0,
  regions: 2,
  countsUnits: 300,
  ledgerUnits: 100,
  isLedgerMultiRegion: false,
  retentionDays: 7,
  instances: 0,
  gibPerInstance: 1,
};

test("a system without events and instances costs its Spanner instances and nothing else", () => {
  const units = 2 * 3 + 1;
  expect(totalOf(monthlyCost(idle))).toBeCloseTo(
    units * 730 * prices.spannerRegionalPer100UnitHours,
    6,
  );
});

test("what depends on the load grows in step with it", () => {
  const loaded = { ...idle, countsUnits: 0, ledgerUnits: 0, eventsPerS: 1000 };
  const tenfold = { ...loaded, eventsPerS: 10_000 };
  expect(totalOf(monthlyCost(tenfold))).toBeCloseTo(10 * totalOf(monthlyCost(loaded)), 6);
});

test("each line of a bill is the product of the numbers that it shows", () => {
  for (const { sum, usdPerMonth } of monthlyCost({ ...idle, eventsPerS: 12_345, instances: 7 })) {
    const shown = [...sum.matchAll(/\$?([\d.,]+)(?= |$)/g)].map(([, number = ""]) =>
      Number(number.replaceAll(",", "")),
    );
    expect(shown.length > 1).toBe(true);
    const product = shown.reduce((all, each) => all * each, 1);
    expect(Math.abs(product - usdPerMonth)).toBeLessThanOrEqual(0.02 * usdPerMonth);
  }
});
