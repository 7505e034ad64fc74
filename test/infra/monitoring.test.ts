import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { alerts } from "../../infra/monitoring/alerts.ts";
import { burnAlerts } from "../../infra/monitoring/burn-rate.ts";
import { dashboardJson, panels } from "../../infra/monitoring/dashboard.ts";
import { logMetrics } from "../../infra/monitoring/log-metrics.ts";
import { workerMetrics } from "../../infra/monitoring/worker-metrics.ts";

const root = join(import.meta.dirname, "../..");

/** All source that a worker may run: its own folder, and what workers share. */
function sourceOf(program: string): string {
  const folders = [`workers/${program}`, "shared/io"];
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", ...folders], {
    cwd: root,
    encoding: "utf8",
  });
  return files
    .trim()
    .split("\n")
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");
}

test("each metric is one that the workers named with it set, as far as those workers are there", () => {
  for (const { field, programs } of workerMetrics) {
    const name = field.replace(/_mean$/, "");
    const call = new RegExp(`metrics\\.(add|set|observe)\\(\\s*"${name}"`);
    for (const program of programs.filter((each) => existsSync(join(root, "workers", each)))) {
      expect([field, program, call.test(sourceOf(program))]).toEqual([field, program, true]);
    }
  }
});

test("an alert burns at the workbook's rates, over a long and a short window", () => {
  expect(burnAlerts(0.999, (window) => `bad[${window}]`)).toEqual([
    { severity: "CRITICAL", query: "(bad[1h]) > 0.0144 and (bad[5m]) > 0.0144" },
    { severity: "WARNING", query: "(bad[6h]) > 0.006 and (bad[30m]) > 0.006" },
  ]);
});

test("every alert has a runbook section of its name, and every section an alert", () => {
  const readme = readFileSync(join(root, "infra/README.md"), "utf8");
  const runbook = readme.slice(readme.indexOf("# Runbook"));
  const sections = [...runbook.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  const linked = new Set(alerts.map((alert) => alert.runbook));
  expect(sections.toSorted()).toEqual([...linked].toSorted());
});

test("alerts and panels read series that exist: our log-based metrics and Google's", () => {
  const queries = [...alerts.map(({ query }) => query), ...panels.map(({ query }) => query)];
  const named = queries.flatMap((query) => [...query.matchAll(/\b(\w+_googleapis_com):(\w+)/g)]);
  const ours = new Set(logMetrics.map(({ name }) => `user_${name}`));
  for (const [, service, series = ""] of named) {
    if (service === "logging_googleapis_com") {
      expect([series, ours.has(series.replace(/_(sum|count)$/, ""))]).toEqual([series, true]);
    } else expect(googleSeries).toContain(`${service}:${series}`);
  }
  // A metric from logs that names no kind of resource is an error of PromQL's.
  const unnamed = /logging_googleapis_com:\w+(?!\w|\{monitored_resource=)/;
  expect(queries.filter((query) => unnamed.test(query))).toEqual([]);
  expect(queries.every((query) => balanced(query))).toBe(true);
});

/** Source: Google Cloud metrics list, in PromQL's spelling. */
const googleSeries = [
  "pubsub_googleapis_com:subscription_oldest_unacked_message_age",
  "pubsub_googleapis_com:subscription_num_undelivered_messages",
  "run_googleapis_com:request_count",
  "spanner_googleapis_com:api_request_count",
  "spanner_googleapis_com:instance_cpu_utilization_by_priority",
];

function balanced(query: string): boolean {
  const depth = { "(": 1, ")": -1, "{": 1, "}": -1, "[": 1, "]": -1 } as const;
  let open = 0;
  for (const mark of query) {
    open += depth[mark as keyof typeof depth] ?? 0; // Any other character opens nothing.
    if (open < 0) return false;
  }
  return open === 0;
}

test("the dashboard's panels lie side by side and none over another", () => {
  const { mosaicLayout } = JSON.parse(dashboardJson());
  const places = mosaicLayout.tiles.map((tile: { xPos: number; yPos: number }) =>
    [tile.xPos, tile.yPos].join(","),
  );
  expect(new Set(places).size).toBe(panels.length);
  const titles = panels.map(({ title }) => title).join("\n");
  for (const asked of [
    "Throughput",
    "Lag",
    "Oldest unacked",
    "Watermark age",
    "Commit latency",
    "Aborts",
    "Late",
    "Duplicates",
    "Dead letters",
    "Ledger",
  ]) {
    expect(titles).toContain(asked);
  }
});
