import { createServer } from "node:http";
import { messageOf } from "../core/errors.ts";
import type { MemoryMetrics, MetricsSnapshot } from "./metrics.ts";
import type { Log } from "./ports.ts";

/** What a process says of itself at `/metrics.json`. */
export interface MetricsReport {
  readonly worker: string;
  /** The region it works in, "" where it works in all. */
  readonly region: string;
  /** Tells one life of the process from the next, whose counters start at zero. */
  readonly startedAtMs: number;
  readonly metrics: MetricsSnapshot;
}

/**
 * Serves a process's metrics: `/metrics` as Prometheus reads them, `/metrics.json` as the console does.
 * A port that cannot be had is logged, and the process works on without.
 */
export function serveMetrics(
  place: { readonly worker: string; readonly region: string; readonly startedAtMs: number },
  listen: { readonly host: string; readonly port: number },
  { metrics, log }: { readonly metrics: MemoryMetrics; readonly log: Log },
): void {
  const server = createServer((request, response) => {
    const report: MetricsReport = { ...place, metrics: metrics.snapshot() };
    if (request.url === "/metrics.json") {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(report));
    } else if (request.url === "/metrics") {
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
      response.end(prometheusText(report));
    } else {
      response.writeHead(404, { "content-type": "text/plain" });
      response.end("give /metrics or /metrics.json\n");
    }
  });
  server.on("error", (error) => log.error("metrics are not served", { reason: messageOf(error) }));
  server.listen(listen.port, listen.host);
  server.unref();
}

/** A report in Prometheus' text format: counters `_total`, histograms with the buckets that are in use. */
export function prometheusText({ worker, region, metrics }: MetricsReport): string {
  const labels = `worker="${worker}"${region === "" ? "" : `,region="${region}"`}`;
  const lines: string[] = [];
  for (const [name, value] of Object.entries(metrics.counters)) {
    lines.push(`# TYPE gavel_${name}_total counter`, `gavel_${name}_total{${labels}} ${value}`);
  }
  for (const [name, value] of Object.entries(metrics.gauges)) {
    lines.push(`# TYPE gavel_${name} gauge`, `gavel_${name}{${labels}} ${value}`);
  }
  for (const [name, { count, sum, buckets }] of Object.entries(metrics.histograms)) {
    lines.push(`# TYPE gavel_${name} histogram`);
    let below = 0;
    for (const [upTo, inBucket] of buckets) {
      below += inBucket;
      lines.push(`gavel_${name}_bucket{${labels},le="${upTo}"} ${below}`);
    }
    lines.push(
      `gavel_${name}_bucket{${labels},le="+Inf"} ${count}`,
      `gavel_${name}_sum{${labels}} ${sum}`,
      `gavel_${name}_count{${labels}} ${count}`,
    );
  }
  return `${lines.join("\n")}\n`;
}
