import type { ProgramName } from "../workers.ts";

/** A field of the workers' metrics line that a log-based metric is made from. */
export interface WorkerMetric {
  /** The field: a counter's growth in a minute, a gauge, or `<distribution>_mean`. */
  readonly field: string;
  readonly unit: "1" | "ms";
  readonly programs: readonly ProgramName[];
  readonly means: string;
}

/** Every field that dashboards and alerts read. A test holds the names against the workers' code. */
export const workerMetrics: readonly WorkerMetric[] = [
  metric("messages_received", "1", ["window", "settlement", "import"], "Messages pulled"),
  metric("events_counted", "1", ["window"], "Events counted"),
  metric("events_duplicate", "1", ["window"], "Events that came again"),
  metric("events_late", "1", ["window"], "Events beyond the allowed lateness"),
  metric(
    "dead_letters",
    "1",
    ["window", "settlement", "import"],
    "Messages that can never succeed",
  ),
  metric("commit_races", "1", ["window"], "Commits lost to another worker"),
  metric(
    "bundle_retries",
    "1",
    ["window", "settlement", "import"],
    "Bundles that failed and were tried again",
  ),
  metric("bids_settled", "1", ["settlement"], "Bids whose settlement changed"),
  metric("watermark_age_ms", "ms", ["window"], "Age of the region's watermark"),
  metric("commit_ms_mean", "ms", ["window", "settlement"], "Duration of a commit"),
  metric("publish_ms_mean", "ms", ["window", "settlement"], "Duration of an upsert into BigQuery"),
];

/** Name of a field's log-based metric. */
export function logMetricOf(field: string): string {
  return `gavel_${field}`;
}

/**
 * The metric in PromQL; `part` of the distribution that its lines make. A metric from logs belongs to
 * several kinds of resource, so PromQL wants the one told that is meant: all of these are pull workers'.
 */
export function seriesOf(field: string, part: "sum" | "count"): string {
  if (!workerMetrics.some((each) => each.field === field)) {
    throw new RangeError(`${field} is no metric of a worker`);
  }
  return `logging_googleapis_com:user_${logMetricOf(field)}_${part}{monitored_resource="cloud_run_worker_pool"}`;
}

function metric(
  field: string,
  unit: WorkerMetric["unit"],
  ...[programs, means]: readonly [readonly ProgramName[], string]
): WorkerMetric {
  return { field, unit, programs, means };
}
