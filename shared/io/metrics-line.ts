import type { MetricsSnapshot } from "./metrics.ts";
import type { LogFields } from "./ports.ts";

/**
 * What happened between two snapshots, as fields of one log line that log-based metrics are made from:
 * counters by what they grew, gauges as they are, distributions as `<name>_mean` of what was observed.
 * What cannot be told is left out: a distribution of nothing, a gauge that is not finite.
 */
export function metricsLine(before: MetricsSnapshot, after: MetricsSnapshot): LogFields {
  const fields: Record<string, number> = {};
  for (const [name, count] of Object.entries(after.counters)) {
    fields[name] = count - (before.counters[name] ?? 0);
  }
  for (const [name, value] of Object.entries(after.gauges)) {
    if (Number.isFinite(value)) fields[name] = value;
  }
  for (const [name, { count, sum }] of Object.entries(after.histograms)) {
    const known = before.histograms[name] ?? { count: 0, sum: 0 };
    if (count > known.count) fields[`${name}_mean`] = (sum - known.sum) / (count - known.count);
  }
  return fields;
}
