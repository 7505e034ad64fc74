import { MemoryMetrics } from "../../../../shared/io/metrics.ts";
import { metricsLine } from "../../../../shared/io/metrics-line.ts";

test("a metrics line tells what happened since the last: growth, gauges, means, and nothing unknown", () => {
  const metrics = new MemoryMetrics();
  metrics.add("bundles", 5);
  metrics.observe("commit_ms", 100);
  const before = metrics.snapshot();
  metrics.add("bundles", 2);
  metrics.add("dead_letters", 1);
  metrics.set("watermark_age_ms", 1500);
  metrics.set("watermark_ms", Number.NEGATIVE_INFINITY);
  metrics.observe("commit_ms", 10);
  metrics.observe("commit_ms", 20);
  expect(metricsLine(before, metrics.snapshot())).toEqual({
    bundles: 2,
    dead_letters: 1,
    watermark_age_ms: 1500,
    commit_ms_mean: 15,
  });
  const after = metrics.snapshot();
  expect(metricsLine(after, after)).toEqual({
    bundles: 0,
    dead_letters: 0,
    watermark_age_ms: 1500,
  });
});
