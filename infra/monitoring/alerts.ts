import { deadLetterSubscription } from "../../shared/names.ts";
import { type BadShare, burnAlerts } from "./burn-rate.ts";
import { failedAudits, lineSeries, workerEndedMetric } from "./log-metrics.ts";
import { seriesOf } from "./worker-metrics.ts";

/** What somebody is told of, and where the README says what to do. */
export interface AlertSpec {
  readonly id: string;
  readonly title: string;
  readonly severity: "CRITICAL" | "ERROR" | "WARNING";
  /** PromQL that gives a series where something is wrong. */
  readonly query: string;
  /** How long it has to be wrong. Seconds. */
  readonly forS: number;
  /** Heading of infra/README.md. */
  readonly runbook: string;
}

const grown = (field: string, window: string): string =>
  `sum by (location) (increase(${seriesOf(field, "sum")}[${window}]))`;

/** Late of all that were counted or late. */
export const lateShare: BadShare = (window) =>
  `${grown("events_late", window)} / (${grown("events_counted", window)} + ${grown("events_late", window)})`;

export const deadLetterShare: BadShare = (window) =>
  `${grown("dead_letters", window)} / ${grown("messages_received", window)}`;

/** Mean age of the watermark in the last minutes, by region. Milliseconds. */
export const watermarkAge = `sum by (location) (increase(${seriesOf("watermark_age_ms", "sum")}[3m])) / sum by (location) (increase(${seriesOf("watermark_age_ms", "count")}[3m]))`;

/** A window is shown this long after its end at the latest, in 99 of 100 minutes. */
const WATERMARK_AGE_MAX_MS = 120_000;
const staleShare: BadShare = (window) =>
  `avg_over_time(((${watermarkAge}) > bool ${WATERMARK_AGE_MAX_MS})[${window}:1m])`;

const ingest =
  'run_googleapis_com:request_count{monitored_resource="cloud_run_revision",service_name=~"ingest-.*"';
const ingestErrorShare: BadShare = (window) =>
  `sum(rate(${ingest},response_code_class="5xx"}[${window}])) / sum(rate(${ingest}}[${window}]))`;

/** A lost race is how the auction log locks, and an abort is tried again: neither is an error. */
const spanner = 'spanner_googleapis_com:api_request_count{monitored_resource="spanner_instance"';
const spannerErrorShare: BadShare = (window) =>
  `sum by (instance_id) (rate(${spanner},status!~"OK|ABORTED|ALREADY_EXISTS|CANCELLED"}[${window}])) / sum by (instance_id) (rate(${spanner}}[${window}]))`;

const oldestUnacked =
  'pubsub_googleapis_com:subscription_oldest_unacked_message_age{monitored_resource="pubsub_subscription"';
const undelivered =
  'pubsub_googleapis_com:subscription_num_undelivered_messages{monitored_resource="pubsub_subscription"';

/** Every alert. */
export const alerts: readonly AlertSpec[] = [
  ...burning("counting-behind", "Counting is behind", 0.99, staleShare),
  ...burning("late-events", "Events come too late to count", 0.999, lateShare),
  ...burning("dead-letters", "Messages can never succeed", 0.9999, deadLetterShare),
  ...burning("ingest-errors", "Ingest fails", 0.999, ingestErrorShare),
  ...burning("spanner-errors", "Spanner refuses", 0.999, spannerErrorShare),
  {
    id: "backlog",
    title: "A subscription is not drained",
    severity: "ERROR",
    query: `max by (subscription_id) (${oldestUnacked},subscription_id!="${deadLetterSubscription}"}) > 600`,
    forS: 300,
    runbook: "backlog",
  },
  {
    id: "dead-letters-waiting",
    title: "Dead letters wait to be looked at",
    severity: "WARNING",
    query: `max(${undelivered},subscription_id="${deadLetterSubscription}"}) > 0`,
    forS: 600,
    runbook: "dead-letters",
  },
  {
    id: "spanner-cpu",
    title: "Spanner is short of processing units",
    severity: "WARNING",
    query:
      'max by (instance_id) (spanner_googleapis_com:instance_cpu_utilization_by_priority{monitored_resource="spanner_instance",priority="high"}) > 0.65',
    forS: 600,
    runbook: "spanner-cpu",
  },
  {
    id: "worker-ends",
    title: "A worker ends again and again",
    severity: "ERROR",
    query: ["cloud_run_worker_pool", "cloud_run_revision"]
      .map((kind) => `sum(increase(${lineSeries(workerEndedMetric, kind)}[10m])) > 3`)
      .join(" or "),
    forS: 60,
    runbook: "worker-ends",
  },
  {
    id: "workers-silent",
    title: "No window worker tells its metrics",
    severity: "CRITICAL",
    query: `absent_over_time(${seriesOf("messages_received", "count")}[15m])`,
    forS: 60,
    runbook: "workers-silent",
  },
  {
    id: "ledger",
    title: "The ledger does not balance",
    severity: "CRITICAL",
    query: `sum(increase(${failedAudits}[2h])) > 0`,
    forS: 60,
    runbook: "ledger",
  },
];

function burning(
  id: string,
  title: string,
  objective: number,
  share: BadShare,
): readonly AlertSpec[] {
  return burnAlerts(objective, share).map(({ severity, query }) => ({
    id: `${id}-${severity.toLowerCase()}`,
    title,
    severity,
    query,
    forS: 120,
    runbook: id,
  }));
}
