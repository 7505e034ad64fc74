import { MemoryMetrics } from "../../../../shared/io/metrics.ts";
import { prometheusText } from "../../../../shared/io/metrics-server.ts";

test("Prometheus is given counters as totals, and a histogram's buckets one in the other", () => {
  const metrics = new MemoryMetrics();
  metrics.add("events_counted", 7);
  for (const value of [1, 1, 500]) metrics.observe("commit_ms", value);
  const lines = prometheusText({
    worker: "window",
    region: "us",
    startedAtMs: 0,
    metrics: metrics.snapshot(),
  }).split("\n");
  const labels = 'worker="window",region="us"';
  expect(lines).toContain(`gavel_events_counted_total{${labels}} 7`);
  const buckets = lines.filter((line) => line.startsWith("gavel_commit_ms_bucket"));
  expect(buckets.map((line) => Number(line.split(" ")[1]))).toEqual([2, 3, 3]);
  expect(buckets[0]).toBe(`gavel_commit_ms_bucket{${labels},le="1"} 2`);
  expect(buckets[2]).toBe(`gavel_commit_ms_bucket{${labels},le="+Inf"} 3`);
  expect(lines).toContain(`gavel_commit_ms_sum{${labels}} 502`);
});
