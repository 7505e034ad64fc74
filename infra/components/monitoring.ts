import { Budget } from "@pulumi/gcp/billing/index.js";
import { Metric } from "@pulumi/gcp/logging/index.js";
import { AlertPolicy, Dashboard, NotificationChannel } from "@pulumi/gcp/monitoring/index.js";
import { getProjectOutput } from "@pulumi/gcp/organizations/index.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  interpolate,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import type { CloudConfig } from "../cloud-config.ts";
import { type AlertSpec, alerts } from "../monitoring/alerts.ts";
import { dashboardJson } from "../monitoring/dashboard.ts";
import { type LogMetricSpec, logMetrics } from "../monitoring/log-metrics.ts";

export interface MonitoringArgs
  extends Pick<CloudConfig, "alertEmails" | "billingAccount" | "monthlyBudget" | "runbookUrl"> {
  readonly project: string;
  readonly after: readonly Resource[];
}

/** Metrics from the logs, the dashboard, the alerts with their runbooks, and the budget. */
export class Monitoring extends ComponentResource {
  constructor(name: string, args: MonitoringArgs, options: ComponentResourceOptions = {}) {
    super("rtb:monitoring:Monitoring", name, {}, options);
    const { project, after } = args;
    const own = { parent: this, dependsOn: [...after] };
    const receivers = args.alertEmails.map((email) => {
      const inputs = { project, type: "email", labels: { email_address: email } };
      return new NotificationChannel(`receiver-${email}`, inputs, own).name;
    });
    const metrics = logMetrics.map(
      (spec) => new Metric(spec.name, { project, ...metricArgs(spec) }, own),
    );
    // Both name metrics, which Cloud Monitoring does not know before the first is made.
    const measured = { parent: this, dependsOn: [...after, ...metrics] };
    new Dashboard("dashboard", { project, dashboardJson: dashboardJson() }, measured);
    for (const spec of alerts) {
      const inputs = { project, ...alertArgs(spec, args.runbookUrl, receivers) };
      new AlertPolicy(`alert-${spec.id}`, inputs, measured);
    }
    // Google keeps projects by number in budgets; an id would be a difference at each preview.
    const { number } = getProjectOutput({ projectId: project }, { parent: this });
    new Budget(
      "budget",
      {
        billingAccount: args.billingAccount,
        displayName: `Gavel in ${project}`,
        budgetFilter: { projects: [interpolate`projects/${number}`] },
        amount: { specifiedAmount: { units: String(args.monthlyBudget) } },
        thresholdRules: [0.5, 0.9, 1].map((thresholdPercent) => ({ thresholdPercent })),
        allUpdatesRule: { monitoringNotificationChannels: receivers },
      },
      own,
    );
    this.registerOutputs();
  }
}

function metricArgs({ name, description, filter, field, unit }: LogMetricSpec) {
  const counts = { name, description, filter };
  if (field === undefined) {
    return { ...counts, metricDescriptor: { metricKind: "DELTA", valueType: "INT64", unit } };
  }
  return {
    ...counts,
    valueExtractor: `EXTRACT(jsonPayload.${field})`,
    labelExtractors: { worker: "EXTRACT(jsonPayload.worker)" },
    metricDescriptor: {
      metricKind: "DELTA",
      valueType: "DISTRIBUTION",
      unit,
      labels: [{ key: "worker", valueType: "STRING", description: "The program." }],
    },
  };
}

function alertArgs(
  { title, severity, query, forS, runbook, id }: AlertSpec,
  runbookUrl: string,
  notificationChannels: readonly Output<string>[],
) {
  const url = `${runbookUrl}#${runbook}`;
  return {
    displayName: `Gavel: ${title}`,
    severity,
    combiner: "OR",
    conditions: [
      {
        displayName: title,
        conditionPrometheusQueryLanguage: {
          query,
          duration: `${forS}s`,
          evaluationInterval: "60s",
          alertRule: id.replaceAll("-", "_"),
          // A metric that no worker has sent yet is unknown, not wrong.
          disableMetricValidation: true,
        },
      },
    ],
    documentation: {
      content: `What it means and what to do: ${url}`,
      mimeType: "text/markdown",
      links: [{ displayName: "Runbook", url }],
    },
    notificationChannels: [...notificationChannels],
  };
}
