import { metricsMessage } from "../../shared/names.ts";
import { logMetricOf, workerMetrics } from "./worker-metrics.ts";

/** A log-based metric in Cloud Logging's words. */
export interface LogMetricSpec {
  readonly name: string;
  readonly description: string;
  readonly filter: string;
  /** A distribution of a field's values, or, without a field, a count of lines. */
  readonly field?: string;
  readonly unit: string;
}

export const workerEndedMetric = "gavel_worker_ended";
const ledgerAuditMetric = "gavel_ledger_audit_failed";
const AUDIT_RUN = "bigquery_dts_config";
/** The failed audits in PromQL. */
export const failedAudits = lineSeries(ledgerAuditMetric, AUDIT_RUN);

/** A count of log lines in PromQL, which wants the kind of resource told that the lines are of. */
export function lineSeries(metric: string, resource: string): string {
  return `logging_googleapis_com:user_${metric}{monitored_resource="${resource}"}`;
}

/** A worker's log is that of its pool or its service. */
const OURS = 'resource.type=("cloud_run_worker_pool" OR "cloud_run_revision")';

/** Every log-based metric. */
export const logMetrics: readonly LogMetricSpec[] = [
  ...workerMetrics.map(({ field, unit, means, programs }) => ({
    name: logMetricOf(field),
    description: `${means} (${programs.join(", ")}).`,
    filter: `${OURS} AND jsonPayload.message="${metricsMessage}" AND jsonPayload.${field}:*`,
    field,
    unit,
  })),
  {
    name: workerEndedMetric,
    description: "Workers that ended by an error.",
    filter: `${OURS} AND jsonPayload.message="worker ended"`,
    unit: "1",
  },
  {
    name: ledgerAuditMetric,
    description: "Runs of the ledger's audit that found it out of balance, or failed.",
    filter: `resource.type="${AUDIT_RUN}" AND severity>=ERROR`,
    unit: "1",
  },
];
