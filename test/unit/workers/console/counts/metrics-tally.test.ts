import { MemoryMetrics, percentileOf } from "../../../../../shared/io/metrics.ts";
import type { MetricsReport } from "../../../../../shared/io/metrics-server.ts";
import { MetricsTally } from "../../../../../workers/console/counts/metrics-tally.ts";
import { RateHistory } from "../../../../../workers/console/counts/rate-history.ts";

function reportOf(metrics: MemoryMetrics, startedAtMs: number): MetricsReport {
  return { worker: "window", region: "us", startedAtMs, metrics: metrics.snapshot() };
}

test("a worker that starts again counts from zero, and nothing is lost or counted twice", () => {
  const tally = new MetricsTally();
  const [first, second] = [new MemoryMetrics(), new MemoryMetrics()];
  first.add("events_counted", 5);
  tally.take("window-us", reportOf(first, 1));
  tally.take("window-us", reportOf(first, 1));
  first.add("events_counted", 2);
  first.add("events_duplicate", 1);
  tally.take("window-us", reportOf(first, 1));
  second.add("events_counted", 3);
  tally.take("window-us", reportOf(second, 2));
  expect(tally.total("events_counted")).toBe(10);
  expect(tally.received("us")).toBe(11);
});

test("ages shown are recent ones: an old outage leaves them", () => {
  const tally = new MetricsTally();
  const metrics = new MemoryMetrics();
  metrics.observe("publish_to_row_ms", 60_000);
  for (let report = 0; report < 120; report++) {
    metrics.observe("publish_to_row_ms", 300);
    tally.take("window-us", reportOf(metrics, 1));
  }
  const p99Ms = percentileOf(tally.recentAges(), 0.99);
  expect(p99Ms).toBeGreaterThanOrEqual(300);
  expect(p99Ms).toBeLessThan(300 * 1.06);
});

test("a rate is the counter's growth over the time that really passed", () => {
  const rates = new RateHistory(["us", "eu"]);
  rates.note(1000, () => 100);
  expect(rates.note(3000, (region) => (region === "us" ? 300 : 100))).toEqual([3000, 100, 0]);
});
