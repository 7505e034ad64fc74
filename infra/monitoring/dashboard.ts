import { deadLetterShare, lateShare, watermarkAge } from "./alerts.ts";
import { failedAudits } from "./log-metrics.ts";
import { seriesOf } from "./worker-metrics.ts";

interface Panel {
  readonly title: string;
  readonly query: string;
  readonly unit: string;
}

const perSecond = (field: string, by: string): string =>
  `sum by (${by}) (rate(${seriesOf(field, "sum")}[5m]))`;
const mean = (field: string): string =>
  `sum by (worker, location) (rate(${seriesOf(field, "sum")}[5m])) / sum by (worker, location) (rate(${seriesOf(field, "count")}[5m]))`;
const subscription = (metric: string): string =>
  `max by (subscription_id) (pubsub_googleapis_com:subscription_${metric}{monitored_resource="pubsub_subscription"})`;

/** What the operators' dashboard shows, in reading order. */
export const panels: readonly Panel[] = [
  panel("Throughput, messages a second", perSecond("messages_received", "worker, location"), "1/s"),
  panel("Counted, events a second", perSecond("events_counted", "location"), "1/s"),
  panel("Lag, messages", subscription("num_undelivered_messages"), "1"),
  panel("Oldest unacked", subscription("oldest_unacked_message_age"), "s"),
  panel("Watermark age", watermarkAge, "ms"),
  panel("Commit latency, mean", mean("commit_ms_mean"), "ms"),
  panel("Publish latency, mean", mean("publish_ms_mean"), "ms"),
  panel(
    "Aborts a second",
    'sum by (instance_id) (rate(spanner_googleapis_com:api_request_count{monitored_resource="spanner_instance",status="ABORTED"}[5m]))',
    "1/s",
  ),
  panel("Races lost a second", perSecond("commit_races", "location"), "1/s"),
  panel("Late, share of events", lateShare("5m"), "1"),
  panel("Duplicates a second", perSecond("events_duplicate", "location"), "1/s"),
  panel("Dead letters, share of messages", deadLetterShare("5m"), "1"),
  panel("Bids settled a second", perSecond("bids_settled", "location"), "1/s"),
  panel("Ledger audits that failed", `sum(increase(${failedAudits}[1h]))`, "1"),
];

const COLUMNS = 48;
const TILE = { width: 24, height: 16 } as const;

/** The dashboard as Cloud Monitoring's JSON: two panels a row. */
export function dashboardJson(): string {
  const perRow = COLUMNS / TILE.width;
  const tiles = panels.map(({ title, query, unit }, index) => ({
    xPos: (index % perRow) * TILE.width,
    yPos: Math.floor(index / perRow) * TILE.height,
    ...TILE,
    widget: {
      title,
      xyChart: {
        dataSets: [
          {
            plotType: "LINE",
            timeSeriesQuery: { prometheusQuery: query, unitOverride: unit },
          },
        ],
      },
    },
  }));
  return JSON.stringify({ displayName: "Gavel", mosaicLayout: { columns: COLUMNS, tiles } });
}

function panel(title: string, query: string, unit: string): Panel {
  return { title, query, unit };
}
